"""Enrichment: what an article says about itself, each value with where it came from."""

from worker.enrichment.base import Enricher, Skipped
from worker.enrichment.registry import build
from worker.enrichment.run import enrich, together

__all__ = ["Enricher", "Skipped", "build", "enrich", "together"]

"""Entities: who and what an article names, where, and how much it is about each."""

from worker.enrichment.entities.enricher import EntityEnricher

__all__ = ["EntityEnricher"]

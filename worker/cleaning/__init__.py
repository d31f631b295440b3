"""Cleaning: from a raw body to the text that the newsroom wrote."""

from worker.cleaning.base import Cleaned
from worker.cleaning.clean import clean, kind_of

__all__ = ["Cleaned", "clean", "kind_of"]

"""Deduplication: what is new, what is an update, what is a copy of what."""

"""Enrichment: what an article says about itself, each value with where it came from."""

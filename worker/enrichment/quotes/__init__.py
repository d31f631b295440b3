"""Quotes: what was said, in whose words."""

"""Cleaning: from a raw body to the text that the newsroom wrote."""

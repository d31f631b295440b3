"""Sinks: where articles go."""

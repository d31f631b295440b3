"""Tests of the sinks and the store."""

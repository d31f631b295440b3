"""An enricher and a sink of one newsroom."""

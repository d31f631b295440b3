"""Programs that the figures in the documentation come from."""

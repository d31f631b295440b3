"""The pipeline that people write by hand today, as a fair opponent. See `worker.py`."""

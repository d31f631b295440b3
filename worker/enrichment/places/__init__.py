"""Places: where an article happens, resolved to GeoNames."""

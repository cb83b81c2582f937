"""The values that travel along the pipeline."""

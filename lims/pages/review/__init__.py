"""The pages of the area review."""

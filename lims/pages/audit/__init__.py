"""The pages of the area audit."""

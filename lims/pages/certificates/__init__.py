"""The pages of the area certificates."""

"""The pages of the area entry."""

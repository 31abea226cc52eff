"""The pages of the area account."""

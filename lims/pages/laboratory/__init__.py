"""The pages of the area laboratory."""

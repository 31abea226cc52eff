"""The pages of the area catalogue."""

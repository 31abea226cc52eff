"""The pages of the area admin."""

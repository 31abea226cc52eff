"""The pages of the area lots."""

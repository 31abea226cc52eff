"""The pages of the area release."""

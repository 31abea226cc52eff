"""The pages of the area imports."""

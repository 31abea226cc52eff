"""The doors: an area of the site each."""

"""Pictures as SVG, the same on screen and in the PDF."""

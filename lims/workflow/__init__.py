"""Acts that span nouns."""

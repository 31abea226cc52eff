"""What a lot must meet: versioned, approved."""

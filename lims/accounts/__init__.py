"""Who may act, and how they sign."""

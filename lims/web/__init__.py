"""The kit behind every page: guard, session, errors, security headers."""

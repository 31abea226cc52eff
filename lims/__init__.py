"""The Livelot laboratory information management system."""

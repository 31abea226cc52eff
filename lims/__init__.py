"""The Livelot laboratory information management system."""

__version__ = "0.1.0"

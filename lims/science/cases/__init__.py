"""Adapters between reference cases and calculations: one module per family."""

"""Exports of the Vi-CELL BLU cell counter."""

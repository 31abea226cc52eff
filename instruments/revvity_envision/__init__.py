"""Exports of the EnVision plate reader."""

"""Exports of the EnSpire plate reader."""

"""Exports of CTL ImmunoSpot spot counters."""

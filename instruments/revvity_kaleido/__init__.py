"""Exports of Kaleido, the software of the EnSight plate reader."""

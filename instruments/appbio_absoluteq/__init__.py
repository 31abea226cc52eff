"""Exports of the QuantStudio Absolute Q digital PCR system."""

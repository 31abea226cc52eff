"""Tecan Magellan: lists, matrices, time courses and spectra, as workbook or delimited text.

Read: one line per well (with or without titles), one line per time with wells in columns (labels
below each other), plate matrices, spectra. What was measured stands in lines below the values.
"""

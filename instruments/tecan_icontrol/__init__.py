"""Tecan i-control: exports of infinite readers as xlsx, xls, csv or tab-delimited text.

Read: one or many sheets (a plate each), English and German words, several labels, endpoint
matrices and lists, kinetic tables with cycles in columns or in rows, one block per well with
several reads (the value is the Mean, StDev is calculated, the positions stand in the records),
wavelength scans. `tecan_spark` uses the same tables.
"""

"""Tecan SparkControl: exports of Spark readers as xlsx or delimited text.

Read: endpoint matrices and lists of wells, kinetic tables with cycles in rows or columns, scans,
a reference wavelength (measured) and the difference to it (calculated), the plate layout. The start
is the first "Start Time": the time in the head is when the file was written.
"""

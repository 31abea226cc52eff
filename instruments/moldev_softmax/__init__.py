"""Molecular Devices SoftMax Pro: text exports of plates and groups (format 1.3).

Read: Plate blocks in PlateFormat and TimeFormat, endpoint, kinetic, spectrum and well scan, several
wavelengths side by side or below each other, any plate from 6 to 1536 wells; Group blocks (as
layout and as records); Note blocks (kept as text). The text may be saved again as a workbook.
The values that SoftMax reduced are calculated reads. "Date Last Saved" is not the time of the read,
and "READER SUITABILITY" is not the reader: both stay out of `started_at` and `model`.
"""

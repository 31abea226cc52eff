"""BMG LABTECH: MARS, SMART Control and Omega exports (text and workbook)."""

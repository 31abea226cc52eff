"""BioTek/Agilent Gen5: text, csv and workbook exports (Synergy, Cytation, Epoch, ELx)."""

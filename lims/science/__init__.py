"""Arithmetic a pharmacopoeia would recognise: pure, no database, no form, no clock."""

"""Exports of the QIAGEN QIAcuity digital PCR system."""

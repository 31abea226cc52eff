"""Exports of Bio-Rad CFX Maestro and CFX Manager."""

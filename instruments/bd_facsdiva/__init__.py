"""Experiment exports of BD FACSDiva."""

"""Exports of Qubit fluorometers."""

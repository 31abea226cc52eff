"""One session of a method: its bench facts and readings, each kept as typed."""

"""What was measured: planned tests, values, traces, review."""

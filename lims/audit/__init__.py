"""What happened, never changed: acts, the hash-chained trail, and its verification."""

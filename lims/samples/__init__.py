"""What was taken, and in which condition it came."""

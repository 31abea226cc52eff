"""What was made: register and state."""

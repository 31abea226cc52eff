"""What we make: strains, their reference sequences, products."""

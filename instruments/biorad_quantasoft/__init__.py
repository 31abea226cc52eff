"""Bio-Rad QuantaSoft and QX Manager: droplet digital PCR."""

"""Where we are: the laboratory's name, zone and counters."""

"""Tables with one object a row, as counters, qPCR and dPCR software write them."""

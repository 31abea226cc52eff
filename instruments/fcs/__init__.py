"""FCS files of flow cytometers, summarised: parameters, event counts, keywords."""

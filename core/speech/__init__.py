"""From a recording to a performance: features, network, and the life that no network hears. NumPy only."""

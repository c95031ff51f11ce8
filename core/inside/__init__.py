"""A trained network from the inside: layers, kernels, responses."""

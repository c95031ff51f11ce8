"""Learning curves: how they grow, how they are drawn, and what they say in words."""

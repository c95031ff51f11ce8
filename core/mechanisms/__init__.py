"""What regularizers do inside a network."""

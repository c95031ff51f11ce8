"""Which pixels made a network say what it says, and how far such a map can be trusted."""

"""The controls of each section, as a person meets them: their words, limits and stops."""

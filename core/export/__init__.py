"""A run taken out of the library: one module for each form that it can take."""

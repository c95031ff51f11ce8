"""The run library from the inside; core/runs.py is its door."""

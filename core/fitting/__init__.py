"""One run from its settings to its end; core/training.py holds the queue of runs."""

"""Groups of runs against each other: mean curves, figures, tests."""

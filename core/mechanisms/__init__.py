"""What regularizers do inside a network: masks, statistics, averages, closed forms."""

"""What a regularizer does inside a network: masks, averages, closed forms."""

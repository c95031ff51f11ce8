"""What the best checkpoint says of each image, and how good that is."""

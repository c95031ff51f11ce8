"""Augmentation: training images, and sometimes their labels, altered by chance."""

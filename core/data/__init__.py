"""The data sets: what they are, how they are loaded, split for a run, and looked at.

Importing this package imports neither TensorFlow nor pandas; loading a built-in set does not
either.
"""

from __future__ import annotations

from core.data.again import split_again
from core.data.arrays import DataSet, Images, Labels, Splits
from core.data.facts import FACTS, DataFacts, facts
from core.data.loading import is_at_hand, load
from core.data.look import DataLook, look_at
from core.data.splitting import split

__all__ = [
    "FACTS",
    "DataFacts",
    "DataLook",
    "DataSet",
    "Images",
    "Labels",
    "Splits",
    "facts",
    "is_at_hand",
    "load",
    "look_at",
    "split",
    "split_again",
]

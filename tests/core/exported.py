"""A run whose every number is known, for the tests of what it is written out as."""

from __future__ import annotations

import math

from core.library.records import Epoch, Run
from core.runs import Library, State
from tests.core.small import small

BEGAN = 1_800_000_000.0
"""When it was created and began, as the library's clock had it."""
EPOCHS = (
    Epoch(1, 4, 2.0, 2.5, 0.125, 2.25, 0.25, 2.0, 0.375, 0.5, 0.01),
    Epoch(2, 8, 3.0, 1.5, 0.5, 1.25, 0.625, 1.0, 0.75, 0.25, 0.005),
    Epoch(3, 12, 5.0, 0.5, 0.875, 0.375, 1.0, 1.75, 0.5, 0.125, 0.0025),
)
LOSSES = ([2.75, 2.625, 2.375, 2.25], [1.75, 1.625, 1.375, 1.25], [0.75, 0.625, 0.1, math.nan])
ACCURACIES = ([0.0, 0.125, 0.25, 0.125], [0.5] * 4, [0.75, 1.0, 1.0, 0.75])
PENALTIES = (
    [0.75, 0.6875, 0.625, 0.5625],
    [0.5, 0.4375, 0.375, 0.3125],
    [0.25, 0.1875, 0.1, 0.125],
)
MOVEMENTS = (
    {"conv_1": (3.0, 0.5), "dense": (9.0, 0.25)},
    {"conv_1": (4.0, 0.125), "dense": (9.5, 0.0625)},
    {"conv_1": (5.0, math.nan), "dense": (10.0, 0.03125)},
)
NASTY = '<script>alert("1")</script> & *stars*'


def recorded(library: Library, name: str = "By hand") -> Run:
    """Put the run into a library; it has no files."""
    run = library.create(small(l2=0.001), name)
    library.start(run.id, weights=1234, versions={"keras": "3.15.1"}, fingerprint="ab" * 32)
    for records in zip(EPOCHS, LOSSES, ACCURACIES, MOVEMENTS, PENALTIES, strict=True):
        library.record_epoch(run.id, *records)
    library.record_best(run.id, 2, 1.0, 0.75)
    library.finish(run.id, State.FINISHED, "Finished all 3 epochs.", 1.125, 0.625, 300)
    return library.run(run.id)

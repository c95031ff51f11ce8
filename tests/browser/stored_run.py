"""A run that a browser test finds in the library, without a training."""

from __future__ import annotations

from pathlib import Path

from core.model import build_network
from core.runs import Epoch, Library, State
from core.settings import Value, from_mapping


def run_stored_in(home: Path, **settings: Value) -> str:
    """A finished run of a network fresh from its seed; gives its id."""
    described = from_mapping({"dataset": "digits", "filters": 4, **settings})
    library = Library(home)
    run = library.create(described, "Stored")
    library.start(run.id)
    epoch = Epoch(1, 3, 1.5, 2.0, 0.25, 1.75, 0.5, 1.875, 0.375, 0.0, 0.001)
    library.record_epoch(run.id, epoch, [1, 2, 3], [0, 0, 1])
    library.record_best(run.id, 1, 1.875, 0.375)
    model = build_network(described, (8, 8, 1), 10)
    for file in ("best.keras", "last.keras"):
        library.store_file(run.id, file, model.save)
    library.finish(run.id, State.FINISHED, "Finished all 1 epochs.", 1.5, 0.5, 300)
    library.close()
    return run.id

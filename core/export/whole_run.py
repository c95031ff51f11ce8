"""All that the library remembers of one run, read once for whoever writes it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.learning.curves import Curves
from core.learning.run_curves import curves_of_run
from core.library.records import Epoch, Event, Movement, Run
from core.runs import Library


@dataclass(frozen=True, eq=False)
class WholeRun:
    """A run with its curves and its story.

    Attributes
    ----------
    run : Run
    curves : Curves
    movements : tuple of Movement
    events : tuple of Event
    """

    run: Run
    curves: Curves
    movements: tuple[Movement, ...]
    events: tuple[Event, ...]

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The figures of each epoch, in order."""
        return self.curves.epochs

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers whose movement was recorded, in order."""
        return tuple(dict.fromkeys(movement.layer for movement in self.movements))


def whole_run(library: Library, run_id: str) -> WholeRun:
    """Read a run; one without any epoch has empty curves.

    Raises
    ------
    LearnscopeError
        If there is no such run.
    """
    run = library.run(run_id)
    return WholeRun(
        run,
        curves_of_run(library, run),
        tuple(library.movements(run_id)),
        tuple(library.events(run_id)),
    )


def wall_times(whole: WholeRun, steps: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """When the run was at these steps.

    The time of each epoch's end is recorded. In between, the steps are spread evenly, each over
    its share of the epoch, the evaluation at its end included. What a resumed run spent not
    training lies between the step after which it was cut off and the next.

    Parameters
    ----------
    whole : WholeRun
    steps : array_like of shape (S,)
        Optimizer steps since the start of the run.

    Returns
    -------
    ndarray of shape (S,)
        Unix time, seconds. Loading the data, before the first step, counts as no time.
    """
    asked = np.asarray(steps, np.float64)
    ends = np.array([0, *(epoch.steps for epoch in whole.epochs)], np.float64)
    trained = np.array([0, *(epoch.seconds for epoch in whole.epochs)], np.float64)
    began = next((event.at for event in whole.events if event.kind == "started"), None)
    times = (whole.run.created if began is None else began) + np.interp(asked, ends, trained)
    for event in whole.events:
        if event.kind == "resumed" and event.step is not None:
            since = np.interp(asked, ends, trained) - np.interp(event.step, ends, trained)
            times = np.where(asked > event.step, event.at + since, times)
    return np.asarray(times, np.float64)

"""Settings that change while a run trains: asked for, put on record, and only then put in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from core.errors import LearnscopeError
from core.fitting.turn_requests import TurnRequests
from core.keras_state import KERAS_LOCK
from core.model import rate_of, regularizer
from core.network import Penalty
from core.settings import CONTROLS, NOISES, Change, Settings, turned, values_after, values_at


class Knobs:
    """Changes the settings of a network and its optimizer between two steps.

    A change that is on record already, of a run that is resumed, is made again at its step. What
    somebody asks for waits until all of those are made: so no change is lost, and the epochs that
    a resumed run makes again are the same.

    Parameters
    ----------
    model : keras.Model
        As :func:`core.model.build_network` makes it of the settings, with the layers of
        :data:`core.settings.NOISES` that are silent.
    optimizer : keras.optimizers.Optimizer
    settings : Settings
        Those with which the run began.
    requests : TurnRequests
        What somebody asks for.
    on_record : sequence of Change
        In order.
    earliest : int
        How many steps of the run are on record, and are made again as they are.
    record : callable
        Puts a change on record before it is in force, and raises a LearnscopeError if it cannot.
    turned : callable
        Called when all changes between two steps are in force.

    Attributes
    ----------
    made : list of Change
        Those in force, in order.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        settings: Settings,
        requests: TurnRequests,
        on_record: Sequence[Change] = (),
        earliest: int = 0,
        record: Callable[[Change], None] = lambda change: None,
        turned: Callable[[], None] = lambda: None,
    ) -> None:
        self._model, self._optimizer, self._settings = model, optimizer, settings
        self._requests, self._record, self._turned = requests, record, turned
        self._due = list(on_record)
        self._earliest = max([earliest, *(change.step for change in on_record)])
        self.made: list[Change] = []

    def turn(self, step: int, epoch: int) -> bool:
        """Make what is due and what was asked for.

        Parameters
        ----------
        step : int
            How many steps of the run are made.
        epoch : int
            That of the next one, from 1.

        Returns
        -------
        bool
            Whether the graph of the steps has to be traced anew.
        """
        now = [change for change in self._due if change.step <= step]
        self._due = self._due[len(now) :]
        for change in now:
            self._put(change)
        if step >= self._earliest:
            now += self._asked_for(step, epoch)
        if now:
            self._turned()
        return any(change.name != "learning_rate" for change in now)

    def room(self, step: int) -> int | None:
        """How many steps may be made before :meth:`turn` has to be called; None for any number."""
        stops = [change.step for change in self._due]
        # A wish that has to wait shall not wait for longer.
        stops += [self._earliest] if self._requests.waiting else []
        return min((stop - step for stop in stops if stop > step), default=None)

    @property
    def settings(self) -> dict[str, float]:
        """What each knob is at."""
        return dict(values_after(self._settings, self.made))

    def _asked_for(self, step: int, epoch: int) -> list[Change]:
        made = []
        for name, wanted in self._requests.take().items():
            try:
                old, new = self.settings[name], turned(self._settings, name, wanted)
                if new == old:
                    continue
                self._check_layers(name)
                change = Change(name, old, new, epoch, step)
                self._record(change)
            except LearnscopeError as error:
                self._requests.trouble = f"{error} The setting stays as it was."
                continue
            self._put(change)
            made.append(change)
        return made

    def _check_layers(self, name: str) -> None:
        """A run that goes on from a state of an earlier version has no layers that are silent."""
        if name in NOISES and name not in map(_setting_of, self._model.layers):
            raise LearnscopeError(
                f"{CONTROLS[name].label} cannot be turned on in this run, which was begun by an "
                "earlier version of Learnscope. Train another run with it."
            )

    def _put(self, change: Change) -> None:
        self.made.append(change)
        values = self.settings
        with KERAS_LOCK:
            if change.name == "learning_rate":
                self._optimizer.learning_rate = change.new
            elif change.name == "weight_decay":
                self._optimizer.weight_decay = change.new
            elif change.name in ("l1", "l2"):
                put_penalty(self._model, Penalty(values["l1"], values["l2"]))
            else:
                put_rate(self._model, change.name, change.new)


def put_rate(model: keras.Model, name: str, rate: float) -> None:
    """Give the layers of dropout or of noise that a setting describes another rate.

    A graph of the network that was traced before still has the old one.

    Parameters
    ----------
    model : keras.Model
        As :func:`core.model.build_network` makes it.
    name : str
        "dropout_convolution", "dropout_dense" or "noise".
    rate : float
        For noise its standard deviation.
    """
    for layer in model.layers:
        if _setting_of(layer) == name:
            setattr(layer, str(rate_of(layer)), rate)


def _setting_of(layer: keras.layers.Layer) -> str | None:
    """The one of :data:`core.settings.NOISES` that sets the rate of a layer."""
    if isinstance(layer, keras.layers.GaussianNoise):
        return "noise"
    if rate_of(layer) is None:
        return None
    return "dropout_dense" if layer.name == "dropout_dense" else "dropout_convolution"


def put_penalty(model: keras.Model, penalty: Penalty) -> None:
    """Put another price on all kernels; a graph that was traced before still has the old one."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            price = regularizer(penalty)
            # The layer's is for its configuration, the variable's is what is paid.
            layer.kernel_regularizer = layer.kernel.regularizer = price


def put_in_force(
    model: keras.Model, settings: Settings, changes: Sequence[Change], epoch: int
) -> None:
    """Give a stored network the rates and prices in force when an epoch ended.

    A file by an earlier version says those with which the run began, whatever was turned since.

    Parameters
    ----------
    model : keras.Model
        With the weights of the end of that epoch; changed in place.
    settings : Settings
        Those with which the run began.
    changes : sequence of Change
        Of the run.
    epoch : int
        1 for the first.
    """
    turned_by_then = {change.name for change in changes if change.epoch <= epoch}
    values = values_at(settings, changes, epoch)
    for name in turned_by_then & {*NOISES}:
        put_rate(model, name, values[name])
    if turned_by_then & {"l1", "l2"}:
        put_penalty(model, Penalty(values["l1"], values["l2"]))

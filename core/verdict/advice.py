"""What to try next, by the control that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.data.facts import facts
from core.settings import CONTROLS, Settings, Value, value_of
from core.verdict.reading import Reading
from core.verdict.records import Advice, Kind

_MOST = 4
"""Pieces of advice: more would be a list of all controls."""


def advice_for(
    kind: Kind, reading: Reading | None, settings: Settings | None
) -> tuple[Advice, ...]:
    """What to try after a verdict, the most promising first.

    Parameters
    ----------
    kind : Kind
    reading : Reading or None
        None if no epoch had finite losses.
    settings : Settings, optional
        With them, nothing is advised that is done already.
    """
    known = settings or Settings()
    return tuple(_ADVISERS[kind](known, reading))[:_MOST]


def _still_learning(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    yield from _changed(settings, "epochs", 2.0, "Train for longer: the loss still falls.")
    if settings.optimisation.learning_rate <= 3e-4:
        yield from _changed(
            settings, "learning_rate", 10.0, "Take longer steps: these are short, so it is slow."
        )


def _converged(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    yield Advice(
        "seed",
        "Repeat with other seeds: one run does not tell how much of its result is chance.",
        settings.optimisation.seed + 1 if settings.optimisation.seed < 2**31 - 1 else 0,
    )
    if reading is not None and reading.gap > reading.fair.end:
        yield from _more_images(settings, "More images to learn from narrow the gap best.")
        yield from _dropout(settings, "Dropout may narrow the gap to the training loss.")


def _underfitting(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    regularization, rate = settings.regularization, settings.optimisation.learning_rate
    for name in ("l1", "l2"):
        if float(value_of(settings, name)) >= 1e-3:
            yield from _changed(settings, name, 0.1, "Lower the price on weights: it holds them.")
    for name in ("dropout_dense", "dropout_convolution"):
        if float(value_of(settings, name)) > 0.5:
            yield Advice(name, "Silence fewer units: too few are left to learn with.", 0.3)
    if rate >= 0.03:
        yield from _changed(settings, "learning_rate", 0.1, "Shorter steps: these may jump past.")
    elif rate <= 3e-4:
        yield from _changed(settings, "learning_rate", 10.0, "Longer steps: these lead nowhere.")
    if rate >= 0.03 or rate <= 3e-4:
        # A larger network would not learn with such steps either.
        return
    yield from _changed(settings, "filters", 2.0, "More kernels, to see more patterns.")
    yield from _changed(settings, "dense_units", 2.0, "A wider dense layer, to weigh them.")
    if regularization.normalization == "none":
        yield Advice("normalization", "Normalize: deep layers then learn sooner.", "batch")


def _overfitting(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    if not settings.regularization.early_stopping:
        yield Advice("early_stopping", "Stop soon after the best epoch.", True)
    yield from _dropout(settings, "Silence units at random, so that none can learn by heart.")
    yield from _more_images(settings, "Learn from more images: they are harder to know by heart.")
    yield from _stronger_l2(settings)
    yield from _changed(settings, "dense_units", 0.5, "A narrower dense layer holds less by heart.")


def _memorising(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    if not settings.regularization.early_stopping:
        yield Advice("early_stopping", "Stop early: wrong labels are learnt last.", True)
    yield from _dropout(settings, "Silence units at random: right labels survive it, wrong do not.")
    yield Advice("wrong_labels", "Mend the labels, and see what they cost.", 0.0)
    yield from _stronger_l2(settings)
    yield from _changed(settings, "dense_units", 0.5, "A narrower dense layer holds less by heart.")


def _diverged(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    yield from _changed(settings, "learning_rate", 0.1, "Take shorter steps.")
    if settings.regularization.normalization == "none":
        yield Advice("normalization", "Normalize: longer steps then stay stable.", "batch")
    if settings.optimisation.optimizer == "sgd" and settings.optimisation.momentum > 0.5:
        yield Advice("momentum", "Carry less of each step into the next.", 0.5)


def _too_noisy(settings: Settings, reading: Reading | None) -> Iterator[Advice]:
    if reading is None or len(reading.epochs) < 6:
        yield from _changed(settings, "epochs", 2.0, "Train for longer: so few epochs say little.")
        return
    yield from _changed(settings, "learning_rate", 0.3, "Shorter steps shake the loss less.")
    yield from _changed(settings, "batch_size", 4.0, "Larger batches make calmer steps.")
    yield from _changed(settings, "epochs", 2.0, "Train for longer: a trend shows in the end.")
    yield Advice(
        "seed",
        "Repeat with other seeds, and judge their mean.",
        settings.optimisation.seed + 1 if settings.optimisation.seed < 2**31 - 1 else 0,
    )


_ADVISERS: dict[Kind, Callable[[Settings, Reading | None], Iterator[Advice]]] = {
    Kind.STILL_LEARNING: _still_learning,
    Kind.CONVERGED: _converged,
    Kind.UNDERFITTING: _underfitting,
    Kind.OVERFITTING: _overfitting,
    Kind.MEMORISING: _memorising,
    Kind.DIVERGED: _diverged,
    Kind.TOO_NOISY: _too_noisy,
}


def _changed(settings: Settings, name: str, factor: float, sentence: str) -> Iterator[Advice]:
    """A control's value times a factor, at the nearest stop beyond it; nothing at its end."""
    control = CONTROLS[name]
    now = float(value_of(settings, name))
    wanted = now * factor
    if control.choices:
        stops = [float(stop) for stop in control.choices if isinstance(stop, int | float)]
        onward = [stop for stop in stops if (stop > now if factor > 1 else stop < now)]
        if onward:
            yield Advice(
                name, sentence, _own_kind(name, min(onward, key=lambda stop: abs(stop - wanted)))
            )
        return
    if control.low is not None and control.high is not None:
        within = min(max(wanted, control.low), control.high)
        if within != now:
            yield Advice(name, sentence, _own_kind(name, within))


def _own_kind(name: str, number: float) -> Value:
    return round(number) if isinstance(CONTROLS[name].default, int) else number


def _dropout(settings: Settings, sentence: str) -> Iterator[Advice]:
    if settings.regularization.dropout_dense < 0.5:
        yield Advice("dropout_dense", sentence, 0.5)
    elif settings.regularization.dropout_convolution < 0.25:
        yield Advice("dropout_convolution", sentence, 0.25)


def _stronger_l2(settings: Settings) -> Iterator[Advice]:
    if settings.regularization.l2 < 1e-3:
        yield Advice("l2", "Put a price on large weights.", 1e-3)


def _more_images(settings: Settings, sentence: str) -> Iterator[Advice]:
    limit = facts(settings.data.dataset).training_limit
    step = int(CONTROLS["training_images"].step or 1)
    most = limit // step * step
    if settings.data.training_images < most:
        wanted = min(2 * settings.data.training_images, most)
        yield Advice("training_images", sentence, wanted)

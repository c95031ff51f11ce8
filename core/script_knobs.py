"""The paragraph of a script that changes settings in mid-run, as somebody did in the run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from core.data import DataFacts
from core.network import LayerPlan, Penalty, plan_network
from core.script_network import regularizer
from core.script_source import literal
from core.settings import Change, Settings, values_after


def knob_lines(settings: Settings, changes: Sequence[Change], known: DataFacts) -> list[str]:
    """A Keras callback that makes the same changes after the same steps; nothing without any."""
    if not changes:
        return []
    silent = {change.name for change in changes}
    layers = plan_network(settings, known.image_shape, len(known.class_names), silent).layers
    lines = [
        "# Settings that were changed while the run trained, each after so many steps.",
        "class Knobs(keras.callbacks.Callback):",
        "    def on_train_batch_begin(self, batch, logs=None):",
        "        steps = int(self.model.optimizer.iterations)",
    ]
    done: list[Change] = []
    for step, together in itertools.groupby(changes, key=lambda change: change.step):
        lines.append(f"        if steps == {step}:")
        turned = list(together)
        done += turned
        for change in turned:
            lines.append(f"            # {change.short}")
            lines += [f"            {line}" for line in _change(change, settings, done, layers)]
        lines += [f"            {line}" for line in _traced_anew(turned)]
    return lines


def _change(
    change: Change, settings: Settings, done: Sequence[Change], layers: Sequence[LayerPlan]
) -> list[str]:
    value = literal(change.new)
    if change.name in ("learning_rate", "weight_decay"):
        return [f"self.model.optimizer.{change.name} = {value}"]
    if change.name in ("l1", "l2"):
        # Of two that change at one step, the price after the first alone is of no consequence.
        values = values_after(settings, done)
        penalty = Penalty(values["l1"], values["l2"])
        price = regularizer(penalty) if penalty.charged else "None"
        return [
            "for layer in self.model.layers:",
            '    if hasattr(layer, "kernel"):',
            f"        layer.kernel.regularizer = {price}",
        ]
    return [
        f"self.model.layers[{at}].{'stddev' if change.name == 'noise' else 'rate'} = {value}"
        for at, layer in enumerate(layers)
        if layer.noise_place is not None and _setting_of(layer) == change.name
    ]


def _setting_of(layer: LayerPlan) -> str:
    if layer.kind == "GaussianNoise":
        return "noise"
    return "dropout_dense" if layer.name == "dropout_dense" else "dropout_convolution"


def _traced_anew(turned: Sequence[Change]) -> list[str]:
    """What Keras has compiled still has the old values."""
    names = {change.name for change in turned}
    lines = []
    if names - {"learning_rate"}:
        lines.append("self.model.make_train_function(force=True)")
    if names & {"l1", "l2"}:
        lines.append("self.model.make_test_function(force=True)")
    return lines

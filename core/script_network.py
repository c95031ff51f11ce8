"""The paragraph of a script that builds the network, of the plan that the model is built from."""

from __future__ import annotations

from collections.abc import Collection

from core.data import DataFacts
from core.network import LayerPlan, NetworkPlan, Penalty, plan_network
from core.script_source import call, item, literal, named
from core.settings import Settings

_NORMS = {
    "Conv2D": ("filter_norm", {"axis": [0, 1, 2]}),
    "Dense": ("unit_norm", {}),
}
"""By the kind of layer, what its max-norm bound is called, and over what else a norm is taken."""


def network_lines(settings: Settings, known: DataFacts, silent: Collection[str] = ()) -> list[str]:
    """The network, after what its kernels share.

    Parameters
    ----------
    settings : Settings
    known : DataFacts
    silent : collection of str
        As for :func:`core.network.plan_network`.
    """
    plan = plan_network(settings, known.image_shape, len(known.class_names), silent)
    layers = []
    for layer in plan.layers:
        if settings.regularization.normalization == "layer" and layer.options == {"groups": 1}:
            layers.append("        # Layer normalization of maps: all channels are one group.")
        layers += _layer(layer)
    return [
        *_shared(plan),
        *_noise_seeds(plan),
        "model = keras.Sequential(",
        "    [",
        f"        keras.Input({plan.image_shape}),",
        *layers,
        "    ]",
        ")",
        *_silenced(plan),
    ]


def _silenced(plan: NetworkPlan) -> list[str]:
    lines = [
        f"model.layers[{at}].{'stddev' if layer.kind == 'GaussianNoise' else 'rate'} = 0.0"
        for at, layer in enumerate(plan.layers)
        if layer.silent
    ]
    if lines:
        lines.insert(0, "# Off until they are turned on. Built with 0, they would never draw.")
    return lines


def _shared(plan: NetworkPlan) -> list[str]:
    kernels = [layer for layer in plan.layers if layer.penalty is not None]
    penalty, bound = kernels[0].penalty, kernels[0].max_norm
    lines = []
    if penalty is not None and penalty.charged:
        if penalty.l1 > 0 and penalty.l2 > 0:
            lines.append("# L1 and L2 together are the elastic net.")
        lines.append(f"penalty = {regularizer(penalty)}")
    if bound > 0:
        lines.append("# The longest that the weights into one filter, or one unit, may be.")
        for name, more in _NORMS.values():
            arguments = [literal(bound), *named(**more)]
            lines.append(f"{name} = {call('keras.constraints.MaxNorm', arguments)}")
    return lines


def _noise_seeds(plan: NetworkPlan) -> list[str]:
    if not plan.noisy:
        return []
    return [
        "# Noise and dropout have seeds by their places, from the image on, so that the first",
        "# weights are the same with and without them.",
        f"noise_seeds = np.random.SeedSequence(seed).generate_state({plan.noise_places}).tolist()",
    ]


def _layer(layer: LayerPlan) -> list[str]:
    arguments = [literal(value) for value in layer.positional]
    arguments += [f"{name}={literal(value)}" for name, value in layer.options.items()]
    if layer.penalty is not None and layer.penalty.charged:
        arguments.append("kernel_regularizer=penalty")
    if layer.max_norm > 0:
        arguments.append(f"kernel_constraint={_NORMS[layer.kind][0]}")
    if layer.noise_place is not None:
        arguments.append(f"seed=noise_seeds[{layer.noise_place}]")
    return item(f"layers.{layer.kind}", arguments, indent=8)


def regularizer(penalty: Penalty) -> str:
    """A price on kernels, which is above 0."""
    if penalty.l1 > 0 and penalty.l2 > 0:
        return call("keras.regularizers.L1L2", named(l1=penalty.l1, l2=penalty.l2))
    if penalty.l1 > 0:
        return call("keras.regularizers.L1", [literal(penalty.l1)])
    return call("keras.regularizers.L2", [literal(penalty.l2)])

"""The plan of a network as the rows of a table."""

from __future__ import annotations

from core.memory import in_bytes, memory_of_layers
from core.network import NetworkPlan
from core.settings import Settings


def network_table(plan: NetworkPlan, settings: Settings) -> list[dict[str, str]]:
    """Each layer with its type, output shape, weights and memory; the sums in the last row."""
    sizes = memory_of_layers(plan, settings)
    rows = [
        {
            "Layer": layer.name,
            "Type": layer.kind,
            "Output shape": shape_in_words(layer.output_shape),
            "Weights": f"{layer.weights:,}" if layer.weights else "",
            "Memory": in_bytes(sizes[layer.name]),
        }
        for layer in plan.layers
    ]
    total = {
        "Layer": "All layers",
        "Type": "",
        "Output shape": "",
        "Weights": f"{plan.weights:,}",
        "Memory": in_bytes(sum(sizes.values())),
    }
    return [*rows, total]


def shape_in_words(shape: tuple[int, ...]) -> str:
    """A shape such as "14 x 14 x 32"."""
    return " x ".join(map(str, shape))

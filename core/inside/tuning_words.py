"""What a filter prefers, in plain words."""

from __future__ import annotations

import math

from core.inside.one_kernel import edges_in_words
from core.inside.tuning import LayerTuning, Preference


def in_words(found: Preference, number: int) -> str:
    """What one filter prefers, with its numbers.

    Parameters
    ----------
    found : Preference
    number : int
        Of the filter.
    """
    if found.peak <= 0:
        return (
            f"**No grating excites filter {number}**: none lifts its answer above its answer to "
            "plain gray."
        )
    wide = 0.5 / found.frequency
    stripes = f"stripes {wide:.0f} pixel{'s' if round(wide) != 1 else ''} wide"
    if not found.oriented:
        return (
            f"**Filter {number} has no preferred orientation**: however {stripes} are turned, it "
            "answers nearly alike."
        )
    first = (
        f"**Filter {number} prefers {edges_in_words(found.angle)}** ({found.angle:.0f}°) and "
        f"{stripes}."
    )
    if math.isnan(found.half_width):
        second = "However they are turned, more than half of that answer is left on some side."
    else:
        second = f"Turned by {found.half_width:.0f}°, they get half of that answer."
    return f"{first} {second} {_edges(found)}"


def _edges(found: Preference) -> str:
    vertical, horizontal = found.vertical / found.peak, found.horizontal / found.peak
    return (
        f"Vertical and horizontal edges are two points of its curve: {vertical:.0%} and "
        f"{horizontal:.0%} of the strongest answer."
    )


def layer_in_words(found: LayerTuning) -> str:
    """What the filters of a layer prefer, counted."""
    return (
        f"{found.oriented} of {len(found.order)} filters have a preferred orientation. Within "
        f"22.5° of vertical edges: {found.nearer_vertical}; of horizontal ones: "
        f"{found.nearer_horizontal}. Were orientations drawn at random, a quarter would lie in "
        "each of these."
    )

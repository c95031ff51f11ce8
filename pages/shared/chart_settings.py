"""How the charts that do not stream are set: with no bar of buttons, or with a camera."""

from __future__ import annotations

from typing import Any

PLAIN = {"displayModeBar": False}


def camera(name: str) -> dict[str, Any]:
    """The settings of a chart of lines or bars that has a button to save it as SVG."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }

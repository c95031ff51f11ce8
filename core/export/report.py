"""A run -> one HTML page that explains itself: no script, no network, for screen and paper.

What a person typed is escaped by Jinja's autoescape, and the page's own policy lets it load
nothing but its own style and pictures.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from core.data import facts
from core.diagnosis import diagnose_run
from core.export.kernel_pictures import kernel_sheet, png
from core.export.report_charts import Chart, charts_of
from core.export.stored_kernels import StoredKernels, stored_kernels
from core.export.whole_run import WholeRun, whole_run
from core.figures.signed_colours import coloured
from core.inside.kernels import order, symmetric_limit
from core.learning.curves import best_epoch
from core.learning.run_curves import figures_of_run
from core.learning.what_is_measured import what_is_measured
from core.library.records import Epoch
from core.runs import Library
from core.settings import CONTROLS, to_mapping
from core.verdict.records import Verdict

_HERE = Path(__file__).parent
_SINGLE = 384
"""Kernels that are shown one by one in the first layer; beyond, as one sheet."""
_MOST = 4096
"""Kernels on a sheet: more would be a page of many megabytes, and nothing to look at."""


@dataclass(frozen=True)
class _Kernel:
    caption: str
    words: str
    picture: str


@dataclass(frozen=True)
class _Layer:
    """The kernels of a layer: one by one, or all on a sheet."""

    name: str
    words: str
    limit: float
    singles: tuple[_Kernel, ...] = ()
    sheet: str = ""


def report(library: Library, run_id: str, now: datetime) -> str:
    """Write a run as one HTML page that needs nothing but itself.

    Parameters
    ----------
    library : Library
    run_id : str
    now : datetime
        When the report is made, with its time zone.

    Returns
    -------
    str
        HTML. No script is in it and no address of another file.

    Raises
    ------
    LearnscopeError
        If there is no such run.
    """
    whole = whole_run(library, run_id)
    kernels = next(iter(stored_kernels(library, whole)), None)
    return render(whole, kernels, now)


def render(whole: WholeRun, kernels: StoredKernels | None, now: datetime) -> str:
    """The page of :func:`report`, of what was read already."""
    run, known = whole.run, facts(whole.run.settings.data.dataset)
    settings = run.settings
    verdict = diagnose_run(whole.epochs, run.latest_settings)
    held, fair = known.validation_images, settings.data.training_images
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html").render(
        run=run,
        style=Markup((_HERE / "report.css").read_text("utf-8")),
        begun=_date(datetime.fromtimestamp(run.created).astimezone()),
        made=_date(now),
        verdict=verdict,
        advice=_advice(verdict),
        figures=figures_of_run(run),
        validation_images=held,
        fair_images=min(held, fair),
        pair=_best_and_last(whole.epochs),
        measured=what_is_measured(settings),
        charts=_charts(whole, verdict),
        epochs=whole.epochs,
        kernels=kernels,
        layers=[] if kernels is None else _layers(kernels),
        settings=_settings(whole),
        events=[
            (_date(datetime.fromtimestamp(event.at).astimezone()), event.words)
            for event in whole.events
        ],
    )


def _charts(whole: WholeRun, verdict: Verdict) -> list[Chart]:
    return charts_of(whole, verdict.onset) if whole.epochs else []


def _date(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} (UTC{time:%z})"


def _advice(verdict: Verdict) -> list[tuple[str, str]]:
    """By the control's name and value, why to try it."""
    found = []
    for advice in verdict.advice:
        control = CONTROLS[advice.control]
        value = "" if advice.value is None else f" {control.word(advice.value)}"
        found.append((f"{control.label}{value}", advice.sentence))
    return found


def _best_and_last(epochs: tuple[Epoch, ...]) -> list[tuple[str, Epoch]]:
    best = best_epoch(epochs)
    if best is None:
        return [("Last", epochs[-1])] if epochs else []
    return [("Best", best), ("Last", epochs[-1])]


def _settings(whole: WholeRun) -> list[tuple[str, str, bool]]:
    """Each setting by its name, in words, and whether somebody changed it."""
    return [
        (CONTROLS[name].label, CONTROLS[name].word(value), value != CONTROLS[name].default)
        for name, value in to_mapping(whole.run.settings).items()
    ]


def _layers(stored: StoredKernels) -> list[_Layer]:
    """The first layer one by one, as far as that can be looked at, and the others as sheets."""
    made = []
    for number, (name, kernels) in enumerate(stored.layers.items()):
        rows, columns, channels, filters = kernels.shape
        limit = symmetric_limit(kernels)
        words = (
            f"{filters} filters with {channels} input channel{'s' * (channels > 1)} each, of "
            f"{rows}x{columns} numbers"
        )
        if number == 0 and channels * filters <= _SINGLE:
            made.append(_Layer(name, words, limit, singles=_singles(kernels, limit)))
        else:
            shown = kernels[..., order(kernels)[: max(1, _MOST // channels)]]
            if shown.shape[3] < filters:
                words += f"; shown are the {shown.shape[3]} filters of the largest norm"
            if channels > shown.shape[3]:
                # Rather wide than high: a page scrolls down.
                shown = shown.transpose(0, 1, 3, 2)
                words += ". A row is a filter, the largest norm first, a column an input channel"
            else:
                words += ". A row is an input channel, a column a filter, the largest norm first"
            made.append(_Layer(name, words, limit, sheet=_address(kernel_sheet(shown))))
    return made


def _singles(kernels: npt.NDArray[np.float32], limit: float) -> tuple[_Kernel, ...]:
    channels, filters = kernels.shape[2:]
    made = []
    for number in range(filters):
        for channel in range(channels):
            kernel = kernels[:, :, channel, number]
            several = channels > 1
            where = f"filter {number}" + f", input channel {channel}" * several
            words = f"Kernel of {where}: numbers from {kernel.min():.3g} to {kernel.max():.3g}"
            caption = f"{number}·{channel}" if several else str(number)
            made.append(_Kernel(caption, words, _address(coloured(kernel, limit))))
    return tuple(made)


def _address(pixels: npt.NDArray[np.uint8]) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode("ascii")

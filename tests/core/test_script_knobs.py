"""The script of a run whose knobs were turned: it turns them at the same steps."""

from __future__ import annotations

import contextlib
import io
import runpy
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from core.export.notebook import notebook
from core.export.whole_run import WholeRun
from core.learning.curves import Curves
from core.library.records import BatchLosses
from core.script import keras_script
from core.settings import Change, from_mapping
from tests.core.made_runs import made_run
from tests.core.script_variants import SMALL

SETTINGS = from_mapping(
    SMALL
    | {"epochs": 3, "optimizer": "adamw", "noise": 0.1, "blocks": 1, "learning_rate": 0.01}
    | {"dropout_dense": 0.2, "dropout_convolution": 0.3}
)
# Four steps an epoch.
CHANGES = (
    Change("l2", 0.0, 0.02, 1, 2),
    Change("dropout_dense", 0.2, 0.5, 2, 5),
    Change("noise", 0.1, 0.3, 2, 5),
    Change("weight_decay", 0.004, 0.1, 2, 5),
    Change("l1", 0.0, 0.001, 2, 6),
    Change("learning_rate", 0.01, 0.003, 3, 8),
    Change("dropout_convolution", 0.3, 0.0, 3, 9),
    Change("l2", 0.02, 0.0, 3, 10),
    Change("l1", 0.001, 0.0, 3, 10),
)


class Looked(keras.callbacks.Callback):
    """Notes what is in force in each step of a script, from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.rates, self.noises, self.decays, self.lengths = [], [], [], []

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        layers = self.model.layers
        dropouts = [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]
        self.rates.append(tuple(dropouts))
        self.noises += [x.stddev for x in layers if isinstance(x, keras.layers.GaussianNoise)]
        self.decays.append(self.model.optimizer.weight_decay)
        self.lengths.append(round(float(self.model.optimizer.learning_rate), 6))


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory, warm: None) -> tuple[Looked, dict]:
    """What the script has in force step by step, and its names at its end."""
    folder, callback = tmp_path_factory.mktemp("script"), Looked()
    (folder / "script.py").write_text(keras_script(SETTINGS, CHANGES))
    fit = keras.Model.fit
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)

        def observed(model: keras.Model, *data: object, callbacks: list, **how: object) -> object:
            return fit(model, *data, callbacks=[*callbacks, callback], **how, verbose=0)

        patch.setattr(keras.Sequential, "fit", observed, raising=False)
        with contextlib.redirect_stdout(io.StringIO()):
            names = runpy.run_path("script.py")
    return callback, names


def test_each_value_is_in_force_from_the_step_on_that_the_run_has_on_record(
    looked: tuple[Looked, dict],
) -> None:
    seen, _ = looked
    assert seen.rates == [(0.3, 0.2)] * 5 + [(0.3, 0.5)] * 4 + [(0.0, 0.5)] * 3
    assert seen.noises == [0.1] * 5 + [0.3] * 7
    assert seen.decays == [0.004] * 5 + [0.1] * 7
    assert seen.lengths == [0.01] * 8 + [0.003] * 4


def test_the_penalty_of_the_script_s_validation_is_that_of_the_strengths_by_then(
    looked: tuple[Looked, dict],
) -> None:
    """val_loss less the plain cross-entropy: above 0 once L2 is on, 0 when both are off again."""
    _, names = looked
    history = names["model"].history.history
    penalties = np.subtract(history["val_loss"], history["val_sparse_categorical_crossentropy"])
    assert penalties[0] > 0.1
    assert penalties[1] > penalties[0] / 2
    assert penalties[2] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["dropout_dense", "dropout_convolution", "noise"])
def test_what_begins_at_0_draws_once_it_is_turned_on(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None
) -> None:
    """Turned on before the first step, the script learns as one that has it from the start."""
    monkeypatch.chdir(tmp_path)
    fit, losses = keras.Model.fit, []

    def noted(*arguments: object, **how: object) -> object:
        losses.append(fit(*arguments, **how, verbose=0).history["loss"])
        raise StopIteration

    monkeypatch.setattr(keras.Sequential, "fit", noted, raising=False)
    for rate, changes in ((0.5, ()), (0.0, [Change(name, 0.0, 0.5, 1, 0)]), (0.0, ())):
        settings = from_mapping(SMALL | {"epochs": 2, name: rate})
        (tmp_path / "script.py").write_text(keras_script(settings, changes))
        with pytest.raises(StopIteration):
            runpy.run_path("script.py")
    assert losses[0] == losses[1]
    assert losses[2] != losses[1]


def test_what_keras_has_compiled_is_made_anew() -> None:
    """The layers' attributes alone would be read by nobody: a step compiled before keeps them."""
    text = keras_script(SETTINGS, CHANGES)
    assert text.count("self.model.make_train_function(force=True)") == 5
    assert "if steps == 8:\n            # Learning rate 0.01 → 0.003\n" in text
    assert "        Knobs(),\n" in text
    assert "Knobs" not in keras_script(SETTINGS)


def test_it_is_laid_out_as_ruff_does(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(keras_script(SETTINGS, CHANGES))
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "100", str(path)]
    assert subprocess.run(ruff, capture_output=True).returncode == 0


def test_the_notebook_turns_them_and_says_so() -> None:
    run = made_run(settings=SMALL, changes=CHANGES[:1], test_images=300)
    nothing = Curves((), BatchLosses(np.empty(0), np.empty(0), ()), 4)
    text = notebook(WholeRun(run, nothing, (), ()))
    assert "class Knobs(keras.callbacks.Callback)" in text
    assert "Turned while it trained: L2 strength off → 0.02 after step 2, in epoch 1" in text

"""The Keras script, as it runs: the same network as the app's, to the last bit."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.augmentation.batches import layer_of
from core.augmentation.plan import alterations, mixes_labels
from core.data import DataSet, facts, load, split
from core.fitting.one_run import train_run
from core.fitting.progress import ProgressBoard, StopRequest
from core.fitting.rates import rate_of_epoch
from core.library.records import Epoch, Run
from core.model import build_network, build_optimizer
from core.runs import Library
from core.script import keras_script
from core.settings import Settings, from_mapping
from tests.core.script_variants import VARIANTS, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm")]


def clean_environment() -> dict[str, str]:
    """No way to Learnscope's own code, and no graphics card to look for."""
    hidden = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | hidden


def published(key: str) -> dict[str, np.ndarray]:
    """A little data set in the form in which ``keras.datasets`` hands it out."""
    chance = np.random.default_rng(8)
    pixels = (32, 32, 3) if key == "cifar10" else (28, 28)
    column = (1,) if key == "cifar10" else ()
    held = facts(key).validation_images + 150
    made = {}
    for ending, count in (("", held), ("_test", 40)):
        made[f"x{ending}"] = chance.integers(0, 256, (count, *pixels), np.uint8)
        made[f"y{ending}"] = chance.integers(0, 10, (count, *column), np.uint8)
    return made


def loaded(key: str) -> DataSet:
    known = facts(key)
    if known.built_in:
        return load(key)
    made, shape = published(key), known.image_shape
    images = [
        made[name].reshape(-1, *shape).astype(np.float32) / np.float32(255)
        for name in ("x", "x_test")
    ]
    labels = [made[name].reshape(-1).astype(np.int64) for name in ("y", "y_test")]
    return DataSet(key, images[0], labels[0], known.class_names, images[1], labels[1])


@pytest.fixture(scope="module")
def observed(tmp_path_factory) -> dict[str, tuple[dict, dict[str, np.ndarray]]]:
    """What each variant's script noted, by variant; one process runs them all."""
    folders = {}
    for variant in VARIANTS:
        folders[variant] = folder = tmp_path_factory.mktemp("script")
        settings = settings_of(variant)
        (folder / "script.py").write_text(keras_script(settings))
        if not facts(settings.data.dataset).built_in:
            np.savez(folder / "published.npz", **published(settings.data.dataset))
    runner = Path(__file__).with_name("observed_scripts.py")
    done = subprocess.run(
        [sys.executable, str(runner), *map(str, folders.values())],
        cwd=tmp_path_factory.mktemp("empty"),
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {
        variant: (
            json.loads((folder / "noted.json").read_text()),
            dict(np.load(folder / "noted.npz")),
        )
        for variant, folder in folders.items()
    }


def model_of(settings: Settings):
    known = facts(settings.data.dataset)
    return build_network(settings, known.image_shape, len(known.class_names))


def without_names_and_seeds(value):
    """A configuration but for what the script leaves to Keras: names, and seeds drawn by it."""
    if isinstance(value, dict):
        left_out = ("name", "seed", "registered_name")
        kept = {key: inner for key, inner in value.items() if key not in left_out}
        return {key: without_names_and_seeds(inner) for key, inner in kept.items()}
    if isinstance(value, list | tuple):
        return [without_names_and_seeds(inner) for inner in value]
    return value


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_starts_from_the_same_numbers_bit_for_bit(observed, variant):
    """Weights, moving statistics and the seeds of dropout."""
    _, arrays = observed[variant]
    model = model_of(settings_of(variant))
    ours = [np.asarray(variable) for layer in model.layers for variable in layer.variables]
    theirs = [arrays[name] for name in sorted(arrays) if name.startswith("variable_")]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == other.dtype
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_s_layers_have_the_same_types_shapes_and_configuration(observed, variant):
    notes, _ = observed[variant]
    ours = [
        [type(layer).__name__, layer.get_config(), list(layer.output.shape[1:])]
        for layer in model_of(settings_of(variant)).layers[1:]
    ]
    assert without_names_and_seeds(notes["layers"]) == without_names_and_seeds(
        json.loads(json.dumps(ours))
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_s_optimizer_is_the_same(observed, variant):
    notes, _ = observed[variant]
    settings = settings_of(variant).optimisation
    ours = build_optimizer(settings)
    kind, config = notes["optimizer"]
    expected = json.loads(json.dumps(ours.get_config(), default=float))
    # Keras numbers the names in the order in which a process makes its optimizers.
    config["name"] = expected["name"] = ""
    assert (kind, config) == (type(ours).__name__, expected)
    assert notes["epochs"] == settings.epochs


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_s_batches_and_loss_are_the_same(observed, variant):
    notes, _ = observed[variant]
    settings = settings_of(variant)
    size, images = settings.optimisation.batch_size, settings.data.training_images
    altered, mixed = alterations(settings.augmentation), mixes_labels(settings.augmentation)
    expected = (None, -(-images // size)) if altered else (size, None)
    assert (notes["batch_size"], notes["batches"]) == expected
    smoothing = settings.regularization.label_smoothing
    if smoothing == 0:
        assert notes["loss"] == "sparse_" * (not mixed) + "categorical_crossentropy"
    else:
        kind, config = notes["loss"]
        assert (kind, config["label_smoothing"]) == ("CategoricalCrossentropy", smoothing)
        assert not config["from_logits"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_s_augmentation_is_the_same_to_its_seeds(observed, variant):
    notes, _ = observed[variant]
    settings = settings_of(variant)
    layers = [
        layer_of(one, settings.optimisation.seed) for one in alterations(settings.augmentation)
    ]
    ours = [[type(layer).__name__, layer.get_config()] for layer in layers]
    for _, config in [*ours, *notes["augmentation"]]:
        config["name"] = ""
    assert notes["augmentation"] == json.loads(json.dumps(ours))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_learns_from_the_same_images_and_labels(observed, variant):
    _, arrays = observed[variant]
    settings = settings_of(variant)
    ours = split(loaded(settings.data.dataset), settings.data, settings.optimisation.seed)
    for name, images, labels in (
        ("train", ours.training_images, ours.training_labels),
        ("validation", ours.validation_images, ours.validation_labels),
        ("test", ours.test_images, ours.test_labels),
    ):
        theirs = arrays[f"x_{name}"]
        assert theirs.dtype == np.float32
        np.testing.assert_array_equal(theirs, images)
        told = arrays[f"y_{name}"]
        if settings.regularization.label_smoothing > 0 or mixes_labels(settings.augmentation):
            # A probability for each class, which Keras smooths or mixes.
            assert told.shape == (len(labels), 10)
            np.testing.assert_array_equal(told.sum(axis=1), 1)
            told = told.argmax(axis=1)
        np.testing.assert_array_equal(told, labels)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_best_epoch_is_that_of_the_lowest_loss_without_the_penalty(observed, variant):
    """The number watched is the cross-entropy of the stored network on the validation part."""
    notes, arrays = observed[variant]
    settings, optimisation = settings_of(variant).regularization, settings_of(variant).optimisation
    expected = [["ModelCheckpoint", None, None]]
    if optimisation.averaging == "swa":
        expected.insert(0, ["EqualAverage", None, None])
    if optimisation.averaging == "ema":
        # Ahead of it, so that it stores the averages.
        expected.insert(0, ["SwapEMAWeights", None, None])
    if settings.early_stopping:
        expected.append(["EarlyStopping", settings.patience, None])
    if optimisation.schedule == "plateau":
        waits = optimisation.schedule_patience, optimisation.schedule_factor
        expected.append(["ReduceLROnPlateau", *waits])
    elif optimisation.schedule != "constant":
        expected.append(["LearningRateScheduler", None, None])
    assert [[kind, *rest] for kind, _, *rest in notes["callbacks"]] == expected
    (watched,) = {monitor for _, monitor, *_ in notes["callbacks"] if monitor is not None}
    probabilities, labels = arrays["best_on_validation"], arrays["y_validation"]
    if labels.ndim == 2:
        labels = labels.argmax(axis=1)
    by_hand = -np.log(probabilities[np.arange(len(labels)), labels].clip(1e-7)).mean()
    assert min(notes["history"][watched]) == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_script_sets_the_learning_rates_of_the_app(observed, variant):
    notes, _ = observed[variant]
    settings = settings_of(variant).optimisation
    known = settings.schedule in ("step", "cosine")
    ours = [rate_of_epoch(settings, epoch) for epoch in range(settings.epochs)] if known else []
    assert notes["rates"] == pytest.approx(ours, rel=1e-12)


def trained(settings: Settings, folder: Path) -> tuple[Run, list[Epoch]]:
    """The same settings, trained by the app."""
    library = Library(folder)
    run = library.create(settings)
    train_run(library, run.id, ProgressBoard("Training"), StopRequest())
    library.flush()
    result = library.run(run.id), library.epochs(run.id)
    library.close()
    return result


def test_app_and_script_learn_the_same_where_the_order_of_images_cannot_matter(observed, tmp_path):
    """Eight steps on the whole training part: the curves differ by rounding only."""
    notes, _ = observed["whole batches"]
    run, epochs = trained(settings_of("whole batches"), tmp_path)
    theirs = notes["history"]
    for name, ours in (
        ("val_sparse_categorical_crossentropy", [epoch.validation_loss for epoch in epochs]),
        ("sparse_categorical_crossentropy", [epoch.running_loss for epoch in epochs]),
        ("val_loss", [epoch.validation_loss + epoch.penalty for epoch in epochs]),
    ):
        assert ours == pytest.approx(theirs[name], rel=1e-3), name
    # One of 300 test images may lie on the edge.
    assert run.test_accuracy == pytest.approx(printed_accuracy(notes["printed"]), abs=0.005)


def test_app_and_script_learn_the_same_with_smoothed_labels_and_averaged_weights(
    observed, tmp_path
):
    """Max-norm, clipping, a schedule and group normalization besides; whole batches as above.

    Keras's own loss has the smoothing in it: what is compared is the plain cross-entropy, of the
    averaged weights on validation, of the moving ones while training.
    """
    notes, _ = observed["whole batches, steadied"]
    run, epochs = trained(settings_of("whole batches, steadied"), tmp_path)
    theirs = notes["history"]
    for name, ours in (
        ("val_categorical_crossentropy", [epoch.validation_loss for epoch in epochs]),
        ("categorical_crossentropy", [epoch.running_loss for epoch in epochs]),
    ):
        assert ours == pytest.approx(theirs[name], rel=1e-3), name
    assert [e.validation_loss for e in epochs] != pytest.approx(theirs["val_loss"], rel=0.05)
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx(notes["rates"], rel=1e-6)
    assert run.test_accuracy == pytest.approx(printed_accuracy(notes["printed"]), abs=0.005)


def test_app_and_script_learn_the_same_with_the_equal_average(observed, tmp_path):
    """From epoch 3 of 8 on, with statistics of its own; whole batches as above.

    As without an average while training; on validation, the two are far apart.
    """
    notes, _ = observed["whole batches, equal average"]
    settings = settings_of("whole batches, equal average")
    assert settings.optimisation.first_averaged_epoch == 3
    run, epochs = trained(settings, tmp_path / "averaged")
    name, theirs = "sparse_categorical_crossentropy", notes["history"]
    validation = [epoch.validation_loss for epoch in epochs]
    assert validation == pytest.approx(theirs[f"val_{name}"], rel=1e-3)
    assert [epoch.running_loss for epoch in epochs] == pytest.approx(theirs[name], rel=1e-3)
    assert run.test_accuracy == pytest.approx(printed_accuracy(notes["printed"]), abs=0.005)
    plain = dataclasses.replace(
        settings, optimisation=dataclasses.replace(settings.optimisation, averaging="none")
    )
    _, others = trained(plain, tmp_path / "plain")
    assert [e.running_loss for e in others] == [e.running_loss for e in epochs]
    assert [e.validation_loss for e in others[:2]] == validation[:2]
    assert others[-1].validation_loss != pytest.approx(validation[-1], rel=0.05)


def test_a_script_alone_in_an_empty_folder_comes_to_about_what_the_app_reaches(tmp_path):
    """Only the order of the batches differs.

    Over seeds and settings like these, the two were up to 2.4 points of 300 test images apart, in
    either direction.
    """
    settings = from_mapping({"dataset": "digits", "training_images": 1197, "epochs": 10})
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "script.py").write_text(keras_script(settings))
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=alone,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in alone.iterdir()} == {"script.py", "best.keras"}
    run, _ = trained(settings, tmp_path / "library")
    assert run.test_accuracy == pytest.approx(printed_accuracy(done.stdout), abs=0.04)
    assert run.test_accuracy > 0.9


def printed_accuracy(printed: str) -> float:
    found = re.fullmatch(r"Test accuracy: (\d+\.\d)%", printed.splitlines()[-1])
    assert found, printed
    return float(found[1]) / 100

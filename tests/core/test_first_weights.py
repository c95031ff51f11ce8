"""The first weights of a network: the same, whatever regularizes it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.fitting.begun_with import KIND, BegunWith, begun_with, begun_with_of
from core.library.records import Event
from core.model import build_network, seeds_of_noise
from core.network import plan_network
from core.settings import from_mapping
from tests.core.small import SMALL, small

pytestmark = pytest.mark.usefixtures("warm")

REGULARIZED = [
    {"dropout_dense": 0.5},
    {"dropout_convolution": 0.2, "dropout_kind": "spatial"},
    {"dropout_convolution": 0.2, "dropout_dense": 0.1, "dropout_kind": "gaussian"},
    {"noise": 0.1},
    {"noise": 0.1, "noise_place": "blocks", "dropout_convolution": 0.3},
    {"normalization": "batch"},
    {"normalization": "layer", "normalization_place": "after"},
    {"normalization": "group", "dropout_dense": 0.5},
    {"l1": 0.001, "l2": 0.01, "max_norm": 1.0},
    {"label_smoothing": 0.1, "early_stopping": True},
    {"optimizer": "adamw", "weight_decay": 0.1},
    {"schedule": "cosine", "weight_averaging": True, "gradient_clipping": 1.0},
    {"shift": 0.1, "mixup": 0.2},
]


def built(**changes):
    return build_network(small(blocks=2, seed=7, **changes), (8, 8, 1), 10)


def kernels(model) -> dict[str, np.ndarray]:
    return {layer.name: np.asarray(layer.kernel) for layer in model.layers if layer.name in NAMES}


NAMES = ("conv_1", "conv_2", "dense", "classes")


@pytest.mark.parametrize("changes", REGULARIZED, ids=str)
def test_kernels_before_the_first_step_are_those_without_any_regularizer(changes):
    plain, regularized = kernels(built()), kernels(built(**changes))
    assert list(plain) == list(regularized) == list(NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(plain[name], regularized[name])


def test_dropout_at_one_place_draws_the_same_masks_whatever_stands_at_the_others():
    def mask(model) -> np.ndarray:
        layer = model.get_layer("dropout_dense")
        return np.asarray(layer(np.ones((4, 16), np.float32), training=True))

    alone = built(dropout_dense=0.5)
    among_others = built(
        dropout_dense=0.5, dropout_convolution=0.3, noise=0.1, normalization="batch"
    )
    np.testing.assert_array_equal(mask(alone), mask(among_others))
    assert 0 < (mask(alone) == 0).mean() < 1


def test_no_two_places_draw_alike():
    """Nor does a place draw as a kernel, nor as a place under the next seed."""
    drawn = [*seeds_of_noise(1, 10), *seeds_of_noise(2, 10)]
    assert len(set(drawn)) == 20
    assert drawn[:10] == np.random.SeedSequence(1).generate_state(10).tolist()


def test_each_place_has_a_number_of_its_own_from_the_image_on():
    settings = small(blocks=2, noise=0.1, dropout_convolution=0.2, dropout_dense=0.5)
    plan = plan_network(settings, (8, 8, 1), 10)
    on_blocks = plan_network(small(blocks=2, noise=0.1, noise_place="blocks"), (8, 8, 1), 10)
    places = {
        layer.name: layer.noise_place
        for layer in (*plan.layers, *on_blocks.layers)
        if layer.noise_place is not None
    }
    assert places == {
        "noise": 0,
        "noise_1": 1,
        "dropout_1": 2,
        "noise_2": 3,
        "dropout_2": 4,
        "dropout_dense": 5,
    }
    assert plan.noise_places == on_blocks.noise_places == 6


# What a run notes of its beginning


def noted(images: int = 100, **changes) -> BegunWith:
    settings = from_mapping(SMALL | changes)
    return begun_with(build_network(settings, (8, 8, 1), 10), settings.optimisation, images)


def test_fingerprints_of_a_beginning_are_the_same_with_other_regularizers():
    assert noted() == noted(dropout_dense=0.5, normalization="batch", l2=0.01, schedule="cosine")


@pytest.mark.parametrize(
    ("changes", "same_weights", "same_batches"),
    [
        ({"seed": 2}, False, False),
        ({"dense_units": 17}, False, True),
        ({"batch_size": 31}, True, False),
        ({"images": 99}, True, False),
        ({"epochs": 4}, True, False),
    ],
    ids=str,
)
def test_fingerprints_tell_apart_what_differs(changes, same_weights, same_batches):
    first, other = noted(), noted(**changes)
    assert (first.weights == other.weights) is same_weights
    assert (first.batches == other.batches) is same_batches


def test_one_weight_that_differs_makes_another_fingerprint():
    settings = small()
    model = build_network(settings, (8, 8, 1), 10)
    before = begun_with(model, settings.optimisation, 100)
    kernel = model.get_layer("dense").kernel
    changed = np.array(kernel)
    changed[0, 0] = np.nextafter(changed[0, 0], 1, dtype=np.float32)
    kernel.assign(changed)
    after = begun_with(model, settings.optimisation, 100)
    assert (before.weights == after.weights, before.batches == after.batches) == (False, True)


def test_what_the_event_says_is_read_back():
    one = noted()
    events = [Event(0, 1, 0, "started", "Training began."), Event(1, 1, 0, KIND, one.words)]
    assert begun_with_of(events) == one


def test_a_run_of_an_earlier_version_noted_nothing():
    assert begun_with_of([Event(0, 1, 0, "started", "Training began.")]) is None
    assert begun_with_of([Event(0, 1, 0, KIND, "Something else.")]) is None


def test_regularizers_are_tried_in_pairs_too():
    """Kernels of the same shape stay the same when two of them meet."""
    plain = kernels(built())
    for one, other in itertools.pairwise(REGULARIZED[:6]):
        for name, kernel in kernels(built(**{**one, **other})).items():
            np.testing.assert_array_equal(kernel, plain[name])

"""Augmentation of single images and of pairs, against closed forms and pictures drawn by hand."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.stats

from core.augmentation.batches import Augmentation, augmentation_of
from core.augmentation.cautions import augmentation_cautions
from core.augmentation.draws import answered, drawn, probabilities_of
from core.augmentation.mixing import (
    blended,
    first_of_each_class,
    mixed,
    parts_of_label,
    pasted,
    two_classes,
)
from core.augmentation.plan import Turn, alterations
from core.fitting.steps import StopFlag, TrainingSteps, order_of_epoch
from core.learning.running_gap import why_they_differ
from core.learning.what_is_measured import what_is_measured
from core.model import build_network, build_optimizer
from core.runs import Library
from core.settings import AugmentationSettings, Settings, from_mapping
from tests.core.made_runs import made_epochs
from tests.core.small import parts, small, train

pytestmark = pytest.mark.usefixtures("warm")

EVERY_ONE = AugmentationSettings(0.2, 30.0, 0.2, "both", 0.3, 0.25)
NOISE = np.random.default_rng(5).random((16, 16, 1)).astype(np.float32)


def dot(row: int, column: int, side: int = 33) -> np.ndarray:
    """A white square of 3x3 pixels around a place."""
    image = np.zeros((side, side, 1), np.float32)
    image[row - 1 : row + 2, column - 1 : column + 2] = 1
    return image


def centres(images: np.ndarray) -> np.ndarray:
    """Row and column of the centre of mass of each, from the middle of the image."""
    places = np.indices(images.shape[1:3]) - (images.shape[1] - 1) / 2
    mass = images[..., 0].sum(axis=(1, 2))
    return np.einsum("nrc,prc->np", images[..., 0], places) / mass[:, np.newaxis]


# Single images


def test_no_augmentation_leaves_every_draw_as_it_is():
    assert augmentation_of(Settings()) is None
    draws = drawn(NOISE, AugmentationSettings(), seed=3, count=4)
    np.testing.assert_array_equal(draws, np.repeat(NOISE[np.newaxis], 4, axis=0))


def test_mixing_is_not_for_a_single_image():
    draws = drawn(NOISE, AugmentationSettings(mixup=1.0, cutmix=1.0), seed=3, count=2)
    np.testing.assert_array_equal(draws[1], NOISE)


@pytest.mark.parametrize(
    ("flip", "forms"),
    [
        ("horizontal", (NOISE, NOISE[:, ::-1])),
        ("vertical", (NOISE, NOISE[::-1])),
        ("both", (NOISE, NOISE[:, ::-1], NOISE[::-1], NOISE[::-1, ::-1])),
    ],
)
def test_a_flip_is_the_exact_mirror_image_or_nothing(flip, forms):
    draws = drawn(NOISE, AugmentationSettings(flip=flip), seed=1, count=40)
    met = [next(k for k, form in enumerate(forms) if np.array_equal(draw, form)) for draw in draws]
    assert set(met) == set(range(len(forms)))


def test_a_shift_moves_the_image_up_to_its_limit_in_every_direction():
    moved = centres(drawn(dot(16, 16), AugmentationSettings(shift=0.2), seed=1, count=200)) / 33
    assert np.abs(moved).max() <= 0.2 + 1e-3
    assert moved.min(axis=0).max() < -0.15 and moved.max(axis=0).min() > 0.15


def test_a_rotation_turns_around_the_middle_up_to_its_limit():
    """The dot stands 10 pixels to the right of the middle: its angle is that of the turn."""
    settings = AugmentationSettings(rotation=30.0)
    rows, columns = centres(drawn(dot(16, 26), settings, seed=1, count=200)).T
    degrees = np.degrees(np.arctan2(rows, columns))
    assert np.hypot(rows, columns) == pytest.approx(10, abs=0.2)
    assert np.abs(degrees).max() <= 30.5
    assert degrees.min() < -25 and degrees.max() > 25


def test_a_zoom_scales_distances_from_the_middle_within_its_limits():
    """Keras samples at 1 - z to 1 + z times the distance, so the image shrinks or grows by that."""
    rows, columns = centres(drawn(dot(16, 26), AugmentationSettings(zoom=0.2), seed=1, count=200)).T
    assert np.abs(rows).max() < 0.05
    scale = columns / 10
    assert 1 / 1.2 - 0.01 <= scale.min() < 0.87 and 1.2 < scale.max() <= 1 / 0.8 + 0.01


def test_contrast_stretches_each_image_around_its_mean():
    image = 0.4 + 0.2 * NOISE
    draws = drawn(image, AugmentationSettings(contrast=0.5), seed=1, count=50)
    mean = image.mean()
    apart = image - mean
    one_each = ((draws - mean) * apart).sum(axis=(1, 2, 3)) / (apart**2).sum()
    np.testing.assert_allclose(draws, apart * one_each[:, None, None, None] + mean, atol=1e-5)
    assert 0.5 <= one_each.min() < 0.6 and 1.4 < one_each.max() <= 1.5 + 1e-4


@pytest.mark.parametrize(("side", "share", "cut"), [(16, 0.5, 8), (28, 0.25, 7), (8, 0.75, 6)])
def test_cutout_blackens_one_square_of_its_side(side, share, cut):
    white = np.ones((side, side, 3), np.float32)
    draws = drawn(white, AugmentationSettings(cutout=share), seed=2, count=30)
    for draw in draws:
        black = draw[..., 0] == 0
        assert black.sum() == cut**2
        rows, columns = black.any(axis=1), black.any(axis=0)
        assert (rows.sum(), columns.sum()) == (cut, cut)
        assert (draw == draw[..., :1]).all() and set(np.unique(draw)) == {0, 1}
    assert len({draw.tobytes() for draw in draws}) > 3


def test_all_together_stay_within_black_and_white():
    draws = drawn(NOISE, EVERY_ONE, seed=1, count=50)
    assert draws.shape == (50, 16, 16, 1) and draws.dtype == np.float32
    assert draws.min() >= 0 and draws.max() <= 1 + 1e-6


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    first, again, other = (drawn(NOISE, EVERY_ONE, seed, 5) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_alteration_rolls_its_own_dice_whatever_else_is_on():
    def dice(settings: AugmentationSettings) -> dict[str, int]:
        return {f"{a.kind}{a.positional[:1]}": a.chance for a in alterations(settings)}

    every_one = dice(EVERY_ONE)
    assert len(set(every_one.values())) == len(every_one) == 7
    for changes in ({"shift": 0.2}, {"flip": "vertical"}, {"contrast": 0.3, "zoom": 0.2}):
        assert dice(AugmentationSettings(**changes)).items() <= every_one.items()


def test_an_angle_is_written_in_degrees_and_is_a_share_of_the_turn():
    assert (repr(Turn(15.0)), float(Turn(15.0))) == ("15 / 360", 15 / 360)
    assert (repr(Turn(12.5)), Turn(90)) == ("12.5 / 360", 0.25)


def test_a_network_answers_to_the_draws_as_it_does_to_any_image():
    model = build_network(small(), (8, 8, 1), 10)
    image = parts(small()).validation_images[0]
    draws = drawn(image, EVERY_ONE, seed=1, count=12)
    found = answered(model, image, draws)
    expected = model.predict(draws, verbose=0).argmax(axis=1)
    plain = model.predict(image[np.newaxis], verbose=0)[0]
    np.testing.assert_array_equal(found.answers, expected)
    assert found.plain_answer == plain.argmax()
    assert found.plain_confidence == pytest.approx(plain.max(), rel=1e-5)
    np.testing.assert_array_equal(found.kept, expected == plain.argmax())


# Pairs


def test_a_mixup_is_the_sum_of_the_images_by_their_labels_shares():
    """One image a class: the label says which images it is made of, and of how much of each."""
    images = np.random.default_rng(1).random((20, 6, 6, 3)).astype(np.float32)
    mix = mixed(images, np.arange(20), 20, AugmentationSettings(mixup=1.0), seed=4)
    np.testing.assert_allclose(mix.shares.sum(axis=1), 1, atol=1e-6)
    assert mix.shares.min() >= 0 and (mix.shares > 0).sum(axis=1).max() == 2
    np.testing.assert_allclose(
        mix.images, np.einsum("nk,krsc->nrsc", mix.shares, images), atol=1e-6
    )


@pytest.mark.parametrize(
    ("kind", "alpha"),
    [("mixup", 0.2), ("mixup", 0.4), ("mixup", 1.0), ("cutmix", 0.5), ("cutmix", 1.0)],
)
def test_the_shares_come_from_a_beta_distribution(kind, alpha):
    images = np.zeros((1500, 1, 1, 1), np.float32)
    settings = AugmentationSettings(**{kind: alpha})
    shares = mixed(images, np.arange(1500), 1500, settings, seed=1).shares.diagonal()
    drawn_shares = shares[shares < 1]
    assert scipy.stats.kstest(drawn_shares, scipy.stats.beta(alpha, alpha).cdf).pvalue > 0.01


def test_a_cutmix_label_has_the_share_of_the_area():
    """Each image is of one gray, so that its pixels can be counted.

    Keras takes the area of the box before it is fitted to whole pixels: a row and a column off, at
    most.
    """
    side = 64
    grays = np.arange(1, 13, dtype=np.float32) / 12
    images = np.broadcast_to(grays[:, None, None, None], (12, side, side, 1)).astype(np.float32)
    mix = mixed(images, np.arange(12), 12, AugmentationSettings(cutmix=1.0), seed=2)
    np.testing.assert_allclose(mix.shares.sum(axis=1), 1, atol=1e-6)
    for image, shares in zip(mix.images, mix.shares, strict=True):
        areas = np.array([(image == gray).mean() for gray in grays])
        assert areas.sum() == pytest.approx(1)
        np.testing.assert_allclose(shares, areas, atol=(2 * side + 1) / side**2)
    assert 0.05 < mix.shares.diagonal().min() < mix.shares.diagonal().max() <= 1


def test_both_make_at_most_four_classes_of_one():
    images = np.random.default_rng(1).random((20, 8, 8, 1)).astype(np.float32)
    settings = AugmentationSettings(mixup=1.0, cutmix=1.0)
    mix = mixed(images, np.arange(20), 20, settings, seed=4)
    np.testing.assert_allclose(mix.shares.sum(axis=1), 1, atol=1e-6)
    assert 2 < (mix.shares > 0).sum(axis=1).max() <= 4


def test_a_blend_by_hand():
    first, second = np.full((2, 2, 1), 0.2, np.float32), np.full((2, 2, 1), 1.0, np.float32)
    pair = blended(first, second, 0.75)
    np.testing.assert_allclose(pair.image, 0.75 * 0.2 + 0.25)
    np.testing.assert_allclose(pair.label(2, 0, 4), [0.25, 0, 0.75, 0])
    np.testing.assert_allclose(pair.label(1, 1, 2), [0, 1])


@pytest.mark.parametrize(("share", "piece"), [(0.75, 8), (0.0, 16), (1.0, 0)])
def test_a_piece_by_hand_has_the_rest_of_the_area(share, piece):
    first, second = np.zeros((16, 16, 1), np.float32), np.ones((16, 16, 1), np.float32)
    for seed in range(5):
        pair = pasted(first, second, share, seed)
        assert pair.image.sum() == piece**2
        assert pair.share == 1 - piece**2 / 256 == share
    assert not first.any()


def test_two_images_of_different_classes_are_drawn_by_seed():
    labels = np.array([3, 3, 3, 3, 7])
    for seed in range(6):
        first, second = two_classes(labels, seed)
        assert labels[first] != labels[second]
    assert len({two_classes(np.arange(50), seed) for seed in range(6)}) > 1
    assert set(two_classes(np.zeros(3, int), 1)) <= {0, 1, 2}


def test_the_first_images_of_every_class_are_found_where_they_stand():
    found = first_of_each_class(np.array([2, 0, 2, 2, 5]), 2)
    assert found == {(0, 1): 1, (2, 1): 0, (2, 2): 2, (5, 1): 4}
    assert list(found) == [(0, 1), (2, 1), (2, 2), (5, 1)]


def test_the_parts_of_a_label_are_named_largest_first():
    shares = np.array([0.1, 0.0, 0.898, 0.002])
    named = parts_of_label(shares, ["a", "b", "c", "d"])
    assert named == [("c", pytest.approx(0.898)), ("a", pytest.approx(0.1))]


# Training


def steps_with(settings: Settings) -> tuple[keras.Model, TrainingSteps]:
    data, model = parts(settings), build_network(settings, (8, 8, 1), 10)
    steps = TrainingSteps(
        model,
        build_optimizer(settings.optimisation),
        data.training_images,
        data.training_labels,
        settings.optimisation.batch_size,
        StopFlag(),
        augmentation=augmentation_of(settings),
    )
    return model, steps


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_step_learns_from_the_altered_batch_by_the_weighted_cross_entropy(epoch):
    """The same batch, altered outside of the graph; the loss and what counts as right by hand."""
    settings = small(mixup=1.0, shift=0.2, flip="horizontal")
    model, steps = steps_with(settings)
    data, order = parts(settings), order_of_epoch(1, epoch, 100)
    alone = Augmentation(settings.augmentation, settings.optimisation.seed, classes=10)
    alone.begin(epoch, steps.steps_per_epoch)
    first = order[:32]
    images, shares = alone(
        keras.ops.convert_to_tensor(data.training_images[first]),
        keras.ops.convert_to_tensor(data.training_labels[first]),
    )
    images, shares = np.asarray(images), np.asarray(shares)
    probabilities = probabilities_of(model, images)
    expected = -(shares * np.log(probabilities)).sum(axis=1).mean()
    right = (probabilities.argmax(axis=1) == shares.argmax(axis=1)).mean()
    steps.begin(epoch)
    losses, accuracies, _ = steps.run(order, 0, 1)
    assert losses[0] == pytest.approx(expected, rel=1e-5)
    assert accuracies[0] == pytest.approx(right)
    assert not np.allclose(images, data.training_images[first])


def test_every_batch_and_every_epoch_draws_anew():
    alone = Augmentation(AugmentationSettings(cutout=0.5), seed=1, classes=10)
    images, labels = keras.ops.ones((4, 8, 8, 1)), keras.ops.zeros(4, "int64")
    seen = []
    for epoch in (1, 2):
        alone.begin(epoch, steps=2)
        seen += [np.asarray(alone(images, labels)[0]).tobytes() for _ in range(2)]
    assert len(set(seen)) == 4


def test_what_a_run_is_judged_on_is_never_altered(tmp_path: Path):
    """The figures on record are those of the stored network on the plain images, by Keras."""
    library = Library(tmp_path / "home")
    settings = small(shift=0.4, rotation=90, cutout=0.5, mixup=1.0, label_smoothing=0.1)
    run = train(library, settings)
    epoch, data = library.epochs(run.id)[-1], parts(settings)
    last = library.file(run.id, "last.keras")
    for images, labels, loss, accuracy in (
        (data.fair_images, data.fair_labels, epoch.fair_loss, epoch.fair_accuracy),
        (data.validation_images, data.validation_labels, epoch.validation_loss, None),
    ):
        expected = evaluated_loss(last, images, labels)
        assert loss == pytest.approx(expected[0], rel=1e-4)
        assert accuracy is None or accuracy == pytest.approx(expected[1], abs=1e-6)
    best = library.file(run.id, "best.keras")
    assert run.test_accuracy == pytest.approx(
        evaluated_loss(best, data.test_images, data.test_labels)[1], abs=1e-6
    )
    library.close()


def evaluated_loss(path: Path, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Cross-entropy and accuracy of a stored network, compiled afresh by Keras."""
    model = keras.models.load_model(path, compile=False)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    return loss, accuracy


# Words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flip": "horizontal"}, "mirrored digits"),
        ({"flip": "vertical", "dataset": "cifar10"}, "on their heads"),
        ({"rotation": 90.0}, "a 6 may look like a 9"),
        ({"mixup": 0.2, "batch_size": 1}, "none to mix with"),
    ],
)
def test_what_may_do_harm_is_said(changes, words):
    (sentence,) = augmentation_cautions(from_mapping(changes))
    assert words in sentence


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"shift": 0.1, "rotation": 15.0, "zoom": 0.1, "mixup": 0.2, "cutmix": 1.0},
        {"flip": "horizontal", "rotation": 90.0, "dataset": "cifar10"},
    ],
)
def test_what_does_none_is_not(changes):
    assert augmentation_cautions(from_mapping(changes)) == []


def test_the_running_loss_differs_for_augmentation_and_mixing_in_words():
    epochs = made_epochs([1.0, 0.9])
    assert "altering" not in why_they_differ(epochs, Settings())
    words = why_they_differ(epochs, from_mapping({"shift": 0.1, "mixup": 0.2}))
    assert "augmentation altering the images" in words
    assert "mixed images being scored against mixed labels" in words


def test_on_what_the_losses_are_taken_is_said():
    assert what_is_measured(Settings()) == ""
    altered = what_is_measured(from_mapping({"shift": 0.1}))
    assert "altered images" in altered and "larger share" not in altered
    assert "accuracy counts the class of the larger share" in what_is_measured(
        from_mapping({"cutmix": 1.0})
    )

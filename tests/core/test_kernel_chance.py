"""p-values of kernels: uniform where there is chance only, small where something was planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest
from statsmodels.stats.multitest import multipletests

from core.inside.filter_set import duplicates
from core.inside.kernel_chance import (
    Chance,
    Significance,
    chance,
    discoveries,
    share_above,
    share_below,
    significance,
)
from core.inside.kernel_measures import measure
from core.inside.layer_kernels import kernel_rows, measure_layer
from core.inside.one_kernel import describable, describe, edges_in_words, in_words
from core.inside.whole_layer import side_by_side, whole_layer

SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LAPLACIAN = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


@pytest.fixture(scope="module")
def random() -> Chance:
    return chance(3, 3)


def held(kernels: np.ndarray, random: Chance) -> Significance:
    found = measure(kernels)
    return significance(kernels, found.variance, found.separability, random)


def test_random_3x3_kernels_have_a_circular_variance_of_about_0_88(random: Chance) -> None:
    """An independent draw by the definition, over finer orientations and stripes."""
    kernels = np.random.default_rng(11).normal(size=(4000, 3, 3))
    turns, waves = np.deg2rad(np.arange(0, 180, 4)), np.linspace(0.02, 0.5, 25)
    right, up = np.meshgrid([-1, 0, 1], [1, 0, -1])
    along = np.multiply.outer(np.cos(turns), right) + np.multiply.outer(np.sin(turns), up)
    best = np.zeros((len(kernels), len(turns)))
    for wave in waves:
        grating = np.exp(-2j * np.pi * wave * along)
        best = np.maximum(best, np.abs(np.einsum("kyx,tyx->kt", kernels, grating)))
    variance = 1 - np.abs(best @ np.exp(2j * turns)) / best.sum(axis=1)
    assert random.variance.mean() == pytest.approx(variance.mean(), abs=0.01)
    assert random.variance.std() == pytest.approx(variance.std(), abs=0.01)
    assert random.variance.mean() == pytest.approx(0.885, abs=0.0006)
    assert random.variance.std() == pytest.approx(0.084, abs=0.0006)


def test_the_peak_at_1_is_of_kernels_of_one_sign_which_see_flat_gray(random: Chance) -> None:
    """15% of random kernels; their weights share a sign, and with sum 0 there is no peak."""
    kernels = np.random.default_rng(11).normal(size=(10_000, 3, 3))
    peak = measure(kernels).variance > 0.98
    assert peak.mean() == pytest.approx((random.variance > 0.98).mean(), abs=0.01)
    assert peak.mean() == pytest.approx(0.15, abs=0.01)
    one_sign = np.abs(kernels.sum(axis=(1, 2))) / np.abs(kernels).sum(axis=(1, 2))
    assert one_sign[peak].mean() > 0.65 > 0.3 > one_sign[~peak].mean()
    without = measure(kernels - kernels.mean(axis=(1, 2), keepdims=True)).variance
    assert (without > 0.98).mean() < 0.02
    assert without.mean() == pytest.approx(0.837, abs=0.003)
    assert without.std() == pytest.approx(0.085, abs=0.003)


def test_p_values_of_random_kernels_are_uniform(random: Chance) -> None:
    kernels = np.random.default_rng(7).normal(0, 0.3, size=(1500, 3, 3))
    found = held(kernels, random)
    for p_values in (found.pattern, found.oriented, found.separable):
        # A twentieth: far below what a wrong tail or a forgotten choice among families gives.
        assert kstest(p_values, "uniform").statistic < 0.05


@pytest.mark.parametrize("drift", [0.0, 0.4])
def test_of_kernels_as_keras_draws_them_one_in_twenty_passes(random: Chance, drift: float) -> None:
    """Uniform ones, also with a drift of normal steps, as training without anything to learn."""
    rng = np.random.default_rng(7)
    kernels = rng.uniform(-1, 1, (5000, 3, 3)) + drift * rng.normal(size=(5000, 3, 3))
    found = held(kernels, random)
    for p_values in (found.pattern, found.oriented):
        assert 0.035 < (p_values <= 0.05).mean() < 0.07


def test_without_the_choice_among_families_it_would_not_be_uniform(random: Chance) -> None:
    found = held(np.random.default_rng(7).normal(size=(1500, 3, 3)), random)
    assert kstest(found.each.min(axis=0), "uniform").statistic > 0.3


def test_sobel_and_the_laplacian_are_named_and_no_chance(random: Chance) -> None:
    sobel, laplacian = (describe(kernel, random) for kernel in (SOBEL_X, LAPLACIAN))
    assert (sobel.nearest.name, laplacian.nearest.name) == ("Sobel", "Laplacian")
    assert sobel.nearest.similarity == pytest.approx(1)
    assert sobel.pattern < 0.001 and laplacian.pattern < 0.001
    assert sobel.oriented < 0.02 and laplacian.oriented > 0.9


def test_the_sentence_says_what_it_is_with_its_p_value(random: Chance) -> None:
    words = in_words(describe(SOBEL_X, random))
    assert "Its pattern has a name: Sobel (similarity 1.00)" in words
    assert "vertical edges, 0°" in words and "p ≤ 2e-05" in words
    noise = np.random.default_rng(3).normal(size=(3, 3))
    words = in_words(describe(noise, random))
    assert "No classic kernel stands out" in words
    assert "no direction more than a random kernel" in words


def test_a_larger_similarity_to_another_family_is_explained_by_chance(random: Chance) -> None:
    scharr = np.array([[-3.0, 0, 3], [-10, 0, 10], [-3, 0, 3]])
    kernel = scharr + 4 * np.random.default_rng(5).normal(size=(5, 3, 3))[4]
    nature = describe(kernel, random)
    gabor = next(like for like in nature.likenesses if like.name == "Gabor")
    assert nature.nearest.name == "Scharr" and gabor.similarity > nature.nearest.similarity
    shares = [
        (1 + (like.random >= like.similarity).sum()) / 40_001 for like in (gabor, nature.nearest)
    ]
    words = in_words(nature)
    assert f"Gabor has the larger similarity ({gabor.similarity:.2f}) but says less" in words
    assert f"{shares[0]:.1%} of random ones by itself, Scharr to {shares[1]:.2%}" in words
    assert "says less" not in in_words(describe(SOBEL_X, random))
    assert (gabor.random < gabor.usual).mean() == pytest.approx(0.95, abs=1e-4)


@pytest.mark.parametrize(
    ("angle", "words"),
    [(0, "vertical"), (178, "vertical"), (90, "horizontal"), (45, "fall"), (135, "rise")],
)
def test_edges_lie_across_the_direction_of_change(angle: float, words: str) -> None:
    assert words in edges_in_words(angle)


def test_p_values_count_the_kernel_itself_and_are_never_0() -> None:
    """Of four random numbers one is at most 1, and itself: 2 of 5."""
    drawn = np.array([1.0, 2, 3, 4])
    assert share_below(drawn, np.array([0.5, 1, 9, np.nan]))[:3].tolist() == [0.2, 0.4, 1]
    assert share_above(drawn, np.array([9.0, 4, 0])).tolist() == [0.2, 0.4, 1]
    assert np.isnan(share_below(drawn, np.array([np.nan]))[0])


def test_discoveries_are_those_of_statsmodels_and_a_dead_kernel_is_none() -> None:
    p_values = np.random.default_rng(0).uniform(size=200) ** 4
    expected = multipletests(p_values, 0.05, method="fdr_bh")[0]
    assert expected.any() and not expected.all()
    found = discoveries(np.append(p_values, np.nan))
    assert found.tolist() == [*expected.tolist(), False]


def layer(planted: int, filters: int = 100) -> np.ndarray:
    """Noise, and some kernels of it a Sobel of other lengths with a little noise."""
    rng = np.random.default_rng(5)
    kernels = rng.normal(size=(3, 3, 2, filters))
    for number in range(planted):
        kernels[:, :, 1, number] = (number + 1) * (SOBEL_X + 0.02 * rng.normal(size=(3, 3)))
    return kernels


def test_planted_edge_detectors_are_found_among_all_and_noise_is_not() -> None:
    found = measure_layer(layer(planted=20))
    assert found.total == len(found.filters) == 200
    marked = set(zip(found.filters[found.patterned], found.channels[found.patterned], strict=True))
    assert {(number, 1) for number in range(20)} <= marked
    assert len(marked) <= 24
    assert not measure_layer(layer(planted=0)).patterned.any()
    assert sum(both[0] for both in found.kinds().values()) == 200


def test_a_dead_kernel_is_nothing_and_counted_nowhere() -> None:
    kernels = layer(planted=0, filters=4)
    kernels[:, :, 0, 2] = 0
    found = measure_layer(kernels)
    assert found.significance.nearest[4] == -1
    assert sum(both[0] for both in found.kinds().values()) == 7
    last = kernel_rows(found)[-1]
    assert (last["Filter"], last["Channel"], last["Nearest"]) == (2, 0, "all zeros")


def test_of_a_large_layer_some_kernels_are_measured_evenly_spread_and_said() -> None:
    kernels = np.random.default_rng(0).normal(size=(3, 3, 64, 128)).astype(np.float32)
    found = measure_layer(kernels, most=100)
    assert (found.total, len(found.filters)) == (8192, 100)
    assert (found.filters[0], found.filters[-1]) == (0, 127)
    assert len(kernel_rows(found, 7)) == 7
    for number in (0, 13, 99):
        plane = kernels[:, :, found.channels[number], found.filters[number]]
        assert found.measures.norms[number] == pytest.approx(np.linalg.norm(plane), rel=1e-5)


def test_the_measures_of_two_layers_stand_side_by_side() -> None:
    layers = {}
    for name, kernels in (("plain", layer(0)), ("with", layer(20))):
        layers[name] = whole_layer(kernels), duplicates(kernels)
    rows = {row["Figure"]: row for row in side_by_side(layers)}
    assert rows["Filters"] == {"Figure": "Filters", "plain": "100", "with": "100"}
    significant = rows["With a classic pattern, significantly"]
    assert significant["plain"] == "0 (0%)"
    assert 20 <= int(significant["with"].split()[0]) <= 24


def test_kernels_of_one_weight_have_filters_but_no_pattern() -> None:
    whole = whole_layer(np.ones((1, 1, 3, 4)))
    assert whole.kernels is None and len(whole.filters.norms) == 4


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (np.ones((1, 1)), "single weight"),
        (np.zeros((3, 3)), "dead"),
        (np.full((3, 3), np.nan), "not finite"),
        (SOBEL_X, ""),
    ],
)
def test_what_cannot_be_described_is_said(kernel: np.ndarray, words: str) -> None:
    assert words in describable(kernel)
    assert bool(describable(kernel)) == bool(words)

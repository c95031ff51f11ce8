"""Pictures of altered images and of labels, pixel by pixel and bar by bar."""

from __future__ import annotations

import numpy as np
import pytest

from core.augmentation.records import GapCounts
from core.figures.draws import draw_grid, mixed_grid
from core.figures.labels import gap_curve, gap_histogram, label_bars

GRAYS = np.broadcast_to(
    np.array([0.0, 0.4, 1.0], np.float32)[:, None, None, None], (3, 26, 26, 1)
).copy()
VERMILLION, BLUE, ORANGE = (213, 94, 0), (0, 114, 178), (230, 159, 0)


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (picture[..., :3] == colour).all(axis=2) & (picture[..., 3] == 255)


def test_each_draw_stands_enlarged_in_its_place():
    """26 pixels four times as large, with 12 pixels between."""
    picture = draw_grid(GRAYS, ["a", "b", "c"], np.zeros(3, bool))
    assert picture.dtype == np.uint8 and picture.shape[2] == 4
    for place, gray in enumerate((0, 102, 255)):
        left = 12 + place * (104 + 12)
        assert (picture[12:116, left : left + 104, :3] == gray).all()
    assert not has(picture, VERMILLION).any()
    assert picture[5, 5, 3] == 0


def test_only_the_marked_draw_is_framed():
    picture = draw_grid(GRAYS, ["a", "b", "c"], np.array([False, True, False]))
    framed = np.flatnonzero(has(picture, VERMILLION)[60])
    assert framed.tolist() == [*range(124, 128), *range(232, 236)]


def test_draws_go_on_in_the_next_row():
    one_row = draw_grid(GRAYS, ["a"] * 3, np.zeros(3, bool))
    three_rows = draw_grid(GRAYS, ["a"] * 3, np.zeros(3, bool), columns=1)
    assert three_rows.shape[0] > 2.5 * one_row.shape[0]
    assert three_rows.shape[1] == 104 + 24


def test_a_mixed_image_has_its_label_as_a_bar_of_its_width():
    picture = mixed_grid(GRAYS[:1], [[("3", 0.75), ("8", 0.25)]])
    row = 12 + 104 + 4 + 5
    assert np.flatnonzero(has(picture, BLUE)[row]).tolist() == list(range(12, 12 + 78))
    assert np.flatnonzero(has(picture, ORANGE)[row]).tolist() == list(range(12 + 78, 12 + 104))


def test_a_long_word_stays_under_its_image():
    picture = draw_grid(GRAYS[:1], ["a very long name of a class"], np.zeros(1, bool))
    words = picture[118:, :, 3].any(axis=0)
    assert np.flatnonzero(words).min() >= 12 and np.flatnonzero(words).max() < 12 + 104


def test_all_captions_of_a_picture_have_letters_of_one_height():
    """A short label beside a long one is as small as that; alone it is larger."""
    short, long = [("8", 1.0)], [("3", 0.53), ("0", 0.47)]

    def height(parts: list, place: int) -> int:
        picture = mixed_grid(GRAYS[: len(parts)], parts)
        left = 12 + place * (104 + 12)
        rows = picture[12 + 104 + 18 :, left : left + 104, 3].any(axis=1)
        return int(rows.sum())

    assert height([short, long], 0) < height([short], 0)


def test_colours_stay_colours():
    red = np.zeros((1, 4, 4, 3), np.float32)
    red[..., 0] = 1
    assert has(draw_grid(red, ["a"], np.zeros(1, bool)), (255, 0, 0)).sum() == 104**2


def test_label_and_answer_stand_side_by_side():
    figure = label_bars([0.7, 0.3], [0.1, 0.9], ["a", "b"], "Mixup", "One image")
    assert [list(bar.y) for bar in figure.data] == [[0.7, 0.3], [0.1, 0.9]]
    assert list(figure.layout.xaxis.ticktext) == ["a", "b"]
    assert len(label_bars([1.0], None, ["a"], "Label", "").data) == 1


@pytest.mark.parametrize(("gap", "traces"), [(4.5, 2), (float("inf"), 1)])
def test_a_gap_without_end_is_no_point_on_the_curve(gap, traces):
    figure = gap_curve([0.1, 0.2], [4.5, 3.7], 0.1, gap, 10)
    assert len(figure.data) == traces


def test_the_gaps_of_both_networks_and_what_is_asked_for():
    counted = GapCounts(np.array([0.5, 1.5]), (np.array([3, 1]), np.array([0, 4])), 1.0)
    figure = gap_histogram(counted, ["Without", "With"], 1.25, "4 images")
    assert [list(bar.y) for bar in figure.data] == [[3, 1], [0, 4]]
    assert figure.layout.shapes[0].x0 == 1.25
    assert "4 images" in figure.layout.title.text

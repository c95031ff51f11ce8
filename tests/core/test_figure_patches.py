"""The sheet of patches in pixels, and what is said of a filter's preference."""

from __future__ import annotations

import numpy as np

from core.figures.patches import FOR, Row, patch_rows, sheet
from core.inside.gratings import ANGLES
from core.inside.maximization import moments_to_show, to_see
from core.inside.peak_records import Patch
from core.inside.tuning import preference, tune_kernels
from core.inside.tuning_checks import SOBEL
from core.inside.tuning_words import in_words

SIDE, STEP = 118, 128


def test_pictures_are_enlarged_and_what_lies_beyond_the_image_shines_through():
    picture = np.zeros((2, 2, 1), np.float32)
    picture[0, 1], picture[1, 0] = 1, np.nan
    drawn = sheet([Row("", [picture])])
    quarter = SIDE // 4
    assert drawn[quarter, quarter].tolist() == [0, 0, 0, 255]
    assert drawn[quarter, 3 * quarter].tolist() == [255, 255, 255, 255]
    assert drawn[3 * quarter, quarter, 3] < 128


def test_the_frame_surrounds_what_is_seen_and_stays_on_the_image():
    image = np.zeros((1, 10, 10, 1), np.float32)
    patch = Patch(0, 1.0, -1, 4, np.zeros((3, 3, 1), np.float32))
    (row, alone) = patch_rows("For", [patch], image, ["1.0"], FOR)
    drawn = sheet([Row("", row.pictures, (), row.frames, FOR)])
    rows, columns = np.nonzero((drawn == FOR).all(axis=2))
    assert rows.min() == 0 and abs(rows.max() - 0.2 * SIDE) <= 2
    assert abs(columns.min() - 0.4 * SIDE) <= 2 and abs(columns.max() - 0.7 * SIDE) <= 2
    assert alone.pictures[0] is patch.pixels


def test_several_pictures_stand_side_by_side():
    black, white = np.zeros((3, 3, 1)), np.ones((3, 3, 1))
    drawn = sheet([Row("", [black, white])])
    assert drawn[60, 60, 0] == 0 and drawn[60, STEP + 60, 0] == 255
    assert drawn[60, SIDE + 4, 3] == 0


def test_colour_pictures_keep_their_colours():
    drawn = sheet([Row("", [np.broadcast_to([1.0, 0.0, 0.2], (4, 4, 3))])])
    assert drawn[60, 60].tolist() == [255, 0, 51, 255]


def test_the_steps_shown_begin_with_the_first_and_end_with_the_last():
    assert moments_to_show(256) == (0, 16, 64, 144, 256)
    assert moments_to_show(1) == (0, 1)


def test_a_picture_of_one_length_is_seen_around_gray():
    seen = to_see(np.array([[[-0.2], [0.0], [0.4]]]), "length")
    np.testing.assert_allclose(seen.ravel(), [0.25, 0.5, 1.0])


def test_sobel_in_words():
    found = preference(tune_kernels(SOBEL[:, :, None, None], np.array([0.02]), ANGLES), 0)
    words = in_words(found, 4)
    assert "Filter 4 prefers vertical edges** (0°) and stripes 25 pixels wide" in words
    assert "Turned by 60°, they get half" in words
    assert "100% and 0% of the strongest answer" in words


def test_a_filter_of_zeros_in_words():
    found = preference(tune_kernels(np.zeros((3, 3, 1, 1))), 0)
    assert "No grating excites filter 2" in in_words(found, 2)

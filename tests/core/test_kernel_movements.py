"""How the kernels moved: sorted by layer, in words, and drawn."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from core.figures.movements import change_curves, norm_curves
from core.fitting.kernel_movements import movements_in_words, tracks_of
from core.library.records import Movement
from pages.shared.live_chart import chart_message

MOVEMENTS = [
    Movement(1, "conv_1", 2.0, 0.5),
    Movement(1, "dense", 4.0, 0.25),
    Movement(2, "conv_1", 3.0, 0.125),
    Movement(2, "dense", 3.0, 0.0625),
]


def test_each_layer_has_its_own_track_in_the_order_of_the_layers() -> None:
    first, second = tracks_of(MOVEMENTS)
    assert (first.layer, second.layer) == ("conv_1", "dense")
    assert first.epochs.tolist() == [1, 2]
    assert first.norms.tolist() == [2.0, 3.0]
    assert second.changes.tolist() == [0.25, 0.0625]


def test_the_words_tell_the_most_moved_layer_and_how_the_norms_have_changed() -> None:
    """From 2 to 3 is half more, from 4 to 3 a quarter less."""
    assert movements_in_words(MOVEMENTS) == (
        "In epoch 2, conv_1 moved most: by 12.50% of its norm, which is now 3. Norms since the end "
        "of epoch 1: conv_1 +50%, dense -25%."
    )
    assert movements_in_words(MOVEMENTS[:2]) == (
        "In epoch 1, conv_1 moved most: by 50.00% of its norm, which is now 2."
    )


def test_nothing_is_said_of_nothing_nor_of_what_is_no_number() -> None:
    assert movements_in_words([]) == ""
    assert movements_in_words([Movement(1, "conv_1", math.nan, math.nan)]) == ""
    assert tracks_of([]) == []


def test_of_a_long_run_the_newest_epoch_stays_and_the_message_is_small() -> None:
    movements = [
        Movement(n, f"layer_{at}", 1.0 + n, 1 / n) for n in range(1, 1001) for at in range(6)
    ]
    tracks = tracks_of(movements)
    assert all(len(track.epochs) == 250 and track.epochs[-1] == 1000 for track in tracks)
    for figure in (norm_curves(tracks, 240), change_curves(tracks, 240)):
        assert len(chart_message(figure, "norms", 240, "Norms")) < 100_000


def test_the_charts_hold_the_records_and_plotly_knows_every_property() -> None:
    tracks = tracks_of(MOVEMENTS)
    norms, changes = norm_curves(tracks, 240), change_curves(tracks, 240)
    assert [trace["name"] for trace in norms["data"]] == ["conv_1", "dense"]
    np.testing.assert_array_equal(norms["data"][0]["y"], [2, 3])
    np.testing.assert_array_equal(changes["data"][1]["y"], [0.25, 0.0625])
    for figure in (norms, changes):
        assert go.Figure(figure).layout.title.text
        assert figure["layout"]["xaxis"]["title"]["text"] == "Epoch"

"""Moving statistics of a batch normalization against its batches, and how far they lag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.mechanisms.channel import distance
from core.mechanisms.moving_statistics import FEW, first_values_left, follow, lag
from core.settings import CONTROLS
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.normalized import Normalized, pick_channel

if TYPE_CHECKING:
    from core.mechanisms.normalization_records import LayerBatches

_MOST_STEPS = 1000
"""Steps over which a moving variance is followed on its way."""
_USUAL = (0.9, 0.99, 0.999)
"""Momenta that are shown beside the chosen one and the run's."""


def show_moving(seen: Normalized) -> None:
    """Moving statistics against those of the batches, and how far they lag."""
    from core.figures.normalization import moving_against_batches

    found = seen.batches()
    channel = pick_channel(found.layer.channels)
    moving = found.layer.moving
    pairs = {
        "mean": (moving.mean, found.batches.mean),
        "variance": (moving.variance, found.batches.variance),
    }
    for place, (what, (kept, batches)) in zip(
        st.columns(2, gap="large"), pairs.items(), strict=True
    ):
        with place:
            st.plotly_chart(
                moving_against_batches(kept, batches, what, channel),
                key=f"moving {what}",
                config=PLAIN,
                alt=f"Moving {what} of each channel of {seen.layer} against the batches'.",
            )
    apart = distance(found)
    st.markdown(
        f"At the median channel the moving mean is **{apart.mean:.2f} spreads** away from the mean "
        f"of the batches, and the moving variance is **{apart.variance:.2f} times** theirs."
        + f" Left out: {apart.dead} channels that never change."
        * bool(apart.dead)
    )
    st.caption(f"On {seen.sample(found)}.")
    st.subheader("How far do they lag?")
    _show_lag(seen, found, channel)


def _show_lag(seen: Normalized, found: LayerBatches, channel: int) -> None:
    own, made = found.layer.momentum, _steps_made(seen)
    left, right = st.columns(2, gap="large")
    choices = sorted({*CONTROLS["batch_normalization_momentum"].choices, own})
    momentum = left.select_slider(
        "Momentum",
        choices,
        value=own,
        key=f"{state.LAG_MOMENTUM} {own}",
        persist_state="session",
        help=f"This run was trained with {own:g}; the default of Keras is 0.99. At each step the "
        "moving statistics keep this share of themselves and take the rest from the batch.",
    )
    most = max(made, 2000)
    steps = right.slider(
        "Steps of training",
        1,
        most,
        max(1, made),
        key=f"{state.LAG_STEPS} {made}",
        persist_state="session",
        help=f"These weights were reached after {made:,} steps.",
    )
    _show_lag_cards(momentum, steps)
    left, right = st.columns(2, gap="large")
    with left:
        _show_first_values(momentum, own, most, steps)
    with right:
        _show_following(found, channel, momentum, steps)
    st.caption(
        "Left: closed form, momentum to the power of the steps. Right: the batches of the sample "
        "above, over and over, at these weights; while a network trains the weights move as well, "
        "so that old batches speak of an older network."
    )


def _steps_made(seen: Normalized) -> int:
    epochs = state.library().epochs(seen.network.run.id)
    return next((one.steps for one in epochs if one.epoch == seen.network.epoch), 0)


def _show_lag_cards(momentum: float, steps: int) -> None:
    found = lag(momentum, steps)
    with st.container(horizontal=True, gap="xsmall"):
        for label, value, below, words in (
            (
                "First values left",
                f"{found.first_values:.1%}",
                f"after {steps:,} steps",
                "The share of mean 0 and variance 1, with which training begins, that is still in "
                "the moving statistics.",
            ),
            (
                "Mean age",
                f"{found.age:.3g}",
                "steps ago",
                "How many steps ago, on average, the batches were seen that they consist of.",
            ),
            (
                "Half replaced",
                f"{found.half:.3g}",
                "steps later",
                "After so many steps, half of what they held has been replaced.",
            ),
            (
                "First ones gone",
                f"{found.forgotten:,}",
                "steps later",
                f"From then on less than {FEW:.0%} of the first values is left. Before that, what "
                "the network says with these statistics is not to be trusted.",
            ),
        ):
            figure_card(
                label,
                value,
                below,
                help=words,
            )


def _show_first_values(momentum: float, own: float, most: int, now: int) -> None:
    from core.figures.moving_average import first_values_figure

    steps = np.unique(np.geomspace(1, most, 120).astype(int))
    lines = {f"{one:g}": one for one in sorted({*_USUAL, own, momentum})}
    st.plotly_chart(
        first_values_figure(
            steps,
            {name: first_values_left(one, steps) for name, one in lines.items()},
            {f"{own:g}": "run", f"{momentum:g}": "chosen"},
            [f"{one:g}" for one in _USUAL],
            now,
        ),
        key="first values",
        config=PLAIN,
        alt=f"Share of the first values left after each step, at momentum {', '.join(lines)}.",
    )


def _show_following(found: LayerBatches, channel: int, momentum: float, steps: int) -> None:
    from core.figures.moving_average import following_figure

    shown = min(steps, _MOST_STEPS)
    variances = found.batches.variance[:, channel]
    st.plotly_chart(
        following_figure(
            follow(variances, momentum, shown, first=1.0),
            np.resize(variances, shown),
            float(found.layer.moving.variance[channel]),
            channel,
            momentum,
        ),
        key="following",
        config=PLAIN,
        alt=f"The moving variance of channel {channel} over {shown} steps from 1.",
    )

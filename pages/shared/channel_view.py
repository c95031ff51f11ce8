"""One channel of a batch normalization: before and after, in one batch and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.mechanisms.channel import channel_rows, distributions
from core.mechanisms.normalization import Statistics
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.normalized import Normalized, pick_channel

if TYPE_CHECKING:
    from core.mechanisms.normalization_records import LayerBatches


def show_channel(seen: Normalized) -> None:
    """One channel before and after, in one batch and in all of them."""
    found = seen.batches()
    left, right = st.columns(2, gap="large")
    with left:
        channel = pick_channel(found.layer.channels)
    with right:
        batch = _pick_batch(len(found.inputs))
    _show_before_and_after(found, channel, batch)
    _show_course(found, channel, batch)
    st.caption(
        f"On {seen.sample(found)}. A channel has one number for each image"
        + (
            " and place of its map; a high spike is mostly the images' even background."
            if found.inputs[0].ndim == 4
            else "."
        )
    )
    with st.expander("All channels in numbers", icon=":material/table:"):
        _show_rows(found, batch)


def _show_before_and_after(found: LayerBatches, channel: int, batch: int) -> None:
    from core.figures.normalization import distribution_figure

    before, after = distributions(found, channel, batch)
    layer, now = found.layer, found.statistics(batch)
    means = {"this batch": now.mean[channel], "moving": layer.moving.mean[channel]}
    aimed = {"this batch": layer.beta[channel]}
    words = _in_words(found, channel, batch)
    for place, title, shown, axis, marks in zip(
        st.columns(2, gap="large"),
        ("Before: what reaches the layer", "After: what it passes on"),
        (before, after),
        (f"input of channel {channel}", f"output of channel {channel}"),
        (means, aimed),
        strict=True,
    ):
        place.plotly_chart(
            distribution_figure(shown, title, axis, marks),
            key=title,
            config=PLAIN,
            alt=f"{title}. {words}",
        )
    st.markdown(words)


def _show_course(found: LayerBatches, channel: int, batch: int) -> None:
    from core.figures.normalization import batch_by_batch, gamma_and_beta

    layer, batches = found.layer, found.batches
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        batch_by_batch(
            Statistics(batches.mean[:, channel], batches.variance[:, channel]),
            Statistics(layer.moving.mean[channel], layer.moving.variance[channel]),
            batch,
            channel,
        ),
        key="batch by batch",
        config=PLAIN,
        alt=f"Mean and spread of channel {channel} in each of {len(found.inputs)} batches.",
    )
    right.plotly_chart(
        gamma_and_beta(layer, channel),
        key="gamma and beta",
        config=PLAIN,
        alt=f"Gamma and beta of the {layer.channels} channels of {layer.name}.",
    )


def _pick_batch(batches: int) -> int:
    if batches == 1:
        return 0
    key = f"{state.NORMALIZED_BATCH} {batches}"
    return st.slider("Batch", 1, batches, key=key, persist_state="session") - 1


def _in_words(found: LayerBatches, channel: int, batch: int) -> str:
    layer, now = found.layer, found.statistics(batch)
    moving = layer.moving
    return (
        f"This batch has mean **{now.mean[channel]:.3g}** and spread "
        f"**{now.spread[channel]:.3g}** in channel {channel}; the moving statistics say "
        f"**{moving.mean[channel]:.3g}** and **{moving.spread[channel]:.3g}**. What comes out has "
        f"mean beta = **{layer.beta[channel]:.3g}** and spread |gamma| = "
        f"**{abs(layer.gamma[channel]):.3g}** in every batch (blue), and nearly so with the moving "
        "statistics (orange), which know nothing of this batch."
    )


def _show_rows(found: LayerBatches, batch: int) -> None:
    st.dataframe(
        [
            {
                "Channel": row.channel,
                "Batch mean": row.batch_mean,
                "Moving mean": row.moving_mean,
                "Batch variance": row.batch_variance,
                "Moving variance": row.moving_variance,
                "Gamma": row.gamma,
                "Beta": row.beta,
            }
            for row in channel_rows(found, batch)
        ],
        hide_index=True,
        alt=f"Statistics of the {found.layer.channels} channels of {found.layer.name} in batch "
        f"{batch + 1}.",
    )

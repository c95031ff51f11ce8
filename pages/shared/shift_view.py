"""Variance shift of a network, and its statistics taken anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.data import Splits
from core.library.recalibrated import recalibrated_epochs, recalibrated_name
from core.settings import Settings
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.figure_card import figure_card
from pages.shared.link_choice import link_choice
from pages.shared.normalized import Normalized
from pages.shared.recorded_epoch import EPOCH
from pages.shared.run_data import data_of
from pages.shared.run_picker import Network
from pages.shared.train_another import offer_to_train

if TYPE_CHECKING:
    from core.mechanisms.normalization_records import LayerShift
    from core.mechanisms.recalibration import Recalibration

PARTS = {"training": "Training", "validation": "Validation"}
_MOST = 5000
"""Images on which the variance at test is taken."""
_RATE = 0.5
"""Of the dropout that is offered ahead of the normalizations."""


def show_shift(seen: Normalized) -> None:
    """Variance at test against moving variance, and the button that mends it."""
    st.markdown(
        "Dropout in front of a normalization makes the numbers vary more in training than "
        "afterwards, when nothing is dropped. The moving variance has learnt the larger spread: so "
        "after training it divides by too much (Li et al., 2019)."
    )
    network = seen.network
    data = data_of(network.run)
    part = link_choice(
        st.segmented_control,
        state.SHIFT_PART,
        "Images",
        list(PARTS),
        PARTS.__getitem__,
        required=True,
        help="On which the variance at test is taken, dropout off. The moving variance comes from "
        "the training images.",
    )
    images = {"training": data.training_images, "validation": data.validation_images}[part][:_MOST]
    shifts = _measured(network.file, part, network.model, images)
    _show_measured(shifts, f"{len(images):,} {part} images, {network.when}, dropout off")
    if not any(one.dropout for one in shifts):
        _offer_the_wrong_order(network.run.settings)
    st.subheader("Recalibrate")
    _show_recalibration(network, data)


@st.cache_resource(show_spinner="Measuring the variance at each layer ...", max_entries=12)
def _measured(
    file: tuple[str, int, int], part: str, _model: Any, _images: np.ndarray
) -> tuple[LayerShift, ...]:
    from core.mechanisms.variance_shift import measure_shift

    return measure_shift(_model, _images)


def _show_measured(shifts: tuple[LayerShift, ...], sample: str) -> None:
    from core.figures.variance_shift import shift_by_keep, shift_by_layer
    from core.mechanisms.shift_theory import relu_theory

    said = "; ".join(f"{one.name} {one.median:.3f}" for one in shifts)
    left, right = st.columns([3, 2], gap="large")
    left.plotly_chart(
        shift_by_layer(shifts, sample),
        key="shift by layer",
        config=PLAIN,
        alt=f"Variance at test over moving variance on {sample}, median of the channels: {said}.",
    )
    right.plotly_chart(
        shift_by_keep(shifts, relu_theory()),
        key="shift by keep",
        config=PLAIN,
        alt="The ratio in theory by the share that dropout keeps: 0.860 at 0.9, 0.732 at 0.8, "
        f"0.405 at 0.5, 0.226 at 0.3. Measured: {said}.",
    )
    _show_table(shifts, sample, said)
    st.caption(
        "At 1 the layer meets after training what it was told to expect. The theory is for a "
        "normalization straight behind dropout; here a layer with weights stands between and adds "
        "up many numbers that resemble each other, which softens the shift. Shift is handed on: "
        "a layer further down also gets that of the layers ahead. Without dropout, some per cent "
        "remain: moving statistics lag, and a batch varies a little less than all images."
    )


def _show_table(shifts: tuple[LayerShift, ...], sample: str, said: str) -> None:
    st.dataframe(
        [
            {
                "Layer": one.name,
                "Dropout ahead": one.dropout or "none",
                "Keeps": one.keep,
                "Measured": one.median,
                "Middle half of the channels": "{:.3f} to {:.3f}".format(*one.quartiles),
                "By its own weights": "none" if one.predicted is None else f"{one.predicted:.3f}",
                "Straight behind ReLU": one.theory,
            }
            for one in shifts
        ],
        hide_index=True,
        height="content",
        column_config={
            "Keeps": st.column_config.NumberColumn(format="%.2f"),
            "Measured": st.column_config.NumberColumn(
                format="%.3f", help=f"Median of the channels, on {sample}."
            ),
            "By its own weights": st.column_config.TextColumn(
                help="In closed form from the weights between dropout and normalization and what "
                "reaches them, for that dropout alone. There is none behind "
                "spatial dropout, or where an activation stands between.",
            ),
            "Straight behind ReLU": st.column_config.NumberColumn(
                format="%.3f",
                help="Li et al. (2019): keep x (pi - 1) / (pi - keep), for numbers that are normal "
                "around 0 before ReLU.",
            ),
        },
        alt=f"Variance shift of {len(shifts)} layers: {said}.",
    )


def _offer_the_wrong_order(settings: Settings) -> None:
    regularization = replace(
        settings.regularization, normalization="batch", dropout_convolution=_RATE
    )
    offer_to_train(
        replace(settings, regularization=regularization),
        "**No normalization of this run has dropout ahead of it,** so there is hardly a shift. "
        f"Train the same settings with dropout {_RATE:g} behind each convolution block, which is "
        "ahead of the next normalization: the wrong order.",
        "Train the same in the wrong order",
    )


def _show_recalibration(network: Network, data: Splits) -> None:
    if network.weights.startswith(f"{EPOCH}-"):
        st.info(
            f"Shown are the {network.words}. Their statistics are not taken anew here, for what "
            "comes of it could not be kept as a model. Choose the best or the last weights above "
            "to recalibrate.",
            icon=":material/info:",
        )
        return
    if network.weights not in ("best", "last"):
        st.info(
            "The statistics of these weights were taken anew already. Choose the best or the last "
            "weights above to see what that changed.",
            icon=":material/check:",
        )
        return
    st.markdown(
        "Take mean and variance of every normalization anew on the training images, dropout off. "
        "No weight is trained, and the run's own weights stay as they are."
    )
    pressed = st.button(
        "Recalibrate",
        type="primary",
        icon=":material/tune:",
        key=f"{state.RECALIBRATE} {network.weights}",
    )
    if pressed:
        st.session_state[state.RECALIBRATED] = network.file
    if st.session_state.get(state.RECALIBRATED) != network.file:
        return
    found = _recalibrated(
        network.file, data.training_images, data.validation_images, data.validation_labels
    )
    _show_before_and_after(found)
    _offer_to_keep(network, found)


@st.cache_resource(show_spinner="Taking the statistics anew ...", max_entries=6)
def _recalibrated(
    file: tuple[str, int, int], _training: np.ndarray, _validation: np.ndarray, _labels: np.ndarray
) -> Recalibration:
    from core.mechanisms.recalibration import recalibrate

    return recalibrate(Path(file[0]), _training, _validation, _labels)


def _show_before_and_after(found: Recalibration) -> None:
    from core.predictions.quality import share

    images = found.before.images
    with st.container(horizontal=True, gap="xsmall"):
        for label, right in (("before", found.was_right), ("after", found.is_right)):
            accuracy = share(int(right.sum()), images)
            figure_card(
                f"Accuracy {label}",
                f"{accuracy.value:.1%}",
                f"{accuracy.low:.1%} to {accuracy.high:.1%}",
                help=f"On {images:,} validation images, dropout off. Below: Wilson's 95% interval.",
            )
        for label, count, words in (
            ("Became right", found.mended, "Validation images that were wrong before."),
            ("Became wrong", found.spoilt, "Validation images that were right before."),
        ):
            figure_card(
                label,
                f"{count:,}",
                f"of {images:,} images",
                help=words,
            )
    st.caption(
        f"Statistics from {found.images:,} training images, dropout off; accuracy on {images:,} "
        f"validation images. Loss {found.before.loss:.4f} before, {found.after.loss:.4f} after."
    )


def _offer_to_keep(network: Network, found: Recalibration) -> None:
    from core.mechanisms.recalibration import keep_recalibrated, recalibrated_bytes

    library, run, epoch = state.library(), network.run, network.epoch
    with st.container(horizontal=True, vertical_alignment="center"):
        if epoch in recalibrated_epochs(library.files(run.id)):
            st.success(
                f"Kept with the run. Choose “Recalibrated (epoch {epoch})” under Weights, here and "
                "on the pages of interpretation, to look into it.",
                icon=":material/check:",
            )
        elif st.button(
            "Keep as a model",
            icon=":material/save:",
            key=f"{state.KEEP_RECALIBRATED} {network.weights}",
            disabled=library.obstacle is not None,
            help=library.obstacle
            or "Stored with the run, beside its best and last weights, which stay as they are.",
        ):
            keep_recalibrated(library, run.id, network.weights, epoch, found)
            st.rerun()
        st.download_button(
            "Download (.keras)",
            partial(recalibrated_bytes, Path(network.file[0]), epoch, found),
            f"learnscope-{run.id}-{recalibrated_name(epoch)}.keras",
            "application/octet-stream",
            key=f"{state.KEEP_RECALIBRATED} download {network.weights}",
            icon=":material/download:",
            on_click="ignore",
        )

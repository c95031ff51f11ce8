"""The controls of what is done against overfitting, folded by idea."""

from __future__ import annotations

import streamlit as st

from pages.shared.setting_groups import group
from pages.shared.setting_widgets import (
    choice,
    number,
    segments,
    slider,
    stops,
    switch,
    value_held,
)

_DROPOUT = ("dropout_convolution", "dropout_dense", "dropout_kind", "noise", "noise_place")
_NORMALIZATION = (
    "normalization",
    "batch_normalization_momentum",
    "normalization_groups",
    "normalization_place",
)
_WEIGHTS = ("l1", "l2", "max_norm")
_LABELS = ("label_smoothing", "early_stopping", "patience")


def regularization_controls() -> None:
    """Show them; what means nothing as the others stand is not there."""
    with group("Dropout and noise", _DROPOUT, opened=True):
        _dropout_controls()
    with group("Normalization", _NORMALIZATION):
        _normalization_controls()
    with group("Price and bound on weights", _WEIGHTS):
        _weight_controls()
    with group("Labels and stopping", _LABELS):
        slider("label_smoothing")
        if switch("early_stopping"):
            number("patience")


def _dropout_controls() -> None:
    slider("dropout_convolution")
    slider("dropout_dense")
    if value_held("dropout_convolution") or value_held("dropout_dense"):
        segments("dropout_kind")
    slider("noise")
    if value_held("noise"):
        segments("noise_place")


def _normalization_controls() -> None:
    segments("normalization")
    kind = value_held("normalization")
    if kind == "batch":
        stops("batch_normalization_momentum")
    if kind == "group":
        stops("normalization_groups")
    if kind != "none":
        choice("normalization_place")


def _weight_controls() -> None:
    left, right = st.columns(2)
    with left:
        stops("l1")
    with right:
        stops("l2")
    if value_held("l1") and value_held("l2"):
        st.caption("Both at once are the **elastic net** (Zou & Hastie, 2005).")
    stops("max_norm")
    if value_held("optimizer") != "adamw":
        st.caption("Weight decay apart from the loss: under *Training*, choose AdamW.")

"""The controls of how training images and their labels are altered."""

from __future__ import annotations

import streamlit as st

from pages.shared.setting_widgets import segments, slider, stops


def augmentation_controls() -> None:
    """Show them: what alters one image, then what mixes two."""
    left, right = st.columns(2)
    with left:
        slider("shift")
        slider("zoom")
        slider("contrast")
    with right:
        slider("rotation")
        slider("cutout")
    # Its four words need the whole width.
    segments("flip")
    left, right = st.columns(2)
    with left:
        stops("mixup")
    with right:
        stops("cutmix")
    st.caption(
        "Every training image is altered anew in every epoch. Fair training loss, validation and "
        "test are always taken on images as they are. The page *Augmentation and labels* shows "
        "what it does to an image."
    )

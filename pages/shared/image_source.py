"""The picture that the responses are of: from the data set, one that comes along, or your own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
import streamlit as st

from core import data, images
from core.errors import LearnscopeError
from core.runs import Run
from core.settings import DataSettings
from pages.shared import state
from pages.shared.drawing_paper import draw
from pages.shared.link_choice import link_choice
from pages.shared.link_value import SWITCH, link_value, whole_number

SOURCES = {
    "sample": "Data set",
    "built-in": "Built-in",
    "upload": "Upload",
    "webcam": "Webcam",
    "drawing": "Draw",
}
NOT_IN_A_LINK = ("upload", "webcam", "drawing")
SHOWN = 230
"""Pixels of the screen for the longer side of a picture."""
_FRAME = 0.5
"""Gray of the line around a picture, which can be seen on white and on black."""
MOST_PIXELS = 1_000_000
Decoded = tuple[images.Picture, np.ndarray | None]
"""A picture, and all its pixels if it has fewer."""


@dataclass(frozen=True, eq=False)
class Source:
    """A chosen picture.

    Attributes
    ----------
    picture : images.Picture
        As the person knows it.
    title : str
    pattern : str
        Key of a pattern, which is drawn at any size; empty for other pictures.
    invert : bool
        Whether dark and light are to be exchanged.
    box : int
        Of a drawn digit, the pixels that it fills in the network's image; 0 for other pictures.
    whole : ndarray of shape (H, W, C) or None
        All pixels of a photo of which `picture` has fewer.
    """

    picture: images.Picture
    title: str
    pattern: str
    invert: bool
    box: int = 0
    whole: np.ndarray | None = None

    def at_network_size(self, shape: tuple[int, int, int]) -> np.ndarray:
        """The picture as the network gets it, (H, W, C)."""
        if self.box:
            return images.drawn_digit(self.picture.pixels, shape, self.box)
        return images.as_network_input(self.picture, shape, self.invert)

    def at_own_size(self, channels: int, most_pixels: int) -> np.ndarray:
        """The picture with its own pixels, as many as are allowed, (H, W, C)."""
        picture = self.picture
        if self.box:
            picture = replace(picture, pixels=images.light_on_dark(picture.pixels))
        pixels = images.at_own_size(picture, channels, most_pixels)
        return 1 - pixels if self.invert else pixels

    def at_full_size(self, channels: int) -> np.ndarray | None:
        """All pixels of a large photo, (H, W, C); None if :meth:`at_own_size` may have them all."""
        if self.whole is None:
            return None
        pixels = images.in_channels(self.whole, channels)
        return 1 - pixels if self.invert else pixels

    def notes(self, shape: tuple[int, int, int]) -> list[str]:
        """Sentences on what was done to it on its way into the network."""
        if self.box:
            return [*self.picture.notes, *images.drawn_notes(shape, self.box)]
        done = images.network_input_notes(self.picture, shape, self.invert)
        return [*self.picture.notes, *done]


def pick_image(run: Run, shape: tuple[int, int, int]) -> Source:
    """Let the person pick a picture; without one, say what is wanted and stop."""
    whole = None
    source = _pick_source()
    if source == "sample":
        picture, title, pattern = _sample(run)
    elif source == "built-in":
        picture, title, pattern = _built_in(shape)
    elif source in ("upload", "webcam"):
        (picture, whole), title = _upload() if source == "upload" else _webcam()
        pattern = ""
    else:
        picture, title, pattern = _drawing()
    if source in NOT_IN_A_LINK:
        st.caption("A copied link does not hold this picture; whoever opens it is told so.")
    box = images.BOXES.get(run.settings.data.dataset, 0) if source == "drawing" else 0
    if box:
        return Source(picture, title, pattern, False, box)
    invert = link_value(
        st.toggle,
        state.INVERT,
        "Invert (exchange dark and light)",
        SWITCH,
        False,
        help="MNIST's digits are light on dark. Invert a photo of ink on paper, or the network "
        "meets something it has never seen.",
    )
    return Source(picture, title, pattern, invert, whole=whole)


def _pick_source() -> str:
    """Where the picture comes from; of a link that cannot hold it, that is kept in mind."""
    by_link = state.PICTURE not in st.session_state
    source = link_choice(
        st.segmented_control,
        state.PICTURE,
        "Image",
        list(SOURCES),
        SOURCES.__getitem__,
        required=True,
        wrap=True,  # In a narrow column the last of them would lie beyond its edge.
    )
    if by_link and source in NOT_IN_A_LINK:
        st.session_state[state.NOT_IN_LINK] = source
    elif st.session_state.get(state.NOT_IN_LINK) != source:
        st.session_state.pop(state.NOT_IN_LINK, None)
    for name, owner in ((state.SAMPLE_IN_LINK, "sample"), (state.BUILT_IN_PICTURE, "built-in")):
        if source != owner:
            st.query_params.pop(name, None)
    return source


def _wait_for(source: str, invitation: str, icon: str) -> NoReturn:
    """Say what is wanted where there is no picture yet, and stop."""
    if st.session_state.get(state.NOT_IN_LINK) == source:
        missed = "This picture was not in the link, which only says where it came from. "
        st.info(missed + invitation, icon=":material/link_off:")
    else:
        st.info(invitation, icon=icon)
    st.stop()


def show_image(pixels: np.ndarray, caption: str, alt: str, side: int = SHOWN) -> None:
    """A picture with its pixels as squares, of a size that can be seen.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), values in [0, 1]
    caption, alt : str
        The words under it, and in its place.
    side : int
        Pixels of the screen for its longer side.
    """
    rows, columns = pixels.shape[:2]
    longest = max(rows, columns)
    # Small pixels become squares of whole pixels of the screen; photos twice as fine as shown.
    scale = max(1, side // longest) if longest < 2 * side else 2 * side / longest
    fitted = images.area_average(
        pixels, max(1, round(rows * scale)), max(1, round(columns * scale))
    )
    # White pictures would run into a white page, and black ones into a dark one.
    framed = np.pad(fitted, ((1, 1), (1, 1), (0, 0)), constant_values=_FRAME)
    st.image(images.png_bytes(framed), caption=caption, alt=alt, width=side)


def _sample(run: Run) -> tuple[images.Picture, str, str]:
    known = data.facts(run.settings.data.dataset)
    try:
        splits = _splits(run.settings.data, run.settings.optimisation.seed)
    except LearnscopeError as error:
        st.warning(f"{error} Choose a built-in picture instead.", icon=":material/error:")
        st.stop()
    last = len(splits.validation_images) - 1
    number = pick_sample(
        f"Number of the sample (0 to {last})",
        last,
        help="From the validation part of this run's own data: the network has never learnt from "
        "these images.",
    )
    pixels = splits.validation_images[number]
    name = splits.class_names[splits.validation_labels[number]]
    title = f"Sample {number} of {known.title}: “{name}”"
    return images.Picture(pixels, (), "data set", pixels.shape[:2]), title, ""


def pick_sample(label: str, last: int, **look: Any) -> int:
    """Let the person pick a validation image by its number; the same one on every page."""
    return int(
        link_value(
            st.number_input,
            state.SAMPLE_IN_LINK,
            label,
            whole_number(0, last),
            0,
            0,
            last,
            key=state.SAMPLE,
            **look,
        )
    )


@st.cache_resource(show_spinner="Loading the data ...", max_entries=2)
def _splits(settings: DataSettings, seed: int) -> data.Splits:
    return data.split(data.load(settings.dataset), settings, seed)


def _built_in(shape: tuple[int, int, int]) -> tuple[images.Picture, str, str]:
    key = link_choice(
        st.selectbox,
        state.BUILT_IN_PICTURE,
        "Picture",
        list(images.BUILT_IN),
        lambda name: images.BUILT_IN[name].title,
    )
    chosen = images.BUILT_IN[key]
    picture = images.built_in_picture(key, shape[0], shape[1])
    return picture, chosen.title, "" if chosen.photograph else key


def _upload() -> tuple[Decoded, str]:
    # What a file is called says little; images.decode looks at what is in it.
    uploaded = st.file_uploader(
        "Your image",
        key=state.UPLOADED,
        help="PNG, JPEG, WebP, BMP or GIF. It stays on this machine.",
    )
    if uploaded is not None:
        # The uploader forgets its file when the person looks at another page.
        st.session_state[state.UPLOAD] = (uploaded.name, uploaded.getvalue())
    if state.UPLOAD not in st.session_state:
        _wait_for(
            "upload",
            "Upload a photo or a drawing to see what the network makes of it.",
            ":material/upload:",
        )
    name, content = st.session_state[state.UPLOAD]
    return _decoded(content), name


def _webcam() -> tuple[Decoded, str]:
    taken = st.camera_input(
        "Webcam",
        key=state.CAMERA,
        help="Browsers lend the camera only to pages of this machine (localhost) or over https, "
        "and only after you agree. The picture stays on the machine that Learnscope runs on.",
    )
    if taken is not None:
        st.session_state[state.SHOT] = taken.getvalue()
    if state.SHOT not in st.session_state:
        _wait_for(
            "webcam",
            "Take a picture to see what the network makes of it. Without a camera, upload one.",
            ":material/photo_camera:",
        )
    return _decoded(st.session_state[state.SHOT]), "Webcam"


def _drawing() -> tuple[images.Picture, str, str]:
    drawn = draw(st.session_state.get(state.DRAWING), key=f"paper {state.DRAWING}")
    if drawn is not None:
        st.session_state[state.DRAWING] = drawn
    if not st.session_state.get(state.DRAWING):
        _wait_for(
            "drawing",
            "Draw with the mouse or a finger. By keyboard, choose another source of images.",
            ":material/draw:",
        )
    return _decoded(st.session_state[state.DRAWING])[0], "Your drawing", ""


@st.cache_resource(show_spinner="Reading the image ...", max_entries=2)
def _decoded(content: bytes) -> Decoded:
    """The upload, reduced once and for all to the most that all views make use of, and whole."""
    picture = images.decode(content)
    pixels = images.at_own_size(picture, picture.pixels.shape[2], MOST_PIXELS)
    larger = picture.pixels.size > pixels.size
    return replace(picture, pixels=pixels), picture.pixels if larger else None

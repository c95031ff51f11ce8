"""One image among ever other companions: what a normalization over the batch makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.data import Splits
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.image_source import pick_image, show_image
from pages.shared.normalized import Normalized
from pages.shared.run_data import data_of

if TYPE_CHECKING:
    from core.mechanisms.normalization_records import Change, Company

_ANY = "any class"
_SHOWN = 15
_SIDE, _GAP = 56, 3
"""Pixels of a companion and of the margin around it."""


def show_company(seen: Normalized) -> None:
    """Predictions of one image by batch size and companions, group normalization beside."""
    from core.inside.layers import input_shape
    from core.mechanisms.companions import DRAWS, GROUP_DRAWS

    data = data_of(seen.network.run)
    st.markdown(
        "In training, an image is normalized with the mean and spread of its batch. So what the "
        "network says of it depends on which other images are there: its companions. That is "
        "noise, the more the smaller the batch; a regularizer, too. After training this must not "
        "be, hence the moving statistics."
    )
    left, right = st.columns([2, 3], gap="large")
    shape = input_shape(seen.network.model)
    with left:
        source = pick_image(seen.network.run, shape)
        image = source.at_network_size(shape)
        show_image(image, source.title, source.title)
    with right:
        kind = st.selectbox(
            "Companions of",
            [_ANY, *data.class_names],
            key=state.COMPANIONS,
            persist_state="session",
            help="A batch of one class only has other statistics than a mixed one: try a few.",
        )
        pool = _pool(data, kind)
        company, changes = _company(seen, image, pool)
        with st.container(horizontal=True):
            sizes = [one.size for one in company.batches]
            size = st.select_slider(
                "Images in the batch", sizes, key=state.COMPANY_SIZE, persist_state="session"
            )
            draw = st.slider("Draw", 1, DRAWS, key=state.COMPANY_DRAW, persist_state="session")
        _show_batch(company, data, pool, size, draw - 1)
    _show_sizes(seen, company, changes, data, size)
    st.caption(
        f"{DRAWS} batches of each size, drawn from {len(pool):,} training images"
        + (f" of class {kind}" if kind != _ANY else "")
        + f" (true labels), with the weights of {seen.network.when}, dropout off. Dashed: "
        "with the moving statistics, the same in any company. The layer's change is that of its "
        "own statistics alone, its inputs as after training; group normalization (Wu & He, 2018) "
        "gets the same inputs, gamma and beta, and looks at one image at a time; it was computed "
        f"for the first {GROUP_DRAWS} batches of each size."
    )


def _pool(data: Splits, kind: str) -> np.ndarray:
    """Which training images the companions are drawn from, by their places."""
    from core.mechanisms.companions import POOL

    places = np.arange(len(data.training_images))
    if kind != _ANY:
        places = places[data.true_training_labels == data.class_names.index(kind)]
    return places[:POOL]


def _company(
    seen: Normalized, image: np.ndarray, pool: np.ndarray
) -> tuple[Company, tuple[Change, ...]]:
    images = data_of(seen.network.run).training_images[pool]
    optimisation = seen.network.run.settings.optimisation
    sizes = (optimisation.batch_size, optimisation.seed)
    company = _kept(seen.network.file, image, pool, *sizes, seen.network.model, images)
    changes = _changes(
        seen.network.file, image, pool, seen.layer, *sizes, seen.network.model, images
    )
    return company, changes


# Streamlit does not hash what begins with an underscore: file and places stand for these.
@st.cache_resource(show_spinner="Drawing companions ...", max_entries=12)
def _kept(
    file: tuple[str, int, int],
    image: np.ndarray,
    pool: np.ndarray,
    batch_size: int,
    seed: int,
    _model: Any,
    _images: np.ndarray,
) -> Company:
    from core.mechanisms.companions import keep_company, sizes_for

    return keep_company(_model, image, _images, sizes_for(batch_size, len(pool)), seed)


@st.cache_resource(show_spinner="Looking at the layer ...", max_entries=24)
def _changes(
    file: tuple[str, int, int],
    image: np.ndarray,
    pool: np.ndarray,
    layer: str,
    batch_size: int,
    seed: int,
    _model: Any,
    _images: np.ndarray,
) -> tuple[Change, ...]:
    from core.mechanisms.companions import layer_changes

    company = _kept(file, image, pool, batch_size, seed, _model, _images)
    return layer_changes(_model, layer, image, _images, company)


def _show_sizes(
    seen: Normalized, company: Company, changes: tuple[Change, ...], data: Splits, size: int
) -> None:
    from core.figures.companions import changes_by_size, probabilities_by_size
    from core.inside.layers import layer_called
    from core.mechanisms.companions import DRAWS
    from core.mechanisms.normalization import groups_for

    name = data.class_names[company.decision]
    changed = ", ".join(
        f"{company.changed(one.size)} with {one.size} images" for one in company.batches
    )
    words = f"Of {DRAWS} batches, another class than “{name}” is decided for in {changed}."
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        probabilities_by_size(company, name, size),
        key="probabilities by size",
        config=PLAIN,
        alt=f"Probability of {name} by batch size. {words}",
    )
    channels = layer_called(seen.network.model, seen.layer).output.shape[-1]
    right.plotly_chart(
        changes_by_size(changes, seen.layer, groups_for(channels)),
        key="changes by size",
        config=PLAIN,
        alt="Relative change of the layer's output by batch size: "
        + ", ".join(f"{one.size}: {one.batch:.3g} against {one.group:.3g}" for one in changes),
    )
    st.markdown(words)


def _show_batch(company: Company, data: Splits, pool: np.ndarray, size: int, draw: int) -> None:
    from core.figures.companions import decision_bars
    from core.figures.predictions import enlarged

    one = company.of_size(size)
    said, names = one.probabilities[draw], data.class_names
    given = names[int(np.argmax(said))]
    st.plotly_chart(
        decision_bars(company.alone, said, names, size),
        key="decision",
        config=PLAIN,
        alt=f"Probabilities of the classes in this batch, where {given} is most probable, and "
        "with the moving statistics.",
    )
    shown = pool[one.companions[draw][:_SHOWN]]
    labels = [names[data.true_training_labels[place]] for place in shown]
    more = len(one.companions[draw]) - len(shown)
    st.markdown("**Its companions in this batch**" + f" ({more} more are not shown)" * (more > 0))
    st.image(
        [enlarged(data.training_images[place], 2 * _SIDE, 2 * _GAP) for place in shown],
        width=_SIDE + 2 * _GAP,
        alt=[f"A companion of class {label}" for label in labels],
    )

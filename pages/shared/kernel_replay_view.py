"""How the kernels formed: a replay over the recorded epochs, beside the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import state
from pages.shared.kernel_saving import save_formation
from pages.shared.kernel_views import A_PAGE, Layer, pick_order
from pages.shared.recorded_epoch import history_of_run
from pages.shared.replay import show_replay

if TYPE_CHECKING:
    from core.inside.kernel_replay import Replay
    from core.library.records import Epoch

_HEIGHT = 270


def show_formation(layer: Layer) -> None:
    """The kernels of a layer, epoch by epoch."""
    from core.inside.kernel_replay import replay

    history = history_of_run(layer.run)
    if history is None or layer.name not in history.kernels or len(history.epochs) < 2:
        left_out = history is not None and layer.name in history.left_out
        st.info(
            f"{layer.name} is too large to be recorded epoch by epoch. Choose an earlier layer."
            if left_out
            else "The kernels of this run were not recorded epoch by epoch. Train its settings "
            "again to see them form.",
            icon=":material/history_toggle_off:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = pick_order()
        pages = -(-layer.kernels.shape[2] * layer.kernels.shape[3] // A_PAGE)
        key = f"{state.KERNEL_PAGE} replay {layer.name} {pages}"
        number = st.pagination(pages, key=key) if pages > 1 else 1
    found = replay(history, layer.name, by, number - 1, A_PAGE)
    epochs = state.library().epochs(layer.run.id)
    _show(layer, found, epochs)
    save_formation(layer, history, found, epochs)


def _show(layer: Layer, found: Replay, epochs: list[Epoch]) -> None:
    from core.figures.kernel_replay import distance_with_cursor, loss_with_cursor, replay_grid

    at = found.place_of(layer.network.epoch)
    now = float(found.epochs[at])
    figure, frames = replay_grid(found, layer.kernels.shape[2], at)
    names = [f"epoch {epoch}" if epoch else "first weights" for epoch in found.epochs.tolist()]
    last = found.medians()[-1]
    show_replay(
        (figure, f"{len(found.page.filters)} kernels of {layer.name} as heat maps, by epoch."),
        frames,
        [
            (loss_with_cursor(epochs, now, _HEIGHT), "Training and validation loss by epoch."),
            (
                distance_with_cursor(found, now, _HEIGHT),
                "How far each filter has come from its first weights, by epoch: at the end "
                f"{last:.2f} of its first norm in the median.",
            ),
        ],
        list(zip(found.epochs.tolist(), names, strict=True)),
        at,
        # One replay for all orders and pages: it goes on where it is when they change.
        key=f"replay {layer.run.id} {layer.name}",
        name="kernels",
    )
    st.caption(
        f"{len(found.epochs)} recorded moments of {layer.run.epochs_done} epochs"
        f"{'' if found.from_first else '; the first weights are not among them'}. The colour scale "
        "is the same at all of them. The distance is the length of a filter's change since the "
        "first recorded moment, all its input channels together, divided by its length then; the "
        f"median filter has come {last:.2f} lengths. Losses are taken at each epoch's end with "
        "dropout off, without the penalty: on the validation images, and on a fixed sample of the "
        "training images."
    )

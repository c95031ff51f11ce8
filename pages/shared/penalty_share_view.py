"""What the penalty is of the loss, and which layer pays it."""

from __future__ import annotations

import streamlit as st

from core.data import facts
from core.settings import CONTROLS, values_at
from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.weight_sides import Side, Sides

_STRENGTHS = [value for value in CONTROLS["l2"].choices if value]


def show_share(sides: Sides) -> None:
    """The share by epoch, what any weights would cost, and the bill by layer."""
    left, right = st.columns(2)
    with left:
        _show_shares(sides)
    with right:
        _show_prices(sides)
    for side in sides:
        _show_bill(side)


def _show_shares(sides: Sides) -> None:
    from core.figures.penalties import share_figure
    from core.mechanisms.penalty_share import penalty_shares

    shares = {side.name: penalty_shares(state.library().epochs(side.run.id)) for side in sides}
    st.plotly_chart(
        share_figure(shares, "At the end of each epoch"),
        key="penalty share",
        config=PLAIN,
        alt="Share of the penalty in the loss by epoch. In the last one: "
        + "; ".join(f"{name} {found.values[-1]:.1%}" for name, found in shares.items()),
    )
    st.caption(
        f"Loss: fair training loss, on {_fair_images(sides[0])} training images, dropout off, "
        "taken on the same weights as the penalty. Once the network knows its images by heart, the "
        "penalty is nearly all that is left to lower. Decoupled weight decay is no part of a loss: "
        "its share is 0."
    )


def _fair_images(side: Side) -> str:
    data = side.run.settings.data
    return f"{min(facts(data.dataset).validation_images, data.training_images):,}"


def _show_prices(sides: Sides) -> None:
    from core.figures.penalties import price_figure
    from core.mechanisms.penalty_share import prices

    place = st.container()
    runs = [(side.run, side.epoch) for side in sides]
    paid = [values_at(run.settings, run.changes, epoch)["l2"] for run, epoch in runs]
    strength = st.select_slider(
        "Price of L2",
        _STRENGTHS,
        value=next((value for value in paid if value in _STRENGTHS), 0.001),
        format_func=lambda number: f"{number:g}",
        key=state.PRICE,
        persist_state="session",
        help="All runs are charged the same here, also those that trained without a price, so that "
        "you see what the weights would have cost.",
    )
    found = {side.name: prices(state.library().movements(side.run.id), strength) for side in sides}
    found = {name: price for name, price in found.items() if len(price.epochs)}
    if not found:
        place.info("The norms of the kernels were not recorded.", icon=":material/info:")
        return
    place.plotly_chart(
        price_figure(found, strength, "All kernels, whether they paid for it or not"),
        key="price by epoch",
        config=PLAIN,
        alt=f"What the kernels cost at L2 {strength:g} by epoch. At the end: "
        + "; ".join(f"{name} {price.values[-1]:.3g} nats" for name, price in found.items()),
    )


def _show_bill(side: Side) -> None:
    from core.mechanisms.layer_kernels import penalty_terms

    terms = penalty_terms(side.kernels)
    total = sum(term.both for term in terms)
    # A run's name may hold signs that Markdown would take for its own.
    st.text(f"Who pays: {side.title}")
    st.dataframe(
        [
            {
                "Layer": term.layer,
                "Weights": term.weights,
                "Sum of |w|": term.absolute_sum,
                "Sum of w²": term.square_sum,
                "L1 (nats)": term.l1,
                "L2 (nats)": term.l2,
                "Share": 100 * term.both / total if total else 0.0,
            }
            for term in terms
        ],
        hide_index=True,
        height="content",
        column_config={
            "Weights": st.column_config.NumberColumn(format="localized"),
            **{
                name: st.column_config.NumberColumn(format="%.4g")
                for name in ("Sum of |w|", "Sum of w²", "L1 (nats)", "L2 (nats)")
            },
            "Share": st.column_config.NumberColumn("Share of the penalty", format="%.1f %%"),
        },
        alt=f"What each layer of {side.title} pays; together {total:.4g} nats.",
    )

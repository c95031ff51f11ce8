"""What dropout does to the mean activation of a layer, and to its spread from mask to mask."""

from __future__ import annotations

import streamlit as st

from pages.shared import state
from pages.shared.chart_settings import PLAIN
from pages.shared.dropout_scene import Scene
from pages.shared.link_choice import link_choice


def show_mean(scene: Scene) -> None:
    """The mean over all rates, and the masks at the one that is set."""
    from core.figures.dropout import mean_figure, sampled_means_figure
    from core.mechanisms.dropout import mean_activation, mean_spread, sampled_means
    from core.mechanisms.monte_carlo import features_at

    number = _pick_place(scene)
    place = scene.cut.places[number]
    name, rate = place.after, scene.rates.at(place)
    values = features_at(scene.cut, number, scene.image[None])[0]
    found = mean_activation(values, scene.seed, place.whole_maps)
    means = sampled_means(values, rate, scene.seed, place.whole_maps)
    spread = mean_spread(values, rate, place.whole_maps)
    left, right = st.columns(2)
    left.plotly_chart(
        mean_figure(found, rate, f"{name}, {place.units:,} units, one image, {scene.epoch}"),
        key="mean activation",
        config=PLAIN,
        alt=f"The mean activation of {name} by dropout rate: {found.off:.4g} at every rate with "
        "scaling, falling to nothing without; its standard deviation grows with the rate.",
    )
    right.plotly_chart(
        sampled_means_figure(
            means, found.off, spread, f"{len(means):,} masks at rate {rate:g}, {name}"
        ),
        key="sampled means",
        config=PLAIN,
        alt=f"Histogram of the mean activation under {len(means):,} masks at rate {rate:g}: mean "
        f"{means.mean():.4g}, standard deviation {means.std(ddof=1):.3g}.",
    )
    st.markdown(
        f"At rate **{rate:g}** the mean activation is **{means.mean():.4g}** over {len(means):,} "
        f"masks (dropout off: {found.off:.4g}), with a standard deviation of "
        f"**{means.std(ddof=1):.3g}** (by the formula: {spread:.3g})."
    )
    st.caption(
        "Whoever still plays is turned up by 1 / (1 - rate), so the mean stays, whatever the "
        "rate; dotted is what it would be otherwise. What grows is the spread: a unit of "
        "activation x has the variance rate / (1 - rate) · x² (Srivastava et al., 2014; Wager "
        "et al., 2013), and a mean over few strong units jumps most. This noise is what "
        "regularizes. On the "
        "right: solid is the mean without dropout, dotted one standard deviation by the formula."
    )


def _pick_place(scene: Scene) -> int:
    """The number of the place of dropout to look at; those that it is on in come first."""
    places = {place.after: number for number, place in enumerate(scene.cut.places)}
    names = sorted(places, key=lambda name: scene.rates.at(scene.cut.places[places[name]]) == 0)
    return places[link_choice(st.selectbox, state.PLACE, "Dropout after", names, width=260)]

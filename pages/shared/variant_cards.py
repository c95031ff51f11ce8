"""The settings that stand side by side, a card each: a preset, and what is changed in it."""

from __future__ import annotations

import streamlit as st

from core.comparison.side_by_side import (
    AS_BASE,
    FEWEST,
    FIRST,
    VARIANT_PRESETS,
    Variant,
    from_link,
    settings_of,
)
from core.errors import LearnscopeError
from core.settings import CONTROLS, Settings, Value, checked, value_of
from core.settings.presets import PRESETS, REGULARIZERS
from pages.shared import state
from pages.shared.setting_widgets import any_setting

_PER_ROW = 3


def variant_cards(base: Settings) -> tuple[Variant, ...]:
    """Show a card for each setting, in rows; gives what they say."""
    cards = _cards()
    columns = [column for _ in cards[::_PER_ROW] for column in st.columns(_PER_ROW)]
    said = []
    for place, (number, variant) in enumerate(cards):
        with columns[place], st.container(border=True, height="stretch"):
            said.append((number, _card(number, variant, base, len(cards) > FEWEST)))
    st.session_state[state.CARDS] = said
    return tuple(variant for _, variant in said)


def _cards() -> list[tuple[int, Variant]]:
    """Each card's number, and what it holds: as the person left them, else as the link says."""
    if state.CARDS not in st.session_state:
        variants = FIRST
        if link := st.query_params.get(state.VARIANTS):
            try:
                variants = from_link(link)
            except LearnscopeError as error:
                st.warning(f"In the link: {error}", icon=":material/link_off:")
        put_into_cards(variants)
    cards: list[tuple[int, Variant]] = st.session_state[state.CARDS]
    return cards


def put_into_cards(variants: tuple[Variant, ...]) -> None:
    """Let new cards hold these; for callbacks."""
    before = st.session_state.get(state.CARD_COUNT, 0)
    st.session_state[state.CARD_COUNT] = before + len(variants)
    st.session_state[state.CARDS] = list(enumerate(variants, before))


def add_card() -> None:
    """One more, with the first preset that no card has yet; a callback."""
    cards = st.session_state[state.CARDS]
    taken = {variant.start for _, variant in cards if not variant.changes}
    start = next((key for key in VARIANT_PRESETS if key not in taken), AS_BASE)
    number = st.session_state.get(state.CARD_COUNT, 0)
    st.session_state[state.CARD_COUNT] = number + 1
    st.session_state[state.CARDS] = [*cards, (number, Variant(start))]


def _remove(number: int) -> None:
    st.session_state[state.CARDS] = [c for c in st.session_state[state.CARDS] if c[0] != number]


def _card(number: int, variant: Variant, base: Settings, removable: bool) -> Variant:
    key = f"{state.CARD} {number}"
    st.session_state.setdefault(f"{key} start", variant.start)
    st.session_state.setdefault(f"{key} names", list(variant.changes))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = st.selectbox(
            "Regularizers",
            [*VARIANT_PRESETS, AS_BASE],
            format_func=lambda one: "As the base" if one == AS_BASE else PRESETS[one].title,
            key=f"{key} start",
        )
        if removable:
            st.button(
                "",
                icon=":material/close:",
                key=f"{key} remove",
                help="Take this setting away",
                on_click=_remove,
                args=(number,),
            )
    if start in PRESETS:
        st.caption(PRESETS[start].look_for)
    with st.popover("Change something in it", icon=":material/tune:"):
        names = st.multiselect(
            "Regularizers to change",
            REGULARIZERS,
            format_func=lambda name: CONTROLS[name].label,
            key=f"{key} names",
        )
        before = settings_of(base, Variant(start))
        changes: dict[str, Value] = {}
        for name in names:
            held = variant.changes.get(name, value_of(before, name))
            changes[name] = checked(CONTROLS[name], any_setting(name, f"{key} {name}", held))
    if changes:
        words = [
            f"{CONTROLS[name].label} **{CONTROLS[name].word(v)}**" for name, v in changes.items()
        ]
        st.caption("Changed: " + ", ".join(words))
    return Variant(start, changes)

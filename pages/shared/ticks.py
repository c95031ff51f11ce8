"""The timers of the pages, kept from pressing buttons."""

from __future__ import annotations

import functools

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_PRESSES = ("trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value")


def let_no_tick_press() -> None:
    """Have a click count once, also if a timer of the page goes off in the same moment.

    The browser notes a click and sends it a turn later. A timer of ``st.fragment(run_every=...)``
    that goes off in between, as on a busy machine, sends the click as well, and what the button
    does would be done twice: two runs of one press on Train. The click itself follows in any case.
    Lasts as long as the process; a second call changes nothing.
    """
    usual = AppSession.request_rerun
    if hasattr(usual, "presses_nothing"):
        return

    @functools.wraps(usual)
    def request_rerun(session: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None and client_state.is_auto_rerun:
            client_state = without_presses(client_state)
        usual(session, client_state)

    request_rerun.presses_nothing = True  # type: ignore[attr-defined]
    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def without_presses(client_state: ClientState) -> ClientState:
    """What a browser says of its widgets, but for the presses of buttons and their like."""
    rest = ClientState()
    rest.CopyFrom(client_state)
    del rest.widget_states.widgets[:]
    rest.widget_states.widgets.extend(
        widget
        for widget in client_state.widget_states.widgets
        if widget.WhichOneof("value") not in _PRESSES
    )
    return rest

"""A timer of a page carries no click; a click of one's own is left as it is."""

from __future__ import annotations

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from pages.shared.ticks import let_no_tick_press


def message(is_auto_rerun: bool) -> ClientState:
    """What a browser sends that has a moved slider and a pressed button of each kind."""
    sent = ClientState(fragment_id="tick", query_string="a=1", is_auto_rerun=is_auto_rerun)
    widgets = sent.widget_states.widgets
    widgets.add(id="slider").double_array_value.data.append(0.5)
    widgets.add(id="button", trigger_value=True)
    widgets.add(id="pills").string_trigger_value.data = "one"
    widgets.add(id="component", json_trigger_value='[{"event": "click"}]')
    widgets.add(id="chat").chat_input_value.data = "text"
    widgets.add(id="checkbox", bool_value=True)
    return sent


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[ClientState | None]:
    """What reaches Streamlit."""
    heard: list[ClientState | None] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda session, state: heard.append(state))
    let_no_tick_press()
    return heard


def test_a_tick_brings_what_is_set_and_presses_nothing(heard: list[ClientState]) -> None:
    AppSession.request_rerun(object(), message(is_auto_rerun=True))
    (received,) = heard
    assert [widget.id for widget in received.widget_states.widgets] == ["slider", "checkbox"]
    received.ClearField("widget_states")
    assert received == ClientState(fragment_id="tick", query_string="a=1", is_auto_rerun=True)


def test_a_click_arrives_as_it_was_sent(heard: list[ClientState]) -> None:
    AppSession.request_rerun(object(), message(is_auto_rerun=False))
    AppSession.request_rerun(object(), None)
    assert heard == [message(is_auto_rerun=False), None]


def test_it_is_done_once_however_often_a_page_is_drawn(heard: list[ClientState]) -> None:
    once = AppSession.request_rerun
    let_no_tick_press()
    assert AppSession.request_rerun is once

"""What the live chart sends to the browser."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.testing.v1 import AppTest


def sent(*figures: dict[str, Any]) -> list[BidiComponent]:
    """The messages of one page that shows the given figures."""

    def page(figures: list[dict]) -> None:
        from pages.shared.live_chart import live_chart

        for number, figure in enumerate(figures):
            live_chart(figure, key=f"chart {number}", height=300, alt="Loss by step")

    test = AppTest.from_function(page, kwargs={"figures": list(figures)}, default_timeout=60).run()
    assert not test.exception
    return [element.proto for element in test.get("bidi_component")]


def shown(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure as the browser reads it."""

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    (message,) = sent(figure)
    return json.loads(message.bytes, parse_constant=refuse)["figure"]


def test_an_update_of_four_long_lines_stays_under_100_kilobytes() -> None:
    line = np.linspace(0, 1, 2000, dtype=np.float32)
    lines = [{"type": "scatter", "name": f"line {i}", "x": line, "y": line} for i in range(4)]
    (message,) = sent({"data": lines[:4], "layout": {}})
    assert message.ByteSize() < 100_000


def test_plotly_itself_is_fetched_by_address_and_no_part_of_the_message() -> None:
    (message,) = sent({"data": [], "layout": {}})
    assert message.ByteSize() < 10_000
    assert json.loads(message.bytes)["url"].endswith("/plotly.min.js")


def test_a_newer_figure_keeps_the_identity_of_the_chart() -> None:
    first, second = ({"data": [{"y": [1.0] * n}], "layout": {}} for n in (1, 2))
    assert [sent(first)[0].id] == [sent(second)[0].id]


def test_gaps_and_infinities_become_nulls() -> None:
    figure = shown({"data": [{"y": [1.0, float("nan"), np.float32("inf")]}], "layout": {}})
    assert figure["data"][0]["y"] == [1.0, None, None]


def test_arrays_travel_as_their_bytes() -> None:
    values = np.array([[1.5, float("nan")], [2.5, -3.0]], dtype=np.float32)
    short = shown({"data": [{"z": values}], "layout": {}})["data"][0]["z"]
    assert (short["dtype"], short["shape"]) == ("f4", "2, 2")
    np.testing.assert_array_equal(
        np.frombuffer(base64.b64decode(short["bdata"]), "<f4").reshape(2, 2), values
    )


def test_whole_numbers_of_64_bits_become_numbers_that_javascript_has() -> None:
    short = shown({"data": [{"x": np.array([1, 2**40])}], "layout": {}})["data"][0]["x"]
    assert short["dtype"] == "f8"
    assert np.frombuffer(base64.b64decode(short["bdata"])).tolist() == [1.0, 2.0**40]


def test_traces_of_one_name_get_ids_of_their_own() -> None:
    traces = [{"name": "fair (dropout off)"}, {"name": "fair (dropout off)"}, {"name": "best"}]
    ids = [trace["uid"] for trace in shown({"data": traces, "layout": {}})["data"]]
    assert ids == ["fair-dropout-off--0", "fair-dropout-off--1", "best-0"]


def test_what_the_user_did_to_a_chart_is_kept_by_its_key_and_its_own_revision() -> None:
    plain = {"data": [], "layout": {}}
    logarithmic = {"data": [], "layout": {"uirevision": "logarithmic"}}
    messages = [json.loads(message.bytes) for message in sent(plain, plain, logarithmic)]
    first, second, third = (message["figure"]["layout"]["uirevision"] for message in messages)
    assert first == "chart 0: None"
    assert second == "chart 1: None"
    assert third == "chart 2: logarithmic"

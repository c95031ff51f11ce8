"""Streamlit clears Keras's state after each rerun; ours stays.

If the first test here fails, a release of Streamlit has stopped clearing, or clears by another
name: then look at ``core/keras_state.py`` again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from core.keras_state import keep_keras_state

keras = pytest.importorskip("keras")


def rerun() -> None:
    """A whole run of a page that knows nothing of Keras, with all that Streamlit does after it."""
    test = AppTest.from_string("import streamlit as st; st.write('A page')", default_timeout=30)
    assert test.run().markdown[0].value == "A page"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = keras.backend.clear_session
    yield
    keras.backend.clear_session = before


def build_in_two_steps(rerun_between: threading.Event, first_step: threading.Event) -> object:
    """A network of two convolutions, the second of which is made after a rerun."""
    image = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(2, 3)(image)
    first_step.set()
    assert rerun_between.wait(30)
    return keras.Model(image, keras.layers.Conv2D(2, 3)(maps))


def build_while_a_page_reruns() -> object:
    half_way, rerun_is_over = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build_in_two_steps, rerun_is_over, half_way)
        assert half_way.wait(30)
        rerun()
        rerun_is_over.set()
        return building.result(30)


def test_streamlit_still_clears_keras_after_a_rerun() -> None:
    keras.backend.clear_session = keras.utils.clear_session
    with pytest.raises(ValueError, match="used 2 times"):
        build_while_a_page_reruns()


def test_a_network_is_built_across_a_rerun() -> None:
    keep_keras_state()
    assert len(build_while_a_page_reruns().layers) == 3


def test_whoever_means_it_can_still_clear() -> None:
    keep_keras_state()
    keras.utils.clear_session()
    assert keras.layers.Dense(1).name == "dense"
    keras.backend.clear_session()
    assert keras.layers.Dense(1).name == "dense_1"

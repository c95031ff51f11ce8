"""What all sessions of the process share: the run library, the queue of runs, a warm Keras."""

from __future__ import annotations

import streamlit as st

from core import warmup
from core.library.homes import refuse_if_gone, remember
from core.runs import Library, library_home
from core.training import TrainingQueue

__all__ = ["library", "training_queue", "wait_until_warm"]


@st.cache_resource(show_spinner=False, on_release=lambda library: library.close())
def library() -> Library:
    """The run library of this process."""
    home = library_home()
    refuse_if_gone(home)
    opened = Library(home, address=_address())
    remember(home)
    return opened


def _address() -> str:
    """Where this server shows its pages."""
    host = st.get_option("server.address") or "localhost"
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"http://{host}:{st.get_option('server.port')}" + (f"/{base}" if base else "")


@st.cache_resource(show_spinner=False, on_release=lambda queue: queue.close())
def training_queue() -> TrainingQueue:
    """The queue of runs of this process.

    It lives as long as the process and belongs to no session, so that a run goes on whoever reloads
    or closes a tab, and every tab finds it.
    """
    return TrainingQueue(library())


def wait_until_warm() -> None:
    """Wait until Keras may be used, and say so on the page if that takes time."""
    if warmup.ready():
        return
    with st.spinner("Getting TensorFlow ready (some seconds, once per start) ..."):
        warmup.wait()

"""Keras's global state: one lock around it, and Streamlit's hands off it.

Keras keeps names, scopes and the current graph in global state. Two things follow. Building,
loading, tracing and saving happen under :data:`KERAS_LOCK`. And nobody may clear that state while
a training thread lives in it, which is just what Streamlit does after every rerun.
"""

from __future__ import annotations

import threading

KERAS_LOCK = threading.RLock()
"""Held by whoever builds, loads, traces or saves a network."""


def keep_keras_state() -> None:
    """Make ``keras.backend.clear_session`` do nothing; further calls change nothing.

    At the end of every script or fragment run of every session, Streamlit looks up that one name
    and calls it (``_clean_problem_modules`` in its ``runtime/scriptrunner/script_runner.py``). It
    replaces Keras's state for all threads: a model that a background thread is building then
    fails with 'The name "conv2d" is used 2 times in the model', and a running fit is traced anew.
    ``keras.utils.clear_session`` is another name for the same function and stays as it is, for
    those who mean it.
    """
    import keras

    keras.backend.clear_session = _keep


def _keep(free_memory: bool = True) -> None:
    """Stands in for ``keras.backend.clear_session``, with its signature."""

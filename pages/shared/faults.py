"""Errors as a person meets them: a sentence, never a traceback."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import LearnscopeError

_log = logging.getLogger("learnscope.faults")


@contextmanager
def faults_in_words() -> Iterator[None]:
    """Show what goes wrong inside as a message on the page; also a decorator.

    A :class:`LearnscopeError` is shown as it stands. Any other exception is logged whole, and shown
    as a short sentence with the id under which it is logged. ``app.py`` puts this around each page;
    a fragment or a callback runs without ``app.py``, and wants it as a decorator of its own.
    """
    try:
        yield
    except LearnscopeError as error:
        st.error(str(error), icon=":material/error:")
    except Exception:
        fault = secrets.token_hex(4)
        _log.exception("Fault %s", fault)
        st.error(
            f"Something went wrong inside Learnscope (fault {fault}). Your runs are safe; reload "
            "the page to go on. The details stand in the server's log under this number.",
            icon=":material/bug_report:",
        )

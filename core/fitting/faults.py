"""What ended a run before its time -> its state, and a sentence."""

from __future__ import annotations

import logging
import secrets

import tensorflow as tf

from core.errors import LearnscopeError
from core.library.records import State

_log = logging.getLogger("learnscope.training")


class StoppedError(Exception):
    """Somebody asked for the end before there was anything to keep."""


def fault_in_words(error: Exception) -> tuple[State, str]:
    """The state in which an error leaves a run, and the sentence that says why."""
    if isinstance(error, StoppedError):
        return State.STOPPED, "Stopped by you before its first step."
    if isinstance(error, LearnscopeError):
        return State.FAILED, f"Failed. {error}"
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        _log.error("Out of memory", exc_info=error)
        return State.FAILED, (
            "Failed because the machine's memory is used up. Take a smaller batch, fewer filters "
            "or fewer images."
        )
    fault = secrets.token_hex(4)
    _log.error("Fault %s", fault, exc_info=error)
    return State.FAILED, (
        f"Failed because of a fault inside Learnscope (fault {fault}); the details stand in "
        "the server's log under this number."
    )

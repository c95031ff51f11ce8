"""Keys of the session's state on the pages of `pages/interpretation/`, page by page."""

from __future__ import annotations

# /layers
LAYERS_VIEW = "layers-view"
"""Which view of the layers is open; also its name in a link."""
DIAGRAM = "diagram"
"""The diagram whose nodes are the layers."""
UNIT = "unit"
"""The unit, or map, whose images are shown; also its name in a link."""
HISTOGRAM = "array"
"""How the key of the weight array in the histogram begins; the layer follows."""
EVERY_SPREAD = "every spread"
"""Whether the effective receptive field of every layer is measured."""
MEASURE_AGAIN = "measure again"
"""The button that takes the times of the layers anew."""
MEASURED = "measured"
"""How the key begins under which it stands how often that was; the run's id follows."""

# /kernels
KERNEL_VIEW = "kernel-view"
"""Which view of the kernels is open; also its name in a link."""
ORDER = "kernel order"
"""The order of the kernels."""
KERNEL_PAGE = "kernel page"
"""How the key of the page of kernels begins; the layer follows."""
KERNELS_A_PAGE = "kernels a page"
"""How many kernels stand on a page."""
NEARLY_THE_SAME = "nearly the same"
"""From which cosine on two filters count as nearly the same."""

# /responses
VIEW = "view"
"""Which view of the responses is open; also its name in a link."""
SIZE = "size"
"""The size at which a layer sees the image."""
STAGE = "stage"
"""Responses before or after the activation."""
ONE_SCALE = "one scale"
"""Whether the pictures of a row share one colour scale."""
ALL_PIXELS = "all pixels"
"""Whether the responses to a large photo are computed from all its pixels."""
LOOK_ACROSS, LOOK_DOWN = "look across", "look down"
"""Where in a large photo one looks with all its pixels, in percent from the left and the top."""

# /kernel-bench
BENCH_VIEW = "bench-view"
"""Which part of the kernel bench is open; also its name in a link."""
HAND_KERNEL = "hand kernel"
"""How the key of the numbers of the kernel made by hand begins; its size follows."""
HAND_GRID = "hand grid"
"""How the key of the grid begins in which they are changed; size and a count follow."""
HAND_SIZE = "hand size"
"""The size of the kernel made by hand."""
HAND_BEGIN = "hand begin"
"""Whether it begins with a classic kernel or with a learned one."""
HAND_CLASSIC = "hand classic"
"""How the key of the classic kernel begins with which it begins; the size follows."""
HAND_FILTER = "hand filter"
"""How the key of the learned filter begins; the layer follows."""
HAND_CHANNEL = "hand channel"
"""How the key of its input channel begins; the layer follows."""
HAND_BACK = "hand back"
"""The button that takes all changes of the numbers back."""
REPLACED_CHANNEL = "replaced channel"
"""How the key of the input channel begins whose kernel is replaced; the layer follows."""
SAME_NORM = "same norm"
"""Whether a kernel that is put in gets the norm of the one that it replaces."""
SWITCHED_OFF = "switched-off"
"""How the key of the filters begins that are off together, and its name in a link."""
OFF_FIRST = "off-first"
"""Which filters are switched off first, the least or the most important; also in a link."""

# /excites
EXCITES_VIEW = "excites-view"
"""Which view of what excites a kernel is open; also its name in a link."""
CLIMB = "climb"
"""How the keys of the controls begin that say how the most exciting picture is sought."""
CLIMB_IN_LINK = {
    name: f"climb-{name}" for name in ("direction", "prior", "kept", "steps", "jitter", "seed")
}
"""Their names in a link."""

# /decision
DECISION_VIEW = "decision-view"
"""Which view of the decision is open; also its name in a link."""
EXPLAINED = "explained"
"""The class whose score is explained, by number, or "predicted"; also its name in a link."""
BASELINE = "baseline"
"""What stands for nothing there; also its name in a link."""
CAM_LAYER = "cam-layer"
"""The layer that Grad-CAM looks at; also its name in a link."""
INTEGRATION_STEPS = "integration-steps"
"""How many gradients an integrated gradient is made of; also its name in a link."""
PATCH_SIDE = "patch-side"
"""How the key of the size of occlusion's patches begins, and its name in a link; rows follow."""
RANDOMISE = "randomise"
"""The button that randomises the layers one after another."""

INTERPRETATION_IN_LINK = (
    *(LAYERS_VIEW, UNIT, KERNEL_VIEW, VIEW),
    *(BENCH_VIEW, SWITCHED_OFF, OFF_FIRST),
    *(EXCITES_VIEW, *CLIMB_IN_LINK.values()),
    *(DECISION_VIEW, EXPLAINED, BASELINE, CAM_LAYER, INTEGRATION_STEPS, PATCH_SIDE),
)
"""Those of them that are names in a link."""

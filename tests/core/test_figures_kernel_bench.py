"""Figures of the kernel bench: what stands on their axes."""

from core.figures.kernel_bench import drops_figure, selectivity_figure
from core.inside.ablation import FilterOff
from core.inside.changed_answers import Drop


def test_drops_of_less_than_a_percent_are_told_apart_on_the_axis():
    drop = Drop(lost=4, won=2, images=1000, low=-0.003, high=0.007, p=0.69)  # ticks 0.2% apart
    off = [FilterOff(number=3, drop=drop, loss=0.01, norm=0.5, selectivity=0.1)]
    for figure in (drops_figure(off, ""), selectivity_figure(off, "")):
        # As d3 has it: up to two digits behind the point, and none of them a useless zero.
        assert figure.layout.yaxis.tickformat == ".2~%"

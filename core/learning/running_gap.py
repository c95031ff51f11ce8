"""Why the running training loss and the fair one differ in a run, as far as its numbers tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.augmentation.plan import alterations, mixes_labels, without_mixing
from core.data.facts import facts
from core.library.records import Epoch
from core.settings import Settings
from core.verdict.loss_noise import sampling_spread
from core.verdict.reading import scored_epochs


@dataclass(frozen=True)
class RunningGap:
    """The two training losses of an epoch, in nats without penalty, and what parts them.

    Attributes
    ----------
    epoch : int
    running : float
        Mean over the epoch's batches, in training mode, while the weights moved.
    fair : float
        On the fair sample at the epoch's end, dropout off.
    halfway : float or None
        Mean of the fair losses before and after the epoch: about the fair loss in its middle. None
        if there is none before it.
    chance : float
        Standard error of the fair loss that comes of which images are in its sample; 0 if it
        holds all of the training images.
    """

    epoch: int
    running: float
    fair: float
    halfway: float | None
    chance: float

    @property
    def difference(self) -> float:
        """Running less fair."""
        return self.running - self.fair

    @property
    def averaging(self) -> float:
        """The part of it that a mean over an epoch has in which the fair loss falls evenly."""
        return 0.0 if self.halfway is None else self.halfway - self.fair

    @property
    def rest(self) -> float:
        """The part of it that is left."""
        return self.difference - self.averaging


def running_gaps(
    epochs: Sequence[Epoch], images: int, fair_images: int, classes: int
) -> list[RunningGap]:
    """Take apart the difference of the two training losses, epoch by epoch.

    Parameters
    ----------
    epochs : sequence of Epoch
        In order. Those whose losses are no finite numbers are passed over.
    images, fair_images : int
        How many images the running and the fair loss are taken on; the latter are of the former.
    classes : int
    """
    gaps = []
    before: Epoch | None = None
    for epoch in epochs:
        fair = epoch.fair_loss
        if math.isfinite(fair) and math.isfinite(epoch.running_loss):
            follows = before is not None and before.epoch == epoch.epoch - 1
            halfway = (before.fair_loss + fair) / 2 if before is not None and follows else None
            chance = _chance(fair, epoch.fair_accuracy, images, fair_images, classes)
            gaps.append(RunningGap(epoch.epoch, epoch.running_loss, fair, halfway, chance))
        before = epoch if math.isfinite(fair) else None
    return gaps


def _chance(loss: float, accuracy: float, images: int, fair_images: int, classes: int) -> float:
    """Sampling without replacement: the whole leaves nothing to chance (Cochran, 1977)."""
    if fair_images >= images:
        return 0.0
    spread = loss * sampling_spread(loss, accuracy, fair_images, classes)
    return spread * math.sqrt((images - fair_images) / (images - 1))


def why_they_differ(epochs: Sequence[Epoch], settings: Settings) -> str:
    """Say in words why the running and the fair training loss differ in this run.

    Parameters
    ----------
    epochs : sequence of Epoch
        Of the run so far, in order.
    settings : Settings
        Of the run.

    Returns
    -------
    str
        Some sentences; empty as long as no epoch has ended.
    """
    known = facts(settings.data.dataset)
    images = settings.data.training_images
    fair_images = min(known.validation_images, images)
    scored = scored_epochs(epochs)
    gaps = running_gaps(scored, images, fair_images, len(known.class_names))
    if not gaps:
        return ""
    last = gaps[-1]
    decimals = _decimals(last.running, last.fair, last.difference)
    sentences = [
        f"In epoch {last.epoch}, the newest, the running training loss is "
        f"{last.running:.{decimals}f} and the fair one {last.fair:.{decimals}f}: a difference of "
        f"{last.difference:+.{decimals}f}."
    ]
    if last.halfway is None:
        sentences.append(
            "What it comes from can be told once there is a fair loss before and after an epoch."
        )
    else:
        sentences.append(
            f"Of it, {last.averaging:+.{decimals}f} is from averaging over an epoch in which the "
            f"weights moved (halfway through, the fair loss was about "
            f"{last.halfway:.{decimals}f}) and {last.rest:+.{decimals}f} is left."
        )
        sentences.append(_of_the_rest(last, settings, images, fair_images, decimals))
    if len(gaps) > 1:
        sentences.append(_of_the_largest(gaps))
    sentences.append(_of_accuracy(next(e for e in scored if e.epoch == last.epoch)))
    return " ".join(sentences)


def _of_the_rest(
    gap: RunningGap, settings: Settings, images: int, fair_images: int, decimals: int
) -> str:
    modes = _modes(settings, gap.epoch)
    causes = (
        f"{modes}, and of what a straight line between two epochs misses"
        if modes
        else "what a straight line between two epochs misses, for each batch is scored just before "
        "the network learns from it"
    )
    if gap.chance == 0:
        off = "" if modes else ", nor dropout or batch normalization, which are off"
        return (
            f"That is not sampling, for both are taken on all {images:,} training images{off}. It "
            f"comes of {causes}."
        )
    size = f"{gap.chance:.{max(decimals, _decimals(gap.chance))}f}"
    sample = (
        f"the fair loss is taken on {fair_images:,} of the {images:,} training images, whose "
        f"choice alone gives a standard error of {size}"
    )
    if abs(gap.rest) > 2 * gap.chance:
        return f"That is more than sampling does: {sample}. It comes of {causes}."
    if modes:
        return (
            f"That is no more than sampling does: {sample}. So these numbers do not show what "
            f"{modes} adds."
        )
    return (
        f"That is sampling, as far as can be told: {sample}, and neither dropout nor batch "
        "normalization is on."
    )


def _modes(settings: Settings, epoch: int) -> str:
    """What a network does in training only, up to epoch `epoch`, in words; empty if nothing."""
    regularization = settings.regularization
    found = [
        f"dropout {rate:g} ({place}) being on"
        for rate, place in (
            (regularization.dropout_convolution, "convolution"),
            (regularization.dropout_dense, "dense"),
        )
        if rate
    ]
    if regularization.noise:
        found.append(f"noise {regularization.noise:g} being on")
    if settings.optimisation.averages_after(epoch):
        found.append("the fair loss being that of the averaged weights")
    if regularization.batch_normalization:
        found.append("batch normalization going by each batch's own statistics")
    if alterations(without_mixing(settings.augmentation)):
        found.append("augmentation altering the images that are learnt from")
    if mixes_labels(settings.augmentation):
        found.append("mixed images being scored against mixed labels")
    return " and ".join(found)


def _of_the_largest(gaps: Sequence[RunningGap]) -> str:
    largest = max(gaps, key=lambda gap: abs(gap.difference))
    if largest is gaps[-1]:
        return "In no epoch was the difference larger."
    decimals = _decimals(largest.running, largest.fair, largest.difference)
    return (
        f"The difference was largest in epoch {largest.epoch}: {largest.running:.{decimals}f} "
        f"against {largest.fair:.{decimals}f}."
    )


def _of_accuracy(epoch: Epoch) -> str:
    difference = 100 * (epoch.running_accuracy - epoch.fair_accuracy)
    return (
        f"The accuracies of epoch {epoch.epoch} differ for the same reasons: "
        f"{100 * epoch.running_accuracy:.1f} % running, {100 * epoch.fair_accuracy:.1f} % fair, "
        f"{difference:+.1f} points."
    )


def _decimals(*numbers: float) -> int:
    """Places after the point for three figures of the largest, at least one of them shown."""
    largest = max(map(abs, numbers))
    return 2 if largest == 0 else min(max(2 - math.floor(math.log10(largest)), 0), 6)

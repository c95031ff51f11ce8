"""The data of a run that was trained before, found again and proved to be the same."""

from __future__ import annotations

from core.data.arrays import Splits
from core.data.facts import facts
from core.data.loading import load
from core.data.splitting import split
from core.errors import LearnscopeError
from core.settings import Settings


def split_again(settings: Settings, fingerprint: str | None) -> Splits:
    """Load and divide the data as the run with these settings did.

    Parameters
    ----------
    settings : Settings
    fingerprint : str or None
        What the run recorded of its data. None if it recorded nothing: then nothing is compared.

    Raises
    ------
    LearnscopeError
        If the data cannot be loaded, or are not what the run had.
    """
    splits = split(load(settings.data.dataset), settings.data, settings.optimisation.seed)
    if fingerprint is not None and splits.fingerprint != fingerprint:
        raise LearnscopeError(
            f"Expected the images of {facts(settings.data.dataset).title} that this run was given. "
            "Received: others, by their fingerprint; another version of the data set, or of the "
            "packages that divide it. Train the run again to look at its images here."
        )
    return splits

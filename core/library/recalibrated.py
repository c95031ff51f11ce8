"""What recalibrated networks are called among the files of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"recalibrated-([0-9]{1,9})\.keras")


def recalibrated_name(epoch: int) -> str:
    """The name of the recalibrated weights of an epoch: their file's, without its ending."""
    return f"recalibrated-{epoch}"


def recalibrated_epochs(files: Iterable[str]) -> list[int]:
    """Of which epochs there are recalibrated weights among files of these names, in order."""
    found = (_NAME.fullmatch(name) for name in files)
    return sorted(int(match[1]) for match in found if match)

"""What a person does with the runs of the library: name, mark, put aside and delete them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from core.errors import LearnscopeError
from core.library.access import Access
from core.library.records import run_name
from core.library.statements import change_run

_TAG_LENGTH = 40
_REMARK_LENGTH = 10_000


class Actions(Access):
    """What a person changes; :class:`core.runs.Library` adds what training writes."""

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; an empty one calls it by its settings again."""
        settings = self.run(run_id).settings
        self._change(run_id, "name = ?", run_name(name, settings))

    def delete(self, run_id: str) -> None:
        """Take a run out of sight; it can be brought back for 30 days."""
        run = self.run(run_id)
        if not run.state.ended:
            raise LearnscopeError(
                f"Expected a run that has ended. Received: “{run.name}”, {run.state.words}. Stop "
                "it first, then delete it."
            )
        if run.kept:
            raise LearnscopeError(
                f"Expected a run that is not protected. Received: “{run.name}”, which you keep. "
                "Let go of it first, then delete it."
            )
        self._change(run_id, "deleted = ?", self._clock())

    def undelete(self, run_id: str) -> None:
        """Bring a deleted run back; one that is not deleted stays as it is."""
        self._change(run_id, "deleted = ?", None)

    def tag(self, run_id: str, tags: Sequence[str]) -> None:
        """Mark a run with these words, in place of those before; each is on one line, once."""
        words = dict.fromkeys(" ".join(tag.split())[:_TAG_LENGTH] for tag in tags)
        self._change(run_id, "tags = ?", json.dumps([word for word in words if word]))

    def remark(self, run_id: str, text: str) -> None:
        """Keep what a person has to say of a run, in place of what was said before."""
        self._change(run_id, "remark = ?", text.strip()[:_REMARK_LENGTH])

    def keep(self, run_id: str, kept: bool = True) -> None:
        """Protect a run from being deleted, or let go of it."""
        self._change(run_id, "kept = ?", int(kept))

    def archive(self, run_id: str, archived: bool = True) -> None:
        """Put a run out of the way of the others, or bring it back; it stays whole."""
        self._change(run_id, "archived = ?", self._clock() if archived else None)

    def _change(self, run_id: str, assignments: str, *values: object) -> None:
        """Change columns of a run, and wait until that is written."""
        self._writer.write(lambda connection: change_run(connection, run_id, assignments, values))

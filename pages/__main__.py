"""Start Learnscope: ``python -m pages``, with the options of ``streamlit run``.

Streamlit takes a folder named `pages` for the pages of its old multipage mode, and stays in that
mode until some session has run ``app.py``: the first link to a page on a fresh server then shows
that page under a dialog "Page not found". Only whoever starts the server can tell it otherwise.
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

# Ahead of the first visitor, so that the first page need not import them: they bring NumPy along.
import core.checks
import core.learning.run_curves
import core.script
import core.training  # noqa: F401

APP = Path(__file__).resolve().parent.parent / "app.py"


def main() -> None:
    # What st.navigation sets, in the first session that comes to it.
    PagesManager.uses_pages_directory = False
    cli.main(["run", str(APP), *sys.argv[1:]], prog_name="learnscope")


if __name__ == "__main__":
    main()

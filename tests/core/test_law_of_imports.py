"""The law of imports, app -> pages -> pages/shared -> core, read from the code: it cannot rot."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for path in [ROOT / "app.py", *ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")]
    if path.exists()
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(code: str, package: str) -> set[str]:
    """All dotted names that the code imports, anywhere in it, functions and type hints included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def package_of(path: Path) -> str:
    return name_of(path.parent) if path.parent != ROOT else ""


IMPORTS = {name_of(path): imports_of(path.read_text(), package_of(path)) for path in FILES}


def breaches(module: str, imports: set[str]) -> list[str]:
    """What the law says against these imports, in words."""

    def uses(*packages: str) -> list[str]:
        return sorted(name for name in imports if any(within(name, p) for p in packages))

    found = []
    if within(module, "core"):
        found += [f"core knows nothing of {name}" for name in uses("streamlit", "pages", "app")]
    if within(module, "pages"):
        found += [f"a page knows nothing of {name}" for name in uses("app")]
        rooms = [name for name in uses("pages") if name not in ("pages", "pages.shared")]
        found += [
            f"{module} reaches into another page: {name}"
            for name in rooms
            if not within(name, "pages.shared")
        ]
    if not within(module, "core.figures"):
        found += [f"only core.figures draws, with {name}" for name in uses("plotly")]
    if within(module, "core.settings"):
        others = [n for n in uses("core") if n != "core" and not within(n, "core.settings")]
        found += [f"settings uses {name}" for name in others if not within(name, "core.errors")]
    return found


def test_there_is_code_to_read() -> None:
    assert {"app", "core.settings", "pages.shared.live_chart"} <= set(IMPORTS)


@pytest.mark.parametrize("module", IMPORTS)
def test_the_law_holds_in(module: str) -> None:
    # core.warmup imports by name, for all: it is the one exception, and holds no import statement.
    assert breaches(module, IMPORTS[module]) == []


def test_figures_never_come_to_keras_not_even_by_way_of_others() -> None:
    reached: set[str] = set()
    waiting = [module for module in IMPORTS if within(module, "core.figures")]
    while waiting:
        module = waiting.pop()
        names = IMPORTS[module] - reached
        reached |= names
        waiting += [other for other in IMPORTS if other in names and within(other, "core")]
    assert [n for n in reached if within(n, "keras") or within(n, "tensorflow")] == []


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "common"])
def test_no_room_is_called(word: str) -> None:
    assert [module for module in IMPORTS if word in module.split(".")] == []


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("core.images", "import streamlit as st"),
        ("core.images", "def late():\n    from streamlit import cache_data"),
        ("core.runs", "from pages.shared.state import RUN"),
        ("core.diagnosis", "import plotly.graph_objects as go"),
        ("core.settings.parts", "from core.data import load"),
        ("core.settings.parts", "from ..data import load"),
        ("pages.learning.train", "from pages.interpretation import layers"),
        ("pages.shared.state", "import pages.learning.train"),
        ("pages.shared.state", "import app"),
        ("pages.learning.train", "import plotly"),
    ],
)
def test_a_breach_is_seen(module: str, code: str) -> None:
    assert breaches(module, imports_of(code, module.rpartition(".")[0])) != []

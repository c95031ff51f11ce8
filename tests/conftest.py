"""What the tests have measured is said at the end of their output, whoever ran them."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have lines stand in the summary of the tests, also if they run in several processes."""
    return lambda lines: record_property("said", lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    said = [text for report in reports for name, text in report.user_properties if name == "said"]
    if said:
        terminalreporter.section("measured by the tests")
        for text in dict.fromkeys(said):
            terminalreporter.write_line(str(text))

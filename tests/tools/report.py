"""What was not run of the migration tools is said aloud at the end of the tests."""

from __future__ import annotations

import pytest

NOT_RUN = "not run: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Read off the reports, since these also come from pytest-xdist's workers.
    reasons = {
        str(report.longrepr[2]).partition(NOT_RUN)[2]
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NOT_RUN in str(report.longrepr[2])
    }
    if not reasons:
        return
    terminalreporter.section("Migration tools that were NOT run", red=True, bold=True)
    for line in sorted(reasons):
        terminalreporter.line(line, red=True)

"""A test that takes `container` runs the action's image.

    pytest_plugins = ["tests.container.fixtures"]

LOCKSTEP_TEST_CONTAINER_ENGINE=docker or buildah chooses the engine. Where the image cannot be built,
its tests are skipped, which the end of the run says aloud; with LOCKSTEP_TEST_CONTAINER_REQUIRED=1
it is an error. An image that should build and does not is always an error.
"""

import os

import pytest

from tests.container.command import Unavailable
from tests.container.engine import CHOICE, engine
from tests.container.image import Container
from tests.container.image import container as built

REQUIRED = "LOCKSTEP_TEST_CONTAINER_REQUIRED"
NOT_TESTED = "the container was not tested: "
SIZE = "container size"


@pytest.fixture(scope="session")
def container() -> Container:
    try:
        return built(engine(os.environ.get(CHOICE, "")))
    except Unavailable as reason:
        message = f"{NOT_TESTED}{reason}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # Read off the reports, since these also come from pytest-xdist's workers.
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == SIZE:
                terminalreporter.line(f"{SIZE}: {value}")
    skipped = [
        str(report.longrepr[2]).partition(NOT_TESTED)[2]
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NOT_TESTED in str(report.longrepr[2])
    ]
    if skipped:
        terminalreporter.section("The container was NOT tested", red=True, bold=True)
        for reason in sorted(set(skipped)):
            terminalreporter.line(f"{skipped.count(reason)} tests skipped: {reason}", red=True)

"""A test that takes `server`, `database` or `connection` runs once on every chosen PostgreSQL version.

    pytest_plugins = ["tests.servers.fixtures"]

LOCKSTEP_TEST_POSTGRES=14,18 chooses versions, `@pytest.mark.postgres(18)` keeps one test to some.
A version that this machine cannot have is skipped, which the end of the run says aloud; with
LOCKSTEP_TEST_POSTGRES_REQUIRED=1 it is an error.
"""

import os
from collections.abc import Iterator

import pytest

from tests.servers.installation import cache_folder
from tests.servers.releases import MAJORS, Unavailable
from tests.servers.server import Connection, Database, Server
from tests.servers.servers import Servers

CHOICE = "LOCKSTEP_TEST_POSTGRES"
REQUIRED = "LOCKSTEP_TEST_POSTGRES_REQUIRED"
NOT_TESTED = "not tested on PostgreSQL "


def chosen_versions() -> tuple[int, ...]:
    choice = os.environ.get(CHOICE, "")
    versions = tuple(version for version in MAJORS if str(version) in choice.split(","))
    if choice and len(versions) != len(set(choice.split(","))):
        known = ",".join(map(str, MAJORS))
        raise pytest.UsageError(f"{CHOICE}={choice} does not read like {known} or a part of it")
    return versions or MAJORS


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres(*versions): run on these versions only")
    chosen_versions()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("postgres")
    wanted = marker.args if marker else MAJORS
    params = [pytest.param(v, id=f"pg{v}") for v in chosen_versions() if v in wanted]
    metafunc.parametrize("server", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    started = Servers(chosen_versions(), cache_folder(os.environ))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    version: int = request.param
    try:
        return servers.get(version)
    except Unavailable as reason:
        message = f"{NOT_TESTED}{version}: {reason}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    with server.database() as made:
        yield made


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    untested = untested_versions(terminalreporter)
    if not untested:
        return
    terminalreporter.section("PostgreSQL versions that were NOT tested", red=True, bold=True)
    for line in untested:
        terminalreporter.line(line, red=True)


def untested_versions(terminalreporter: pytest.TerminalReporter) -> list[str]:
    # Read off the reports, since these also come from pytest-xdist's workers.
    reasons = {
        str(report.longrepr[2]).partition(NOT_TESTED)[2]
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NOT_TESTED in str(report.longrepr[2])
    }
    left_out = [version for version in MAJORS if version not in chosen_versions()]
    chosen = [f"{version}: {CHOICE} leaves it out" for version in left_out]
    return sorted([*reasons, *chosen])

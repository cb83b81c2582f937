"""Every test may ask for PostgreSQL 14 to 18, the container, and a GitHub with a job on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stand_in import GitHub
from tests.workflow import Job

pytest_plugins = ["tests.servers.fixtures", "tests.container.fixtures"]


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as github:
        yield github


@pytest.fixture
def job(github: GitHub, tmp_path: Path) -> Job:
    return Job(github, tmp_path)

"""Every test may ask for PostgreSQL 14 to 18, the container, and a GitHub with a job on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.checkout import Checkout
from tests.stand_in import GitHub
from tests.workflow import Job

# A few generated examples, the same in every run; `make differential` draws new ones.
EXAMPLES = os.environ.get("LOCKSTEP_EXAMPLES")
settings.register_profile(
    "pg-lockstep", max_examples=int(EXAMPLES or 16), deadline=None, derandomize=not EXAMPLES
)
settings.load_profile("pg-lockstep")

pytest_plugins = ["tests.servers.fixtures", "tests.tools.report", "tests.container.fixtures"]


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as github:
        yield github


@pytest.fixture
def job(github: GitHub, tmp_path: Path) -> Job:
    return Job(github, tmp_path)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Checkout(tmp_path)

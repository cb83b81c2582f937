"""What is read of any migration is what `sqlmigrate` prints for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.drawn_migrations import drawn
from tests.servers.server import Server
from tests.test_django import assert_the_same

EXAMPLES = int(os.environ.get("LOCKSTEP_TEST_MIGRATIONS", "12"))


@pytest.mark.postgres(18)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],  # to make one smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_django_sends_what_is_read(
    data: DataObject, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = drawn(data, 6)
    folder: Path = tmp_path_factory.mktemp("drawn")
    assert_the_same(server, folder, shop.files)

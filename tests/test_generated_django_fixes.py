"""The suggestions for any migration of Django's end in the schema that it ends in itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from bot.fixing import changes
from tests.django_project import project
from tests.drawn_migrations import drawn
from tests.reviewing import review
from tests.servers.catalog import catalog, difference
from tests.servers.server import Server
from tests.test_django import names
from tests.test_generated_django import EXAMPLES


@pytest.mark.postgres(14, 18)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_fixed_migration_ends_in_the_same_schema(
    data: DataObject, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    same_schema(server, tmp_path_factory.mktemp("drawn"), drawn(data, 4).files)


def same_schema(server: Server, folder: Path, files: dict[str, str]) -> dict[str, str]:
    """The files once the last of them is fixed, which end in the schema in which they do."""
    *earlier, last = files
    before = {path: files[path] for path in earlier}
    made = changes(review({last: files[last]}, framework="django", repository=before))
    fixed = {**before, last: files[last], **{one.path: one.after for one in made}}
    schemas = [
        schema(server, folder / str(place), texts) for place, texts in enumerate((files, fixed))
    ]
    assert schemas[0] == schemas[1], "\n".join(
        (difference(schemas[0], schemas[1]), *fixed.values())
    )
    return fixed


def schema(server: Server, folder: Path, files: dict[str, str]) -> frozenset[str]:
    with server.database() as database, project(database.conninfo, folder, names(files)) as app:
        app.migrate()
        with database.connect() as connection:
            return catalog(connection)

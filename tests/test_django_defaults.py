"""The rows that are there get what Django gives them, and no other value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.fixing import changes
from tests.django_project import project
from tests.reviewing import review
from tests.servers.server import Server
from tests.test_django import assert_the_same, names
from tests.test_django_arguments import files
from tests.test_django_reading import PATH

INITIAL = """import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Order",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("x", {}),
            ],
        ),
    ]
"""
ARRAY = "django.contrib.postgres.fields.ArrayField(models.IntegerField(){})"
GIVEN = [
    ("models.JSONField({})", "dict"),
    ("models.JSONField({})", "list"),
    ("models.JSONField({})", "'a'"),
    ("models.JSONField({})", "1"),
    ("models.JSONField({})", "True"),
    ("models.BooleanField({})", "0"),
    ("models.CharField(max_length=9{})", "5"),
    ("models.TextField({})", "'it''s'"),
    ("models.IntegerField({})", "7"),
    ("models.FloatField({})", "-1.5"),
    ("models.DecimalField(max_digits=5, decimal_places=2{})", "decimal.Decimal('1.50')"),
    ("models.UUIDField({})", "uuid.UUID('6ba7b810-9dad-11d1-80b4-00c04fd430c8')"),
    (ARRAY, "list"),
]
COMPUTED = [
    ("models.UUIDField({})", "uuid.uuid4"),
    ("models.DateField({})", "datetime.date(2020, 1, 1)"),
    ("models.DateField({})", "datetime.date.today"),
    ("models.CharField(max_length=9{})", "str"),
    (ARRAY, "lambda: [1]"),
]


def field(shape: str, said: str) -> str:
    return shape.format(said.removeprefix(", ") if "({})" in shape else said)


def tightened(shape: str, default: str) -> dict[str, str]:
    """A field that takes no nulls anymore."""
    new = field(shape, f", default={default}")
    return files(
        f"migrations.AlterField('order', 'x', {new})", INITIAL.format(field(shape, ", null=True"))
    )


def values(server: Server, folder: Path, written: dict[str, str]) -> list[object]:
    """What a row that had no value has in the end."""
    with server.database() as database, project(database.conninfo, folder, names(written)) as app:
        app.migrate("0001_initial")
        with database.connect() as connection:
            connection.execute("INSERT INTO shop_order DEFAULT VALUES")
        app.migrate()
        with database.connect() as connection:
            return [row[0] for row in connection.execute("SELECT x FROM shop_order").fetchall()]


def fixed(written: dict[str, str]) -> dict[str, str]:
    before = {path: text for path, text in written.items() if path != PATH}
    report = review({PATH: written[PATH]}, framework="django", repository=before)
    assert report.remarks
    return {**written, **{one.path: one.after for one in changes(report)}}


@pytest.mark.parametrize(("shape", "default"), GIVEN)
@pytest.mark.postgres(18)
def test_the_fix_gives_rows_the_default_of_the_field(
    shape: str, default: str, server: Server, tmp_path: Path
) -> None:
    written = tightened(shape, default)
    better = fixed(written)
    assert better != written
    expected = values(server, tmp_path / "original", written)
    assert values(server, tmp_path / "fixed", better) == expected


@pytest.mark.parametrize(("shape", "default"), COMPUTED)
def test_there_is_no_suggestion_where_python_computes_the_default(shape: str, default: str) -> None:
    written = tightened(shape, default)
    assert fixed(written) == written


@pytest.mark.postgres(18)
def test_django_sends_what_is_read_of_a_computed_default(server: Server, tmp_path: Path) -> None:
    assert_the_same(server, tmp_path, tightened(*COMPUTED[1]))

"""A default of the database rewrites the table where it is another one for every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.django_project import Project, project
from tests.reviewing import review
from tests.servers.server import Database, Server
from tests.test_django import assert_the_same, names
from tests.test_django_arguments import files
from tests.test_django_reading import HEAD, PATH

FUNCTIONS = "django.db.models.functions"
ARRAY = "django.contrib.postgres.fields.ArrayField(models.IntegerField(), db_default={})"
STEADY = [
    "models.JSONField(db_default={{}})",
    "models.JSONField(db_default={{'a': [1]}})",
    "models.JSONField(db_default=[])",
    "models.JSONField(null=True, db_default=None)",
    ARRAY.format("[1, 2]"),
    "models.DateField(db_default=datetime.date(2020, 1, 1))",
    "models.DateTimeField(db_default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))",
    "models.DurationField(db_default=datetime.timedelta(days=1))",
    "models.DecimalField(max_digits=5, decimal_places=2, db_default=decimal.Decimal('1.5'))",
    "models.UUIDField(db_default=uuid.UUID('6ba7b810-9dad-11d1-80b4-00c04fd430c8'))",
    "models.CharField(max_length=9, db_default='a')",
    "models.CharField(max_length=9, db_default=models.Value('a'))",
    "models.IntegerField(db_default=-1)",
    "models.BooleanField(db_default=models.Value(True))",
    f"models.TextField(db_default={FUNCTIONS}.Concat(models.Value('a'), models.Value('b')))",
    f"models.TextField(db_default={FUNCTIONS}.Upper(models.Value('a')))",
    f"models.TextField(db_default={FUNCTIONS}.Left(models.Value('a'), 1))",
    f"models.DateTimeField(db_default={FUNCTIONS}.Now())",
    f"models.DateTimeField(db_default={FUNCTIONS}.Now() + datetime.timedelta(days=1))",
    f"models.DateTimeField(db_default={FUNCTIONS}.Now() - datetime.timedelta(days=1))",
    f"models.DateField(db_default={FUNCTIONS}.TruncDate({FUNCTIONS}.Now()))",
    f"models.FloatField(db_default={FUNCTIONS}.Pi() * 2)",
    "models.IntegerField(db_default=models.Value(1) + models.Value(2))",
    f"models.TextField(db_default={FUNCTIONS}.Cast(models.Value(1), models.TextField()))",
    "models.TextField(db_default=models.Func(models.Value('a'), function='LOWER'))",
]
FOR_EVERY_ROW = [
    f"models.FloatField(db_default={FUNCTIONS}.Random())",
    f"models.FloatField(db_default={FUNCTIONS}.Random() * 2)",
    f"models.FloatField(db_default={FUNCTIONS}.Round({FUNCTIONS}.Random()))",
    f"models.FloatField(db_default={FUNCTIONS}.Degrees({FUNCTIONS}.Random()))",
    "models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())",
    "models.DateTimeField(db_default=models.Func(function='CLOCK_TIMESTAMP'))",
]
UNKNOWN = ["shared.DEFAULT", "shared.Default()", "shared.Default() + models.Value(1)", "lambda: 1"]


def added(field: str) -> dict[str, str]:
    written = files(
        f"migrations.AddField('order', 'x', {field.replace('{{', '{').replace('}}', '}')})"
    )
    imports = "import django.contrib.postgres.functions\nimport django.db.models.functions\n"
    return {**written, PATH: imports + written[PATH]}


def storage(database: Database) -> object:
    with database.connect() as connection:
        found = connection.execute("SELECT pg_relation_filenode('shop_order')").fetchone()
        return found and found[0]


def rewrites(app: Project, database: Database) -> bool:
    app.migrate("0001_initial")
    with database.connect() as connection:
        connection.execute("INSERT INTO shop_order DEFAULT VALUES")
    before = storage(database)
    app.migrate()
    return storage(database) != before


@pytest.mark.parametrize("field", [*STEADY, *FOR_EVERY_ROW])
@pytest.mark.postgres(14, 18)
def test_a_table_is_rewritten_where_it_is_said(field: str, server: Server, tmp_path: Path) -> None:
    written = added(field)
    before = {path: text for path, text in written.items() if path != PATH}
    report = review({PATH: written[PATH]}, framework="django", repository=before)
    assert not report.unreadable
    rules = [one.finding.rule for one in report.remarks]
    assert rules == ["column-computed-on-add"] * (field in FOR_EVERY_ROW)
    assert not any(" unless " in one.finding.message for one in report.remarks)
    with server.database() as database, project(database.conninfo, tmp_path, names(written)) as app:
        assert rewrites(app, database) == (field in FOR_EVERY_ROW)


@pytest.mark.parametrize("field", [*STEADY, *FOR_EVERY_ROW])
@pytest.mark.postgres(18)
def test_django_sends_what_is_read_of_the_default(
    field: str, server: Server, tmp_path: Path
) -> None:
    assert_the_same(server, tmp_path, added(field))


@pytest.mark.parametrize("default", UNKNOWN)
def test_a_default_that_nobody_knows_is_said_in_words(default: str) -> None:
    operation = f"migrations.AddField('order', 'x', models.IntegerField(db_default={default}))"
    text = HEAD.format(operations=operation, before="from . import shared\n", inside="")
    (remark,) = review({PATH: text}, framework="django").remarks
    assert remark.finding.message == (
        "Reads and writes of `shop_order` wait until every row of `shop_order` is rewritten with a"
        " value for `x`, unless no function of its default is `VOLATILE`."
    )

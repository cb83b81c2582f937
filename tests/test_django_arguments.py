"""What an argument is decides what Django sends; one that nobody can tell is none that is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.fixing import changes
from bot.frameworks import frameworks, read
from bot.model.source import Source
from tests.django_project import project
from tests.reviewing import Texts, review
from tests.servers.server import Server
from tests.test_django import assert_the_same, names
from tests.test_django_reading import BESIDE, HEAD, PATH, gaps, migration, sent
from tests.test_generated_django_fixes import same_schema

INITIAL = """import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Order",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("code", models.CharField(max_length=20, null=True)),
                ("total", models.IntegerField(null=True)),
                ("period", django.contrib.postgres.fields.IntegerRangeField(null=True)),
            ],
        ),
    ]
"""
NEXT = """import datetime
import decimal
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Deferrable


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        {},
    ]
"""


def files(operations: str, initial: str = INITIAL) -> dict[str, str]:
    return {"shop/migrations/0001_initial.py": initial, PATH: NEXT.format(operations)}


def unique(said: str) -> str:
    constraint = f"models.UniqueConstraint(fields=('total',), name='u', {said})"
    return f"migrations.AddConstraint('order', {constraint})"


def index(said: str, kind: str = "models.Index") -> str:
    return f"migrations.AddIndex('order', {kind}(fields=['total'], name='i', {said}))"


EXCLUSION = "django.contrib.postgres.constraints.ExclusionConstraint"
MEMBERS = [
    "django.db.models.constraints.Deferrable['DEFERRED']",
    "models.Deferrable['IMMEDIATE']",
    "models.Deferrable.DEFERRED",
    "Deferrable.IMMEDIATE",
    "Deferrable('deferred')",
    "models.constraints.Deferrable('immediate')",
    "None",
]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.postgres(18)
def test_a_constraint_is_put_off_as_its_deferrable_says(
    member: str, server: Server, tmp_path: Path
) -> None:
    """As `makemigrations` writes it, and as people do; the suggestion keeps it."""
    written = files(unique(f"deferrable={member}"))
    assert_the_same(server, tmp_path, written)
    fixed = same_schema(server, tmp_path, written)
    assert fixed != written


SENT = [
    unique("include=['code']"),
    unique("nulls_distinct=False"),
    index("db_tablespace='pg_default'"),
    index("fillfactor=70", "django.contrib.postgres.indexes.BTreeIndex"),
    unique("opclasses=['int4_ops']"),
    f"""migrations.AddConstraint('order', {EXCLUSION}(name='x', index_type='SPGIST',
        expressions=[('period', django.contrib.postgres.fields.RangeOperators.OVERLAPS)],
        deferrable=models.Deferrable['DEFERRED'],
    ))""",
]


@pytest.mark.parametrize("operation", SENT)
@pytest.mark.postgres(18)
def test_django_sends_what_is_read_of_the_arguments(
    operation: str, server: Server, tmp_path: Path
) -> None:
    assert_the_same(server, tmp_path, files(operation))


@pytest.mark.parametrize(
    ("operator", "with_"), [("'&&'", "&&"), ("RangeOperators.EQUAL", "="), ("Ranges['NOT_LT']", "")]
)
def test_an_exclusion_constraint_has_the_operators_that_it_says(operator: str, with_: str) -> None:
    before = (
        "from django.contrib.postgres.constraints import ExclusionConstraint\n"
        "from django.contrib.postgres.fields import RangeOperators\n"
    )
    constraint = (
        f"ExclusionConstraint(name='x', deferrable=models.Deferrable['IMMEDIATE'],"
        f" expressions=[('total', {operator})])"
    )
    found = migration(f"migrations.AddConstraint('order', {constraint})", before=before)
    assert sent(found) == [
        f'ALTER TABLE "orders" ADD CONSTRAINT "x" EXCLUDE USING GIST ("total" WITH {with_})'
        " DEFERRABLE INITIALLY IMMEDIATE"
    ] * bool(with_)
    assert bool(found.unreadable) is not bool(with_)


FIELD = "migrations.AddField('order', 'x', models.CharField(max_length=9, null=True, {}))"
UNDECIDED = [
    (unique("deferrable=settings.LATE"), "its deferrable is not written out"),
    (unique("deferrable=shared.LATE"), "its deferrable is not written out"),
    (unique("deferrable=Deferrable.OTHER"), "its deferrable is not written out"),
    (unique("include=settings.NAMES"), "its include is not written out"),
    (unique("opclasses=settings.NAMES"), "its opclasses are not written out"),
    (unique("nulls_distinct=settings.X"), "its nulls_distinct is not written out"),
    (unique("**settings.X"), "its arguments are not written out"),
    (index("opclasses=[settings.X]"), "its opclasses are not written out"),
    (index("db_tablespace=settings.X"), "its db_tablespace is not written out"),
    (index("include=settings.X"), "its include is not written out"),
    (
        index("fillfactor=settings.X", "django.contrib.postgres.indexes.BTreeIndex"),
        "its fillfactor is not written out",
    ),
    *(
        (FIELD.format(f"{name}=settings.X"), f"its {name} is not written out")
        for name in ("unique", "db_index", "db_column", "db_collation", "blank", "db_tablespace")
    ),
    (
        "migrations.AddField('order', 'x', models.CharField('x', None, False, 9))",
        "its arguments are not written out",
    ),
    (FIELD.format("**settings.X"), "its arguments are not written out"),
    (
        "migrations.AddField('item', 'x', models.ForeignKey('shop.Order', models.CASCADE,"
        " db_constraint=settings.X))",
        "its db_constraint is not written out",
    ),
    (
        "migrations.AlterField('order', 'total', models.DecimalField(max_digits=settings.X,"
        " decimal_places=2))",
        "its max_digits are not written out",
    ),
    (
        "migrations.AlterUniqueTogether('order', settings.X)",
        "its unique_together is not written out",
    ),
    (
        "migrations.AlterUniqueTogether('order', {settings.X})",
        "its unique_together is not written out",
    ),
    ("migrations.AlterIndexTogether('order', settings.X)", "its index_together is not written out"),
    (
        "migrations.AlterOrderWithRespectTo('order', settings.X)",
        "its order_with_respect_to is not written out",
    ),
    ("migrations.AlterModelOptions('order', settings.X)", "its options are not written out"),
    (
        "migrations.AlterModelTableComment('order', settings.X)",
        "its table_comment is not written out",
    ),
    (
        "migrations.RenameIndex('order', 'y', old_name=settings.X)",
        "its old_name is not written out",
    ),
    (
        "migrations.RenameIndex('order', 'y', old_fields=settings.X)",
        "its old_fields are not written out",
    ),
    ("migrations.SeparateDatabaseAndState(settings.X)", "its operations are not written out"),
    (
        "migrations.SeparateDatabaseAndState([], state_operations=settings.X)",
        "its operations are not written out",
    ),
    ("migrations.SeparateDatabaseAndState(**settings.X)", "its operations are not written out"),
    ("migrations.RunSQL('', '', settings.X)", "its state_operations are not written out"),
]


@pytest.mark.parametrize(("operation", "reason"), UNDECIDED)
def test_what_nobody_can_tell_is_not_analysed(operation: str, reason: str) -> None:
    before = "from django.db.models import Deferrable\nfrom . import shared\n"
    found = migration(f"{operation}, migrations.RunSQL('SELECT 1')", before=before)
    assert {said for _, said in gaps(found)} == {reason}
    assert sent(found) == ["SELECT 1"]


PLACED = [
    "migrations.AddField('order', 'x', models.IntegerField(null=True, db_index=True{}))",
    "migrations.AddField('order', 'x', models.CharField(max_length=9, null=True, unique=True{}))",
    "migrations.AlterField('order', 'code', models.CharField(max_length=20, db_index=True{}))",
    "migrations.AddIndex('order', models.Index(fields=['total'], name='i'{}))",
    "migrations.CreateModel('New', [('id', models.AutoField(primary_key=True)),"
    " ('a', models.TextField(db_index=True{}))], options={'db_tablespace': 'pg_default'})",
]


@pytest.mark.parametrize("operation", PLACED)
@pytest.mark.postgres(18)
def test_an_index_is_in_its_tablespace(operation: str, server: Server, tmp_path: Path) -> None:
    """The server does not tell what is where it would be anyway, so the text does."""
    written = files(operation.replace("{}", ", db_tablespace='pg_default'"))
    assert_the_same(server, tmp_path / "read", written)
    same_schema(server, tmp_path / "fixed", written)
    tree = Texts(written)
    ours = read(frameworks()["django"], Source(PATH, written[PATH]), tree)
    with (
        server.database() as database,
        project(database.conninfo, tmp_path / "said", names(written)) as app,
    ):
        theirs = "".join(app.sql_of("0002_change"))
    assert "".join(sent(ours)).count("TABLESPACE") == theirs.count("TABLESPACE") > 0


@pytest.mark.postgres(18)
def test_a_table_between_two_is_made_where_there_is_no_other(
    server: Server, tmp_path: Path
) -> None:
    operation = (
        "migrations.AddField('order', 'x', models.ManyToManyField('shop.Order', through=None))"
    )
    assert_the_same(server, tmp_path, files(operation))


def test_what_a_field_was_has_to_be_known_as_well() -> None:
    initial = BESIDE["shop/migrations/0001_initial.py"].replace(
        "IntegerField()", "IntegerField(null=X)"
    )
    beside = {"shop/migrations/0001_initial.py": initial}
    found = migration("migrations.AlterField('order', 'total', models.IntegerField())", **beside)
    assert [said for _, said in gaps(found)] == ["its null before it is not written out"]
    assert not sent(found)


def test_a_new_table_is_read_as_far_as_it_is_known() -> None:
    found = migration(
        "migrations.CreateModel('New', [('id', models.AutoField(primary_key=True, null=settings.X))])"
    )
    assert sent(found)
    assert [said for _, said in gaps(found)] == ["its null is not written out"]


@pytest.mark.parametrize("said", ["atomic = settings.ATOMIC", "dependencies = settings.BEFORE"])
def test_what_a_migration_says_of_itself_has_to_be_known(said: str) -> None:
    found = migration("migrations.RunSQL('SELECT 1')", inside=f"    {said}\n")
    name = said.split(maxsplit=1)[0]
    verb = "are" if name.endswith("s") else "is"
    assert [reason for _, reason in gaps(found)] == [f"its {name} {verb} not written out"]


def test_a_length_may_stand_elsewhere_where_it_stays_the_same() -> None:
    before = "from .lengths import LONGEST\n"
    initial = BESIDE["shop/migrations/0001_initial.py"].replace(
        "IntegerField()", "CharField(max_length=LONGEST, null=True)"
    )
    beside = {"shop/migrations/0001_initial.py": before + initial}
    operation = "migrations.AlterField('order', 'total', models.CharField(max_length=LONGEST))"
    found = migration(operation, before=before, **beside)
    assert not found.unreadable
    assert sent(found) == ['ALTER TABLE "orders" ALTER COLUMN "total" SET NOT NULL']


def test_no_suggestion_guesses_what_a_condition_is() -> None:
    text = HEAD.format(operations=unique("condition=settings.X"), before="", inside="")
    report = review({PATH: text}, framework="django", repository=BESIDE)
    assert report.remarks
    assert not changes(report)

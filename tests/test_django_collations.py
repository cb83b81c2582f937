"""The index for LIKE goes with every collation that is deterministic, as Django asks the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.server import Server
from tests.test_django import assert_the_same
from tests.test_django_arguments import INITIAL, files
from tests.test_django_reading import BESIDE, PATH, migration, sent
from tests.test_generated_django_fixes import same_schema

COLLATED = INITIAL.replace("null=True)),", "null=True, db_collation='C', unique=True)),", 1)
REFERENCED = INITIAL.replace("null=True)),", "null=True, unique=True)),", 1).replace(
    '("total"',
    '("of", models.ForeignKey("self", models.CASCADE, to_field="code", null=True)),\n'
    '                ("total"',
)
CODE = "migrations.AlterField('order', 'code', models.CharField(max_length=20, null=True{}))"
CHANGES = [
    (INITIAL, CODE.format(", db_collation='C', unique=True")),
    (INITIAL, CODE.format(", db_collation='C', db_index=True")),
    (INITIAL, CODE.format(", db_collation='C'")),
    (COLLATED, CODE.format(", db_collation='C'")),
    (COLLATED, CODE.format(", db_collation='C', db_index=True")),
    (COLLATED, CODE.format(", unique=True")),
    (COLLATED, CODE.format(", db_collation='C', unique=True").replace("20", "30")),
    (REFERENCED, CODE.format(", db_collation='C', unique=True")),
    (
        INITIAL,
        "migrations.AddField('order', 'x', models.CharField(max_length=9, null=True,"
        " db_collation='C', unique=True))",
    ),
    (
        INITIAL,
        "migrations.AddField('order', 'x', models.TextField(null=True, db_collation='C',"
        " db_index=True))",
    ),
    (
        COLLATED,
        "migrations.AddField('order', 'x', models.ForeignKey('shop.Order', models.CASCADE,"
        " to_field='code', null=True))",
    ),
]


@pytest.mark.parametrize(("initial", "operation"), CHANGES)
@pytest.mark.postgres(18)
def test_the_index_for_like_goes_with_a_collation(
    initial: str, operation: str, server: Server, tmp_path: Path
) -> None:
    written = files(operation, initial)
    assert_the_same(server, tmp_path / "read", written)
    same_schema(server, tmp_path / "fixed", written)


CREATED = """from django.contrib.postgres.operations import CreateCollation
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        {},
    ]
"""
LOOSE = [
    "CreateCollation('loose', 'und-u-ks-level2', provider='icu', deterministic=False)",
    "CreateCollation(name='loose', locale='und', provider='icu', deterministic=False)",
    "migrations.RunSQL(\"CREATE COLLATION loose (provider = icu, locale = 'und',"
    ' deterministic = false)")',
]


@pytest.mark.parametrize("created", LOOSE)
@pytest.mark.postgres(18)
def test_a_collation_that_is_not_deterministic_has_no_index_for_like(
    created: str, server: Server, tmp_path: Path
) -> None:
    written = files(CODE.format(", db_collation='loose', unique=True"))
    text = written.pop(PATH).replace("0001_initial", "0002_created")
    written["shop/migrations/0002_created.py"] = CREATED.format(created)
    written["shop/migrations/0003_change.py"] = text
    assert_the_same(server, tmp_path / "read", written)
    same_schema(server, tmp_path / "fixed", written)


def test_a_collation_may_be_one_of_another_app() -> None:
    operation = (
        "migrations.AddField('order', 'x', models.CharField(max_length=9, null=True,"
        " db_collation='loose', unique=True))"
    )
    assert len(sent(migration(operation))) == 2
    stock = "stock/migrations/0001_initial.py"
    other = CREATED.format(LOOSE[0]).replace('("shop", "0001_initial")', "")
    inside = '    dependencies = [("shop", "0001_initial"), ("stock", "0001_initial")]\n'
    assert len(sent(migration(operation, inside=inside, **{stock: other}))) == 1
    assert stock in BESIDE

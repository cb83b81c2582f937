"""What a migration of Django's sends, and what cannot be told of it, as its text says."""

from __future__ import annotations

from time import perf_counter

import pytest

from bot.fixing import changes
from bot.frameworks import detect, frameworks, read
from bot.model.finding import Fix
from bot.model.migration import Migration, Wrapping
from bot.model.source import Source
from tests.reviewing import Texts, review

HEAD = """from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models

{before}
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
{inside}
    operations = [
        {operations},
    ]
"""
INITIAL = """from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Order",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("total", models.IntegerField()),
                ("user", models.ForeignKey("auth.User", null=True, on_delete=models.CASCADE)),
            ],
            options={"db_table": "orders"},
        ),
        migrations.CreateModel("Item", [("id", models.AutoField(primary_key=True))]),
    ]
"""
BESIDE = {
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": INITIAL,
    "stock/migrations/0001_initial.py": INITIAL.replace("orders", "stock_orders"),
    "manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")',
    "site/settings.py": 'AUTH_USER_MODEL = "stock.Order"\n',
}
PATH = "shop/migrations/0002_change.py"


def migration(operations: str, *, before: str = "", inside: str = "", **files: str) -> Migration:
    text = HEAD.format(operations=operations, before=before, inside=inside)
    tree = Texts({**BESIDE, **files, PATH: text})
    return read(frameworks()["django"], Source(PATH, text), tree)


def sent(found: Migration) -> list[str]:
    return [one.in_sql.text for batch in found.batches for one in batch.statements]


def gaps(found: Migration) -> list[tuple[str, str]]:
    """The code that could not be read, and why."""
    return [(found.source[gap.span].split("(")[0], gap.reason) for gap in found.unreadable]


SENT = [
    ('migrations.RunSQL("SELECT 1; SELECT 2")', ["SELECT 1", "SELECT 2"]),
    (
        'migrations.RunSQL(["SELECT 1", ("SELECT %s", [2]), ("SELECT 3", None)])',
        ["SELECT 1", "SELECT ''", "SELECT 3"],
    ),
    ("migrations.RunSQL(migrations.RunSQL.noop)", []),
    ("migrations.RunSQL(sql=migrations.RunSQL.noop, reverse_sql='SELECT 1')", []),
    ("migrations.RunPython(migrations.RunPython.noop)", []),
    (
        "migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Order')])",
        [],
    ),
    (
        "migrations.SeparateDatabaseAndState([migrations.RemoveField('order', 'total')]),"
        " migrations.RemoveField('order', 'total')",
        ['ALTER TABLE "orders" DROP COLUMN "total" CASCADE'] * 2,
    ),
    (
        "migrations.AlterModelOptions('order', {'managed': False}), migrations.DeleteModel('order')",
        [],
    ),
    ("migrations.AlterField('order', 'total', models.IntegerField(help_text='x'))", []),
    (
        "*[migrations.RemoveField('order', name) for name in ('total',)]",
        ['ALTER TABLE "orders" DROP COLUMN "total" CASCADE'],
    ),
    (
        "migrations.AddField('item', 'of', models.ForeignKey('stock.Order', models.CASCADE, db_index=False))",
        [
            'ALTER TABLE "shop_item" ADD COLUMN "of_id" bigint NOT NULL CONSTRAINT'
            ' "shop_item_of_id_b3ad28ac_fk_stock_orders_id" REFERENCES "stock_orders"("id")'
            " DEFERRABLE INITIALLY DEFERRED",
            'SET CONSTRAINTS "shop_item_of_id_b3ad28ac_fk_stock_orders_id" IMMEDIATE',
        ],
    ),
    (
        "migrations.AddField('item', 'by', models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE,"
        " null=True, db_constraint=False, db_index=False))",
        ['ALTER TABLE "shop_item" ADD COLUMN "by_id" bigint'],
    ),
]


@pytest.mark.parametrize(("operations", "expected"), SENT)
def test_an_operation_sends(operations: str, expected: list[str]) -> None:
    found = migration(operations)
    assert not found.unreadable
    assert sent(found) == expected


FUNCTION = """
def forwards(apps, schema_editor):
{}

"""
SENT_BY_A_FUNCTION = [
    ("    apps.get_model('shop', 'Order').objects.filter(total=1).update(total=2)", []),
    (
        "    apps.get_model('shop', 'Order').objects.update(total=2, user=None)",
        ["""UPDATE "orders" SET "total" = '…', "user_id" = '…'"""],
    ),
    (
        "    Order = apps.get_model('shop.Order')\n    some = Order._default_manager.using('default')\n"
        "    some.order_by('id').delete()\n    some.exclude(total=1).delete()",
        ['DELETE FROM "orders"'],
    ),
    (
        "    rows = apps.get_model('stock', 'Order').objects\n    for one in rows.all():\n"
        "        one.save()\n    for one in rows.iterator():\n        one.save()\n"
        "    for one in rows.filter(total=1):\n        one.save()\n"
        "    for one in rows.all()[:9]:\n        one.save()",
        ['SELECT * FROM "stock_orders"', 'SELECT * FROM "stock_orders"'],
    ),
    ("    schema_editor.execute('DROP TABLE x')", ["DROP TABLE x"]),
    (
        "    with schema_editor.connection.cursor() as c:\n        c.execute('DROP TABLE x')",
        ["DROP TABLE x"],
    ),
    ("    connection.cursor().execute('SELECT %s', [1])", ["SELECT ''"]),
    (
        "    if schema_editor.connection.vendor != 'postgresql':\n        return\n"
        "    for name in ('a', 'b'):\n        schema_editor.execute(f'DROP TABLE {name}')",
        ["DROP TABLE a", "DROP TABLE b"],
    ),
]


@pytest.mark.parametrize(("body", "expected"), SENT_BY_A_FUNCTION)
def test_a_function_sends(body: str, expected: list[str]) -> None:
    found = migration("migrations.RunPython(forwards)", before=FUNCTION.format(body))
    assert not found.unreadable
    assert sent(found) == expected


NOT_ANALYSED = [
    (
        "CustomOperation('x')",
        "CustomOperation",
        "what CustomOperation does is not known: it is no operation of Django's",
    ),
    (
        "migrations.RunSQL(open('x.sql').read())",
        "open",
        "the SQL is put together where nobody can tell what it is",
    ),
    (
        "migrations.RunPython(elsewhere.forwards)",
        "migrations.RunPython",
        "what its function does is not written in the migration",
    ),
    (
        "migrations.AlterField('order', 'lost', models.TextField())",
        "migrations.AlterField",
        "no migration before it that can be read adds the field `lost`",
    ),
    (
        "migrations.AlterField('lost', 'x', models.TextField())",
        "migrations.AlterField",
        "no migration before it that can be read makes a model `lost`",
    ),
    (
        "migrations.AlterModelTable('order', settings.TABLE)",
        "migrations.AlterModelTable",
        "its table is not written out",
    ),
    (
        "migrations.AddField('order', **given)",
        "migrations.AddField",
        "its arguments are not written out",
    ),
]


@pytest.mark.parametrize(("operation", "code", "reason"), NOT_ANALYSED)
def test_an_operation_is_not_analysed(operation: str, code: str, reason: str) -> None:
    """And what stands beside it is."""
    found = migration(f"{operation}, migrations.RunSQL('SELECT 1')")
    assert gaps(found) == [(code, reason)]
    assert sent(found) == ["SELECT 1"]


NOT_FOLLOWED = [
    ("    call_command('loaddata', 'x')", "what the command does is not known"),
    (
        "    helper(apps, schema_editor)",
        "what `tools.helper` does with what it is given stands in a module that is not read",
    ),
    ("    schema_editor.add_field(1, 2)", "what schema_editor.add_field() sends is not followed"),
    (
        "    connection.cursor().execute(statement())",
        "the SQL is put together where nobody can tell what it is",
    ),
]


@pytest.mark.parametrize(("body", "reason"), NOT_FOLLOWED)
def test_a_function_is_not_analysed(body: str, reason: str) -> None:
    before = f"from django.core.management import call_command\nfrom .tools import helper\n{FUNCTION.format(body)}"
    found = migration("migrations.RunPython(forwards)", before=before)
    assert [one for _, one in gaps(found)] == [reason]


def test_the_operations_of_a_migration_are_one_transaction() -> None:
    (batch,) = migration("migrations.RunSQL('SELECT 1'), migrations.RunSQL('SELECT 2')").batches
    assert batch.wrapping is Wrapping.FILE


def test_each_message_is_one_transaction_without_atomic() -> None:
    found = migration(
        "migrations.RunSQL('SELECT 1'), migrations.RunSQL('SELECT 2; SELECT 3'),"
        " migrations.RunSQL(['SELECT 4', 'SELECT 5'])",
        inside="    atomic = False\n",
    )
    wrappings = [batch.wrapping for batch in found.batches]
    alone = Wrapping.STATEMENT
    assert wrappings == [alone, Wrapping.FILE, alone, alone]


def test_a_dynamic_table_name_is_a_placeholder() -> None:
    found = migration(
        "migrations.CreateModel('New', [('id', models.AutoField(primary_key=True))],"
        " options={'db_table': settings.TABLE})"
    )
    assert sent(found)[0].startswith('CREATE TABLE "${db_table}"')


UNREADABLE = [
    ("class Migration(migrations.Migration):\n    operations = [\n", 2, "never closed"),
    (
        "from django.db.migrations import Migration as M\nclass Migration(M):\n    operations = make()\n",
        3,
        "its operations are not written out",
    ),
    ("if x:\n    class Migration(Base):\n        pass\n", 1, "not a class of the module itself"),
    ("class Migration(M):\n    operations = [" + "(" * 5000 + ")" * 5000 + "]\n", 1, "nest"),
]


def test_a_migration_of_ten_thousand_operations_is_read() -> None:
    """And one of four hundred thousand expressions is not, which is told."""
    one = "migrations.RunSQL('SELECT 1')"
    assert len(sent(migration(", ".join([one] * 10_000)))) == 10_000
    (gap,) = migration(", ".join(["1"] * 400_000)).unreadable
    assert gap.reason == "there is too much in the module to follow"


@pytest.mark.parametrize(("text", "line", "reason"), UNREADABLE)
def test_a_module_is_not_analysed(text: str, line: int, reason: str) -> None:
    report = review({"shop/migrations/0002_x.py": text}, framework="django")
    (gap,) = report.unreadable
    assert reason in gap.reason


@pytest.mark.parametrize("text", ["", "def helper():\n    pass\n", "VALUE = 1\n"])
def test_a_module_that_is_no_migration_is_passed_over(text: str) -> None:
    report = review({"shop/migrations/helpers.py": text}, framework="django")
    assert not report.unreadable and not report.remarks


@pytest.mark.parametrize(
    ("path", "text", "tool"),
    [
        (PATH, INITIAL, "django"),
        ("shop/migrations/__init__.py", INITIAL, None),
        ("shop/migrations/_old.py", INITIAL, None),
        ("shop/models.py", INITIAL, None),
        (
            "migrations/versions/1a_x.py",
            "down_revision = None\nfrom alembic import op\n",
            "alembic",
        ),
    ],
)
def test_a_migration_of_django_is_recognised(path: str, text: str, tool: str | None) -> None:
    found = detect(path, text, Texts({path: text}))
    assert (found and found.name) == tool


def test_a_squashed_migration_sends_nothing_where_all_that_it_replaces_is_there() -> None:
    replaces = '    replaces = [("shop", "0001_initial")]\n'
    assert not migration("migrations.RunSQL('SELECT 1')", inside=replaces).batches
    pretends = '    replaces = [("shop", "0001_initial"), ("shop", "0009_never")]\n'
    assert sent(migration("migrations.RunSQL('SELECT 1')", inside=pretends)) == ["SELECT 1"]


def test_two_leaves_have_to_be_merged_first() -> None:
    index = "migrations.AddField('order', 'x', models.IntegerField(db_index=True, null=True))"
    text = HEAD.format(operations=index, before="", inside="")
    other = HEAD.format(operations="", before="", inside="").replace("        ,\n", "")
    files = {**BESIDE, "shop/migrations/0002_other.py": other}
    (remark,) = review({PATH: text}, framework="django", repository=files).remarks
    assert "merge them first" in getattr(remark.fix, "reason", "")


def test_the_next_migration_depends_on_the_leaf() -> None:
    index = "migrations.AddField('order', 'x', models.IntegerField(db_index=True, null=True))"
    text = HEAD.format(operations=index, before="", inside="")
    later = HEAD.format(operations="", before="", inside="").replace("        ,\n", "")
    files = {
        **BESIDE,
        "shop/migrations/0003_later.py": later.replace("0001_initial", "0002_change"),
    }
    (remark,) = review({PATH: text}, framework="django", repository=files).remarks
    assert isinstance(remark.fix, Fix)
    (new,) = remark.fix.follow_ups
    assert new.path == "shop/migrations/0004_index_change.py"
    assert '("shop", "0003_later")' in new.text


def test_a_suppression_stands_in_a_comment() -> None:
    operation = (
        "# lockstep: allow index-built-under-lock because it is small\n"
        "        migrations.AddIndex('order', models.Index(fields=['total'], name='i'))"
    )
    text = HEAD.format(operations=operation, before="", inside="")
    report = review({PATH: text}, framework="django", repository=BESIDE)
    assert not report.remarks
    assert [one.because for one in report.suppressed] == ["it is small"]


def test_what_a_migration_without_a_transaction_puts_off_is_in_the_next_ones() -> None:
    """And there once."""
    operations = (
        "migrations.AddField('order', 'x', models.IntegerField(db_index=True, null=True)),\n"
        "        AddIndexConcurrently('order', models.Index(fields=['total'], name='i'))"
    )
    text = HEAD.format(operations=operations, before="", inside="    atomic = False\n")
    report = review({PATH: text}, framework="django", repository=BESIDE)
    made = {change.path: change.after for change in changes(report)}
    assert list(made) == [PATH, "shop/migrations/0003_index_change.py"]
    assert "CONCURRENTLY" not in made[PATH]


def test_a_name_gets_into_an_import_that_is_there() -> None:
    add = (
        "migrations.AddConstraint('order', models.CheckConstraint("
        "condition=models.Q(total__gt=0), name='c'))"
    )
    text = HEAD.format(operations=add, before="", inside="")
    report = review({PATH: text}, framework="django", repository=BESIDE)
    first = changes(report)[0].after
    imported = (
        "from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently"
    )
    assert imported in first


def test_a_table_that_no_migration_tells_is_not_written_down() -> None:
    """Django would call it so by default, but it may be called otherwise."""
    before = INITIAL.replace('"total", models.IntegerField()', '"of", models.BigIntegerField()')
    operation = (
        "migrations.AlterField('order', 'of', models.ForeignKey('parcels.Box', models.CASCADE,"
        " db_column='of', db_index=False))"
    )
    text = HEAD.format(operations=operation, before="", inside="")
    files = {**BESIDE, "shop/migrations/0001_initial.py": before}
    (remark,) = review({PATH: text}, framework="django", repository=files).remarks
    assert remark.finding.rule == "foreign-key-validated-on-add"
    assert "`parcels_box`" in remark.finding.message
    assert getattr(remark.fix, "reason", "") == (
        "No migration that was found makes the model `box` of the app `parcels`; `parcels_box` is"
        " what Django calls its table unless told otherwise. They are looked for in"
        " `parcels/migrations` and `apps/parcels/migrations`, in the folders around those of this"
        " app; elsewhere they are not read, so a person has to write this."
    )
    told = {**files, "parcels/migrations/0001_initial.py": before.replace("Order", "Box")}
    (remark,) = review({PATH: text}, framework="django", repository=told).remarks
    assert "`orders`" in remark.finding.message
    assert isinstance(remark.fix, Fix)


GUESSED = [
    ("settings.AUTH_USER_MODEL", "Which table has the users is not known"),
    ("settings.BOX", "Which model `of` points to is not written out"),
    ("'stock.Order', to_field='number'", "No migration that was found gives `order` the column"),
]


@pytest.mark.parametrize(("to", "reason"), GUESSED)
def test_it_is_said_why_nobody_knows_what_a_field_points_to(to: str, reason: str) -> None:
    before = INITIAL.replace('"total", models.IntegerField()', '"of", models.BigIntegerField()')
    operation = (
        f"migrations.AlterField('order', 'of', models.ForeignKey(to={to}, on_delete=models.CASCADE,"
        " db_column='of', db_index=False))"
    )
    text = HEAD.format(operations=operation, before="", inside="")
    files = {**BESIDE, "shop/migrations/0001_initial.py": before, "manage.py": ""}
    (remark,) = review({PATH: text}, framework="django", repository=files).remarks
    assert reason in getattr(remark.fix, "reason", "")


def test_hundreds_of_suggestions_in_one_migration_take_seconds() -> None:
    operations = ", ".join(
        f"migrations.AddField('order', 'f{number}', models.IntegerField(db_index=True, null=True))"
        for number in range(300)
    )
    text = HEAD.format(operations=operations, before="", inside="")
    start = perf_counter()
    assert len(review({PATH: text}, framework="django", repository=BESIDE).remarks) == 300
    assert perf_counter() - start < 20


FILLED = """
def forwards(apps, schema_editor):
    apps.get_model("shop", "Order").objects.update(total=1)

"""
COLUMN = 'migrations.AddField("order", "note", models.TextField(null=True)),\n        '


@pytest.mark.parametrize(
    ("operations", "inside", "told"),
    [
        (f"{COLUMN}migrations.RunPython(forwards)", "", ["validated-under-lock"]),
        (f"{COLUMN}migrations.RunPython(forwards)", "    atomic = False\n", []),
        ("migrations.RunPython(forwards)", "", []),
    ],
)
def test_rows_that_models_change_under_a_lock_are_told(
    operations: str, inside: str, told: list[str]
) -> None:
    text = HEAD.format(operations=operations, before=FILLED, inside=inside)
    report = review({PATH: text}, repository=BESIDE)
    assert [one.finding.rule for one in report.remarks] == told
    assert all("every row of `orders` is read" in one.finding.message for one in report.remarks)

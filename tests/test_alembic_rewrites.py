"""Revisions and their fixes, run by Alembic itself: forwards, back, and forwards again."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from bot.fixing import changes
from bot.model.finding import NoFix
from bot.model.report import Report
from bot.settings import Settings, with_version
from tests.breaking import Rows, broken, named
from tests.reviewing import review
from tests.servers.catalog import catalog, difference
from tests.servers.server import Connection, Database, Server
from tests.tools.tool import address
from tests.tools.witness import Seen, seen, watch

GIVEN = """
CREATE SCHEMA shop;
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric, code text, note text);
CREATE TABLE shop.items (id bigint PRIMARY KEY, order_id bigint, size integer);
CREATE TABLE notes (id bigint, text text);
INSERT INTO customers VALUES (1);
INSERT INTO notes VALUES (1, 'a');
INSERT INTO orders VALUES (1, 1, 10, 'a', 'b');
INSERT INTO shop.items VALUES (1, 1, 5);
"""
HEAD = '''"""{title}

Revision ID: 1f2e3d4c5b6a
Revises:
Create Date: 2026-11-20 09:30:00

"""

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = "1f2e3d4c5b6a"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''
FOLDER = "app/migrations/versions"
ENVIRONMENT = {
    "app/migrations/env.py": "target_metadata = None\n",
    "app/migrations/script.py.mako": "",
}
EACH = {
    **ENVIRONMENT,
    "app/migrations/env.py": "target_metadata = None\nconfigure(transaction_per_migration=True)\n",
}


@dataclass(frozen=True)
class Case:
    name: str
    up: str
    down: str

    @property
    def text(self) -> str:
        up, down = (
            "".join(f"    {line}\n" if line else "\n" for line in body.strip("\n").splitlines())
            for body in (self.up, self.down)
        )
        return HEAD.format(title=self.name, up=up.rstrip("\n"), down=down.rstrip("\n"))

    def __str__(self) -> str:
        return self.name


def case(name: str, up: str, down: str) -> Case:
    return Case(name, up, down)


CASES = [
    case(
        "A check",
        'op.create_check_constraint("positive", "orders", "total > 0")',
        'op.drop_constraint("positive", "orders", type_="check")',
    ),
    case(
        "A check without a name",
        'op.create_check_constraint(None, "orders", sa.text("total > 0"))',
        'op.drop_constraint("orders_total_check", "orders")',
    ),
    case(
        "A check in a schema",
        'op.create_check_constraint("big", "items", "size > 0", schema="shop")',
        'op.drop_constraint("big", "items", schema="shop")',
    ),
    case(
        "A foreign key",
        """
op.create_foreign_key(
    "orders_customer_fk", "orders", "customers", ["customer_id"], ["id"]
)
""",
        'op.drop_constraint("orders_customer_fk", "orders", type_="foreignkey")',
    ),
    case(
        "A foreign key on lines of its own",
        """
op.create_foreign_key(
    "items_order_fk",
    "items",
    "orders",
    ["order_id"],
    ["id"],
    source_schema="shop",
    referent_schema="public",
    ondelete="CASCADE",
)
""",
        'op.drop_constraint("items_order_fk", "items", schema="shop")',
    ),
    case(
        "A foreign key of a new column",
        """
op.add_column(
    "orders",
    sa.Column(
        "seller_id", sa.BigInteger(), sa.ForeignKey("customers.id"), server_default="1"
    ),
)
""",
        'op.drop_column("orders", "seller_id")',
    ),
    case(
        "Everything on a new column",
        """
op.add_column(
    "orders",
    sa.Column(
        "seller_id",
        sa.BigInteger(),
        sa.ForeignKey("customers.id"),
        sa.CheckConstraint("seller_id > 0", name="seller_is_positive"),
        nullable=False,
        server_default="1",
        unique=True,
    ),
)
""",
        'op.drop_column("orders", "seller_id")',
    ),
    case(
        "A check of a new column, by name",
        """
op.add_column(
    "orders",
    sa.Column(
        "rank",
        sa.Integer(),
        sa.CheckConstraint(sqltext="total >= rank", name="rank_is_low"),
        server_default="1",
    ),
)
""",
        'op.drop_column("orders", "rank")',
    ),
    case(
        "The values of new columns",
        """
op.add_column(
    "orders",
    sa.Column(
        "state",
        sa.Enum("new", "it's :old", name="states", native_enum=False, create_constraint=True),
        server_default="new",
        unique=False,
        index=True,
    ),
)
with op.batch_alter_table("items", schema="shop") as batch_op:
    batch_op.add_column(
        sa.Column("kind", sa.Enum("a", "b", native_enum=False, create_constraint=True))
    )
op.create_check_constraint("positive", "orders", "total > 0")
""",
        """
op.drop_constraint("positive", "orders", type_="check")
op.drop_column("items", "kind", schema="shop")
op.drop_column("orders", "state")
""",
    ),
    case(
        "A unique index of a new column",
        """
op.add_column("orders", sa.Column("email", sa.String(100), unique=True, index=True))
op.add_column("orders", sa.Column(unique=True, index=True, name="phone", type_=sa.Text()))
""",
        """
op.drop_column("orders", "phone")
op.drop_column("orders", "email")
""",
    ),
    case(
        "Not null",
        'op.alter_column("orders", "total", nullable=False)',
        'op.alter_column("orders", "total", nullable=True)',
    ),
    case(
        "Not null and more",
        """
op.alter_column(
    "orders",
    "total",
    existing_type=sa.Numeric(),
    nullable=False,
    server_default=sa.text("0"),
)
""",
        """
op.alter_column(
    "orders",
    "total",
    existing_type=sa.Numeric(),
    nullable=True,
    server_default=None,
)
""",
    ),
    case(
        "Two columns that are not null",
        """
op.alter_column("orders", "total", existing_type=sa.Numeric(), nullable=False)
op.alter_column("orders", "code", existing_type=sa.Text(), nullable=False)
""",
        """
op.alter_column("orders", "code", existing_type=sa.Text(), nullable=True)
op.alter_column("orders", "total", existing_type=sa.Numeric(), nullable=True)
""",
    ),
    case(
        "Unique",
        'op.create_unique_constraint("code_is_unique", "orders", ["code"])',
        'op.drop_constraint("code_is_unique", "orders", type_="unique")',
    ),
    case(
        "Unique, in a schema and beside others",
        """
op.add_column("orders", sa.Column("extra", sa.Text()))
op.create_unique_constraint("one_item", "items", ["order_id", "size"], schema="shop")
""",
        """
op.drop_constraint("one_item", "items", schema="shop", type_="unique")
op.drop_column("orders", "extra")
""",
    ),
    case(
        "A primary key",
        'op.create_primary_key("notes_pk", "notes", ["id"])',
        """
op.drop_constraint("notes_pk", "notes", type_="primary")
op.alter_column("notes", "id", nullable=True)
""",
    ),
    case(
        "Validated too early",
        """
op.create_check_constraint(
    "positive", "orders", "total > 0", postgresql_not_valid=True
)
op.execute("ALTER TABLE orders VALIDATE CONSTRAINT positive")
""",
        'op.drop_constraint("positive", "orders", type_="check")',
    ),
    case(
        "In another function",
        """
def add_checks() -> None:
    op.create_check_constraint("positive", "orders", "total > 0")
    op.create_index("ix_orders_code", "orders", ["code"])

add_checks()
""",
        """
op.drop_index("ix_orders_code", table_name="orders")
op.drop_constraint("positive", "orders", type_="check")
""",
    ),
    case(
        "An index",
        'op.create_index("ix_orders_code", "orders", ["code"], unique=False)',
        'op.drop_index("ix_orders_code", table_name="orders")',
    ),
    case(
        "Indexes alone",
        """
op.create_index("ix_orders_code", "orders", ["code"])
op.create_index(op.f("ix_orders_total"), "orders", ["total"], unique=True)
""",
        """
op.drop_index(op.f("ix_orders_total"), table_name="orders")
op.drop_index("ix_orders_code", table_name="orders")
""",
    ),
    case(
        "Indexes beside others",
        """
op.add_column("orders", sa.Column("extra", sa.Text()))
op.create_index("ix_orders_code", "orders", ["code"])
op.create_index(
    "ix_orders_lower", "orders", [sa.text("lower(code)")], postgresql_using="btree"
)
""",
        """
op.drop_index("ix_orders_lower", table_name="orders")
op.drop_index("ix_orders_code", table_name="orders")
op.drop_column("orders", "extra")
""",
    ),
    case(
        "SQL",
        """
op.execute("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)")
op.execute(
    \"\"\"
    ALTER TABLE orders
        ADD FOREIGN KEY (customer_id) REFERENCES customers (id),
        ADD COLUMN extra text;
    CREATE INDEX ix_orders_note ON orders (note);
    \"\"\"
)
""",
        """
op.execute("DROP INDEX IF EXISTS ix_orders_note")
op.execute(
    "ALTER TABLE orders DROP COLUMN extra, DROP CONSTRAINT orders_customer_id_fkey"
)
op.execute("ALTER TABLE orders DROP CONSTRAINT positive")
""",
    ),
    case(
        "SQL for the driver",
        """
connection = op.get_bind()
connection.exec_driver_sql("CREATE UNIQUE INDEX one_code ON orders (code) WHERE code <> ' :x'")
op.execute(r"CREATE INDEX ix_note ON orders (note) WHERE note <> ' \\:y' AND note::text > ''")
""",
        """
op.execute("DROP INDEX IF EXISTS ix_note")
op.execute("DROP INDEX IF EXISTS one_code")
""",
    ),
    case(
        "Undone in SQL",
        """
op.add_column("orders", sa.Column("extra", sa.Text()))
op.create_index("ix_orders_code", "orders", ["code"])
op.create_unique_constraint("code_is_unique", "orders", ["code"])
op.alter_column("orders", "total", nullable=False)
""",
        """
op.execute("ALTER TABLE orders ALTER COLUMN total DROP NOT NULL")
op.execute("ALTER TABLE orders DROP CONSTRAINT code_is_unique")
op.execute("DROP INDEX ix_orders_code")
op.drop_column("orders", "extra")
""",
    ),
    case(
        "In savepoints",
        """
with op.get_bind().begin_nested():
    op.execute("CREATE INDEX ix_orders_note ON orders (note)")
savepoint = op.get_bind().begin_nested()
op.create_unique_constraint("one_code", "orders", ["code"])
savepoint.commit()
""",
        """
op.drop_constraint("one_code", "orders", type_="unique")
op.execute("DROP INDEX IF EXISTS ix_orders_note")
""",
    ),
    case(
        "A check in a savepoint",
        """
with op.get_bind().begin_nested():
    op.create_check_constraint("positive", "orders", "total > 0")
    op.create_index("ix_orders_note", "orders", ["note"])
""",
        """
op.drop_index("ix_orders_note")
op.drop_constraint("positive", "orders", type_="check")
""",
    ),
    case(
        "A batch",
        """
with op.batch_alter_table("orders", schema=None) as batch_op:
    batch_op.add_column(sa.Column("extra", sa.Text(), nullable=True))
    batch_op.create_foreign_key("orders_customer_fk", "customers", ["customer_id"], ["id"])
    batch_op.create_check_constraint("positive", "total > 0")
    batch_op.create_index(batch_op.f("ix_orders_code"), ["code"], unique=False)
    batch_op.alter_column("note", existing_type=sa.Text(), nullable=False)
""",
        """
with op.batch_alter_table("orders", schema=None) as batch_op:
    batch_op.alter_column("note", existing_type=sa.Text(), nullable=True)
    batch_op.drop_index(batch_op.f("ix_orders_code"))
    batch_op.drop_constraint("positive", type_="check")
    batch_op.drop_constraint("orders_customer_fk", type_="foreignkey")
    batch_op.drop_column("extra")
""",
    ),
    case(
        "A batch with an index of some rows",
        """
with op.batch_alter_table("orders", schema=None) as batch_op:
    batch_op.create_index(
        "one_live_code", ["code"], unique=True, postgresql_where=sa.text("total > 0")
    )
""",
        """
with op.batch_alter_table("orders", schema=None) as batch_op:
    batch_op.drop_index("one_live_code", postgresql_where=sa.text("total > 0"))
""",
    ),
    case(
        "A batch with indexes of every kind",
        """
with op.batch_alter_table("orders") as batch_op:
    batch_op.add_column(sa.Column("extra", sa.Text()))
    batch_op.create_index("ix_hash", ["code"], postgresql_using="hash")
    batch_op.create_index("ix_covers", columns=["code"], postgresql_include=["note"])
    batch_op.create_index("ix_like", ["code"], postgresql_ops={"code": "text_pattern_ops"})
    batch_op.create_index("ix_full", ["code"], postgresql_with={"fillfactor": 50})
    batch_op.create_index(batch_op.f("ix_lower"), [sa.text("lower(code)"), "note"])
    batch_op.create_index(index_name="ix_order", columns=[sa.text("total DESC NULLS LAST")])
""",
        """
with op.batch_alter_table("orders") as batch_op:
    batch_op.drop_index("ix_order")
    batch_op.drop_index(batch_op.f("ix_lower"))
    batch_op.drop_index("ix_full")
    batch_op.drop_index("ix_like")
    batch_op.drop_index("ix_covers")
    batch_op.drop_index("ix_hash")
    batch_op.drop_column("extra")
""",
    ),
    case(
        "A batch with an index in a schema",
        """
with op.batch_alter_table("items", schema="shop") as batch_op:
    batch_op.create_index("ix_size", [sa.text("size DESC")], unique=False)
""",
        """
with op.batch_alter_table("items", schema="shop") as batch_op:
    batch_op.drop_index("ix_size")
""",
    ),
    case(
        "Indexes without names",
        """
op.add_column("orders", sa.Column("extra", sa.Text()))
op.create_index(None, "orders", ["note"])
op.create_index(None, "items", ["size", "order_id"], schema="shop", unique=True)
""",
        """
op.drop_index("ix_shop_items_size", table_name="items", schema="shop")
op.drop_index("ix_orders_note", table_name="orders")
op.drop_column("orders", "extra")
""",
    ),
    case(
        "Indexes that need a variable",
        """
kind = "text_pattern_ops"
op.add_column("orders", sa.Column("extra", sa.Text()))
op.create_index(
    "ix_like", "orders", [sa.text("code"), "note"], postgresql_ops={"note": kind}
)
op.create_index("ix_full", "orders", ["code"], postgresql_with={"fillfactor": 50 + 5})
with op.batch_alter_table("orders") as batch_op:
    name = "ix_hash"
    batch_op.create_index(name, ["code"], postgresql_using="hash")
    batch_op.create_index(f"{name}_plain", ["code", "note"], unique=True)
""",
        """
op.drop_index("ix_hash_plain", table_name="orders")
op.drop_index("ix_hash", table_name="orders")
op.drop_index("ix_full", table_name="orders")
op.drop_index("ix_like", table_name="orders")
op.drop_column("orders", "extra")
""",
    ),
    case(
        "An index with words of its own",
        """
op.create_index(
    "ix_orders_code",
    "orders",
    [
        "code",
        "note",
    ],
    postgresql_where=sa.text("code = 'a  b'"),
    postgresql_concurrently=False,
)
""",
        'op.drop_index("ix_orders_code", table_name="orders")',
    ),
    case(
        "All kinds",
        """
op.create_check_constraint("positive", "orders", "total > 0")
op.create_foreign_key(
    "orders_customer_fk", "orders", "customers", ["customer_id"], ["id"]
)
op.alter_column("orders", "total", nullable=False)
op.create_unique_constraint("code_is_unique", "orders", ["code"])
op.create_index("ix_orders_note", "orders", ["note"])
""",
        """
op.drop_index("ix_orders_note", table_name="orders")
op.drop_constraint("code_is_unique", "orders", type_="unique")
op.alter_column("orders", "total", nullable=True)
op.drop_constraint("orders_customer_fk", "orders", type_="foreignkey")
op.drop_constraint("positive", "orders", type_="check")
""",
    ),
]
every_case = pytest.mark.parametrize("case", CASES, ids=str)
on_some_servers = pytest.mark.postgres(14, 16, 18)
PATH = f"{FOLDER}/1f2e3d4c5b6a_first.py"


def reviewed(files: Mapping[str, str], around: Mapping[str, str], version: int = 14) -> Report:
    return review(files, repository=around, settings=with_version(Settings(), version))


def fixed(case: Case, around: Mapping[str, str], version: int = 14) -> dict[str, str]:
    """The files once every suggestion is accepted."""
    report = reviewed({PATH: case.text}, around, version)
    assert not report.unreadable
    assert report.remarks
    assert not [one.fix for one in report.remarks if one.fix is None or isinstance(one.fix, NoFix)]
    return {PATH: case.text, **{one.path: one.after for one in changes(report)}}


@every_case
@pytest.mark.parametrize("version", [14, 18])
@pytest.mark.parametrize("around", [ENVIRONMENT, EACH], ids=["all", "each"])
def test_what_is_fixed_is_silent(case: Case, version: int, around: dict[str, str]) -> None:
    report = reviewed(fixed(case, around, version), around, version)
    assert not report.unreadable
    assert not report.remarks
    assert not changes(report)


def laid_out(text: str, width: int) -> str:
    """As Ruff lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={width}", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@every_case
@pytest.mark.parametrize("width", [88, 100])
def test_what_ruff_has_laid_out_stays_so(case: Case, width: int) -> None:
    before = Case(case.name, case.up, case.down)
    text = laid_out(before.text, width)
    around = {**ENVIRONMENT, "pyproject.toml": f"[tool.ruff]\nline-length = {width}\n"}
    made = changes(reviewed({PATH: text}, around))
    assert made
    for one in made:
        assert one.after == laid_out(one.after, width)


@dataclass(frozen=True)
class Ran:
    """What was seen on the way up, and the schema there and back again."""

    seen: Seen
    above: frozenset[str]
    below: frozenset[str]
    again: frozenset[str]


OWN = re.compile("alembic_version")


def schema(connection: Connection) -> frozenset[str]:
    return frozenset(line for line in catalog(connection) if not OWN.search(line))


def scripted(folder: Path, files: Mapping[str, str]) -> ScriptDirectory:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return ScriptDirectory(str(folder / "app/migrations"), version_locations=[str(folder / FOLDER)])


def ran(server: Server, folder: Path, files: Mapping[str, str], *, each: bool) -> Ran:
    script = scripted(folder, files)
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        watch(connection)
        migrate(script, server, database, "head", each=each)
        happened = seen(connection, OWN)
        above = schema(connection)
        migrate(script, server, database, "base", each=each)
        below = schema(connection)
        migrate(script, server, database, "head", each=each)
        return Ran(happened, above, below, schema(connection))


def migrate(
    script: ScriptDirectory, server: Server, database: Database, target: str, *, each: bool
) -> None:
    where = address(server.conninfo(database.name))
    engine = sa.create_engine(
        where.url.replace("postgres:", "postgresql+psycopg:", 1), poolclass=sa.NullPool
    )
    revs = script._upgrade_revs if target == "head" else script._downgrade_revs
    options = {
        "transaction_per_migration": each,
        "fn": lambda rev, context: revs(target, rev),
        "script": script,
    }
    with warnings.catch_warnings(), engine.connect() as connection:
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(connection, opts=options)
        with Operations.context(context), context.begin_transaction():
            context.run_migrations()


@on_some_servers
@every_case
def test_the_fix_makes_nobody_wait_and_ends_in_the_same_schema(
    case: Case, server: Server, tmp_path: Path
) -> None:
    each = server.version == 16
    around = EACH if each else ENVIRONMENT
    original = ran(server, tmp_path / "a", {PATH: case.text}, each=each)
    files = fixed(case, around, server.version)
    after = ran(server, tmp_path / "b", files, each=each)
    assert original.seen.waited
    assert not after.seen.waited
    assert original.above == after.above, difference(original.above, after.above)
    assert after.above == after.again, difference(after.above, after.again)
    assert original.below == after.below, difference(original.below, after.below)


ROWS = Rows(
    """
    DELETE FROM customers;
    INSERT INTO orders VALUES (2, 99, -1, 'a'), (3, NULL, NULL, NULL);
    INSERT INTO shop.items VALUES (2, 99, -1), (3, 1, 5);
    INSERT INTO notes VALUES (1, 'b');
    """,
    """
    DELETE FROM orders WHERE id > 1;
    DELETE FROM shop.items WHERE id > 1;
    DELETE FROM notes WHERE text = 'b';
    INSERT INTO customers VALUES (1);
    """,
)


@on_some_servers
@every_case
def test_the_fix_runs_again_after_a_failure(case: Case, server: Server, tmp_path: Path) -> None:
    """Once nothing is in the way anymore, and what the review names has gone."""
    each = server.version == 16
    around = EACH if each else ENVIRONMENT
    files = fixed(case, around, server.version)
    script = scripted(tmp_path, files)
    with server.database() as database, database.connect() as connection:
        connection.execute(GIVEN.encode())
        with broken(connection, database, ROWS) as state:
            with pytest.raises(sa.exc.DBAPIError):
                migrate(script, server, database, "head", each=each)
            state.mend()
        state.clear(named(reviewed({PATH: case.text}, around, server.version)))
        migrate(script, server, database, "head", each=each)
        at_last = schema(connection)
    assert at_last == ran(server, tmp_path, files, each=each).above

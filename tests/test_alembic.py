"""What is read of a revision is what Alembic itself sends, operation by operation."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import InvalidRequestError

from bot.alembic.naming import Naming
from bot.alembic.reading import read
from bot.model.migration import Batch, Statement, Unreadable
from bot.model.source import Source
from bot.postgres.operations import Commit, CreateTable, Operation
from bot.sql.statements import statements

HEAD = "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n\n"
CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def upgrade(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{HEAD}\ndef upgrade():\n{lines}"


def operations_of(several: list[Statement]) -> list[Operation]:
    found = [command.operation for one in several for command in one.in_sql.all_commands]
    return [one for one in found if not isinstance(one, Commit)]


def told(code: str, naming: Naming | None = None) -> list[Operation]:
    """What is read."""
    found = list(read(Source("versions/a.py", code), naming or Naming(known=True)))
    wrong = [one for one in found if isinstance(one, Unreadable)]
    assert not wrong, wrong
    return operations_of([s for one in found if isinstance(one, Batch) for s in one.statements])


def sent(code: str, convention: dict[str, str] | None = None) -> tuple[str, list[Operation]]:
    """What Alembic writes for `alembic upgrade --sql`, and what that asks for."""
    import sqlalchemy as sa

    buffer = io.StringIO()
    metadata = sa.MetaData(naming_convention=convention) if convention else None
    options: dict[str, Any] = {
        "as_sql": True,
        "output_buffer": buffer,
        "target_metadata": metadata,
        "transactional_ddl": False,
    }
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Operations.context(context):
            exec(compile(code, "a.py", "exec"), names)
            names["upgrade"]()
    text = buffer.getvalue()
    found = list(statements(Source("a.sql", text)))
    wrong = [one for one in found if isinstance(one, Unreadable)]
    assert not wrong, (text, wrong)
    return text, operations_of([one for one in found if isinstance(one, Statement)])


def in_any_order(several: list[Operation]) -> list[str]:
    """SQLAlchemy has the constraints of a column or table in the order of a set, or of creation."""
    return sorted(
        repr(replace(one, constraints=tuple(sorted(one.constraints, key=repr))))
        if isinstance(one, CreateTable)
        else repr(one)
        for one in several
    )


def same(code: str, convention: dict[str, str] | None = None) -> None:
    naming = Naming(known=True, forms=convention or {})
    try:
        text, expected = sent(code, convention)
    except InvalidRequestError:
        return  # Alembic refuses it: the convention wants a name
    assert in_any_order(told(code, naming)) == in_any_order(expected), text


CHECKED = """sa.Enum("b", "it's", native_enum=False, create_constraint=True, name="kind")"""
WRITTEN = [
    'op.create_check_constraint("c", "t", "x > 0")',
    'op.create_check_constraint(None, "t", sa.text("x > 0"), schema="s", postgresql_not_valid=True)',
    'op.create_check_constraint(constraint_name="c", table_name="t", condition="x > 0")',
    'op.create_foreign_key("f", "t", "u", ["a", "b"], ["c", "d"], ondelete="CASCADE")',
    'op.create_foreign_key(None, "t", "u", ["a"], ["c"], source_schema="s", referent_schema="r")',
    'op.create_foreign_key("f", "t", "u", ["a"], ["c"], deferrable=True, initially="DEFERRED")',
    'op.create_foreign_key("f", "t", "u", ["a"], ["c"], postgresql_not_valid=True)',
    'op.create_unique_constraint("u", "t", ["a", "b"])',
    'op.create_unique_constraint(None, "t", ["a"], schema="s", deferrable=True)',
    'op.create_unique_constraint("u", "t", ["a"], postgresql_nulls_not_distinct=True)',
    'op.create_unique_constraint("u", "t", ["a"], postgresql_nulls_not_distinct=False)',
    'op.create_primary_key("p", "t", ["a", "b"])',
    'op.create_primary_key(None, "t", ["a"])',
    'op.create_exclude_constraint("e", "t", (sa.column("a"), "&&"), ("b", "="), using="gist")',
    'op.create_exclude_constraint("e", "t", ("b", "="), using="gist", where=sa.text("a > 0"))',
    'op.drop_constraint("c", "t", type_="check")',
    'op.drop_constraint(op.f("c"), "t", schema="s")',
    'op.add_column("t", sa.Column("a", sa.Integer()))',
    'op.add_column("t", sa.Column("a", sa.Integer(), nullable=False, server_default="0"))',
    'op.add_column("t", sa.Column("a", sa.DateTime(timezone=True), server_default=sa.func.now()))',
    'op.add_column("t", sa.Column("a", sa.Uuid(), server_default=sa.text("gen_random_uuid()")))',
    'op.add_column("t", sa.Column("a", sa.Uuid(), server_default=sa.func.gen_random_uuid()))',
    'op.add_column("t", sa.Column("a", sa.Boolean(), server_default=sa.true()))',
    'op.add_column("t", sa.Column("a", sa.Boolean(), server_default=sa.text("false")))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("u.id")))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("s.u.id", name="f", ondelete="CASCADE")))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("u.id", postgresql_not_valid=True)))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0")))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0", name="c")))',
    'op.add_column("t", sa.Column("a", sa.Integer(), unique=True))',
    'op.add_column("t", sa.Column("a", sa.Integer(), index=True))',
    'op.add_column("t", sa.Column("a", sa.Integer(), index=True, unique=True))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.Identity()))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.Identity(always=True), nullable=False))',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.Computed("b * 2", persisted=True)))',
    'op.add_column("t", sa.Column("a", sa.Integer(), primary_key=True))',
    'op.add_column("t", sa.Column("a", sa.Text(), comment="why"))',
    'op.add_column("t", sa.Column("a", sa.Text()), schema="s")',
    'op.add_column("t", sa.Column("a", sa.Text()), if_not_exists=True)',
    'op.add_column("t", sa.Column("a", sa.Integer(), sa.ForeignKey("u.id")), inline_references=True)',
    'op.add_column("t", sa.Column("A b", sa.Text()))',
    'op.add_column("t", sa.Column("a", sa.Boolean(name="b", create_constraint=True)))',
    f'op.add_column("t", sa.Column("a", {CHECKED}, nullable=False, server_default="b"))',
    f'op.add_column("t", sa.Column("A", {CHECKED}, unique=True, index=True), schema="s")',
    f'op.add_column("t", sa.Column("a", {CHECKED}.with_variant(sa.Text(), "sqlite")))',
    f'op.add_column("t", sa.Column("a", sa.Text().with_variant({CHECKED}, "sqlite")))',
    f'op.add_column("t", sa.Column("a", {CHECKED.replace("native_enum=False, ", "")}))',
    f'op.add_column("t", sa.Column("a", {CHECKED.replace("create_constraint=True, ", "")}))',
    f'op.add_column("t", sa.Column("a", {CHECKED}.with_variant(sa.Text(), "postgresql")))',
    'op.add_column("t", sa.Column("a", sa.Enum("b", native_enum=False, create_constraint=True)))',
    f'op.create_table("t", sa.Column("a", {CHECKED}), sa.Column("b", sa.Boolean(create_constraint=True)))',
    f'op.alter_column("t", "a", type_={CHECKED})',
    f'op.alter_column("t", "a", type_={CHECKED}, nullable=False, server_default="b", schema="s")',
    f'op.alter_column("t", "a", type_=sa.Text(), existing_type={CHECKED})',
    f'op.alter_column("t", "a", nullable=False, existing_type={CHECKED})',
    f'op.alter_column("t", "a", type_={CHECKED}, existing_type={CHECKED.replace("kind", "old")})',
    'op.drop_column("t", "a")',
    'op.drop_column("t", "a", schema="s", if_exists=True)',
    'op.alter_column("t", "a", nullable=False)',
    'op.alter_column("t", "a", existing_type=sa.Integer(), nullable=True)',
    'op.alter_column("t", "a", type_=sa.BigInteger())',
    'op.alter_column("t", "a", type_=sa.BigInteger(), nullable=False, server_default="0")',
    'op.alter_column("t", "a", type_=sa.Integer(), postgresql_using="a::integer")',
    'op.alter_column("t", "a", new_column_name="b", nullable=False, comment="x")',
    'op.alter_column("t", "a", server_default=None)',
    'op.alter_column("t", "a", server_default=sa.text("now()"), schema="s")',
    'op.create_index("i", "t", ["a"])',
    'op.create_index(op.f("i"), "t", ["a", "b"], unique=True)',
    'op.create_index("i", "t", [sa.text("lower(a)")], postgresql_where=sa.text("a IS NOT NULL"))',
    'op.create_index("i", "t", ["a"], postgresql_using="gin", schema="s", if_not_exists=True)',
    'op.create_index("i", "t", ["a"], unique=True, postgresql_concurrently=True)',
    'op.create_index("i", "t", ["a"], postgresql_include=["b"])',
    'op.create_index("i", table_name="t", columns=["a"])',
    'op.create_index("i", "t", ["a"], unique=True, postgresql_nulls_not_distinct=True)',
    'op.create_index("i", "t", ["a"], unique=True, postgresql_nulls_not_distinct=False)',
    'op.create_index("i", "t", ["a", "b"], postgresql_ops={"b": "text_pattern_ops"})',
    'op.create_index("i", "t", ["a"], postgresql_with={"fillfactor": 50}, postgresql_tablespace="x")',
    'op.create_index("i", "t", ["a"], postgresql_with={"fillfactor": 50}, postgresql_include=["b"])',
    'op.create_index("i", "t", ["a", sa.text("b DESC")], postgresql_where="a > 0")',
    'op.create_index(None, "t", ["a", "b"], schema="s")',
    'op.create_index(None, "thousand_and_one_nights_of_stories", ["the_one_that_was_told_first"])',
    'op.create_unique_constraint(None, "thousand_and_one_nights_of_stories", ["the_one_that_was_told"])',
    'with op.batch_alter_table("t", schema="s") as batch_op:\n'
    '    batch_op.create_index(None, ["a"], unique=True)',
    'op.drop_index("i", table_name="t")',
    'op.drop_index(op.f("i"), "t", postgresql_concurrently=True, if_exists=True)',
    'op.drop_index("i", schema="s")',
    'op.drop_table("t")',
    'op.drop_table("t", schema="s", if_exists=True)',
    'op.rename_table("t", "u")',
    'op.rename_table("t", "u", schema="s")',
    'op.create_table_comment("t", "why")',
    'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Text()))',
    'op.create_table("t", sa.Column("id", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("id"))',
    'op.create_table("t", sa.Column("a", sa.Integer(), sa.ForeignKey("u.id")), schema="s")',
    'op.create_table("t", sa.Column("a", sa.Integer(), unique=True, index=False))',
    'op.create_table("t", sa.Column("a", sa.Integer(), index=True))',
    'op.create_table("t", sa.Column("a", sa.Integer()), sa.ForeignKeyConstraint(["a"], ["u.id"], name="f"))',
    'op.create_table("t", sa.Column("a", sa.Integer()), sa.UniqueConstraint("a", name="q"), sa.CheckConstraint("a > 0"))',
    'op.create_table("t", sa.Column("a", sa.Integer()), if_not_exists=True)',
    'op.execute("UPDATE t SET a = 1")',
    'op.execute(sa.text("ALTER TABLE t ADD CHECK (a > 0)"))',
    'op.execute("ALTER TABLE t ADD a int; ALTER TABLE t ADD b int")',
    'for name in ("a", "b"):\n    op.drop_index(f"ix_{name}", table_name="t")',
    'with op.batch_alter_table("t", schema="s") as batch_op:\n'
    '    batch_op.add_column(sa.Column("a", sa.Integer(), nullable=True))\n'
    '    batch_op.create_foreign_key("f", "u", ["a"], ["id"])\n'
    '    batch_op.create_check_constraint("c", "a > 0")\n'
    '    batch_op.create_unique_constraint("q", ["a"])\n'
    '    batch_op.create_index(batch_op.f("i"), ["a"], unique=False)\n'
    '    batch_op.alter_column("b", existing_type=sa.Integer(), nullable=False)\n'
    '    batch_op.drop_column("d")\n'
    '    batch_op.drop_constraint("e", type_="unique")\n'
    '    batch_op.drop_index("j")\n'
    '    batch_op.create_primary_key("p", ["a"])',
    'op.execute("DROP TABLE a")\n'
    'with op.batch_alter_table("t") as batch_op:\n'
    '    batch_op.drop_column("d")\n'
    '    op.execute("DROP TABLE b")\n'
    'op.execute("DROP TABLE c")',
]


@pytest.mark.parametrize("body", WRITTEN)
@pytest.mark.parametrize("convention", [None, CONVENTION], ids=["plain", "named"])
def test_an_operation_sends_what_alembic_sends(
    body: str, convention: dict[str, str] | None
) -> None:
    same(upgrade(body), convention)


@pytest.mark.parametrize(
    "form",
    ["ix_%(table_name)s", "%(column_0_N_name)s_i", "%(column_0N_name)s", "ix_%(column_0_key)s"],
)
def test_a_convention_names_an_index(form: str) -> None:
    same(upgrade('op.create_index(None, "t", ["a", "b"])'), {"ix": form})


TYPES = [
    "sa.Integer()",
    "sa.Integer",
    "sa.BigInteger()",
    "sa.SmallInteger()",
    "sa.String()",
    "sa.String(20)",
    "sa.String(length=20)",
    'sa.String(20, collation="C")',
    "sa.Unicode(5)",
    "sa.Text()",
    "sa.UnicodeText()",
    "sa.Boolean()",
    "sa.Date()",
    "sa.DateTime()",
    "sa.DateTime(True)",
    "sa.DateTime(timezone=True)",
    "sa.Time()",
    "sa.Time(timezone=True)",
    "sa.Interval()",
    "sa.Float()",
    "sa.Float(53)",
    "sa.Double()",
    "sa.Numeric()",
    "sa.Numeric(10)",
    "sa.Numeric(10, 2)",
    "sa.Numeric(precision=10, scale=2)",
    "sa.DECIMAL(8, 3)",
    "sa.LargeBinary()",
    "sa.PickleType()",
    "sa.JSON()",
    "sa.Uuid()",
    "sa.UUID()",
    "sa.VARCHAR(9)",
    "sa.CHAR(3)",
    "sa.TIMESTAMP(timezone=True)",
    "sa.REAL()",
    "sa.ARRAY(sa.Integer())",
    "sa.ARRAY(sa.String(5), dimensions=2)",
    'sa.Enum("a", "b", name="kind")',
    'sa.Enum("a", "b", name="kind", schema="s")',
    'sa.Enum("aa", "b", name="kind", native_enum=False, length=5)',
    'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")',
    'sa.Text().with_variant(sa.Integer(), "sqlite")',
    "postgresql.JSONB()",
    "postgresql.JSONB(astext_type=sa.Text())",
    "postgresql.UUID(as_uuid=True)",
    "postgresql.ARRAY(postgresql.UUID())",
    "postgresql.TIMESTAMP(timezone=True, precision=3)",
    "postgresql.TIME(precision=2)",
    "postgresql.INTERVAL()",
    "postgresql.INET()",
    "postgresql.CIDR()",
    "postgresql.MACADDR()",
    "postgresql.TSVECTOR()",
    "postgresql.HSTORE()",
    "postgresql.BYTEA()",
    "postgresql.DOUBLE_PRECISION()",
    "postgresql.INT4RANGE()",
    "postgresql.TSTZRANGE()",
    "postgresql.OID()",
    "postgresql.BIT(4)",
    "postgresql.BIT(4, varying=True)",
    "postgresql.CITEXT()",
    "postgresql.MONEY()",
    'postgresql.ENUM("a", name="kind", create_type=False)',
]


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_is_what_alembic_makes_of_it(kind: str) -> None:
    same(upgrade(f'op.alter_column("t", "a", type_={kind})'))


names = st.sampled_from(["a", "b", "Total", "order", "c d"])
tables = st.sampled_from(["t", "orders", "Users"])


def optional(parts: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(parts), unique_by=lambda one: one.partition("=")[0], max_size=3)


@st.composite
def columns(draw: st.DrawFn) -> str:
    parts = [repr(draw(names)), draw(st.sampled_from(TYPES))]
    parts += draw(
        st.lists(
            st.sampled_from(
                [
                    'sa.ForeignKey("u.id")',
                    'sa.CheckConstraint("1 > 0")',
                    'sa.CheckConstraint("1 > 0", name="k")',
                ]
            ),
            max_size=1,
        )
    )
    parts += draw(
        optional(
            [
                "nullable=False",
                "nullable=True",
                'server_default="1"',
                'server_default=sa.text("now()")',
                "unique=True",
                "index=True",
                'comment="x"',
            ]
        )
    )
    return f"sa.Column({', '.join(parts)})"


@st.composite
def calls(draw: st.DrawFn) -> str:
    table, name, other = draw(tables), draw(names), draw(names)
    schema = draw(st.sampled_from(["", ", schema='s'"]))
    made = draw(st.sampled_from(["None", "'made'", "op.f('made')"]))
    match draw(st.integers(0, 9)):
        case 0:
            return f"op.add_column({table!r}, {draw(columns())}{schema})"
        case 1:
            several = draw(
                st.lists(columns(), min_size=1, max_size=3, unique_by=lambda one: one.split(",")[0])
            )
            return f"op.create_table({table!r}, {', '.join(several)}{schema})"
        case 2:
            return f"op.create_check_constraint({made}, {table!r}, 'length(x) > 0'{schema})"
        case 3:
            return f"op.create_unique_constraint({made}, {table!r}, [{name!r}]{schema})"
        case 4:
            more = draw(optional(["ondelete='CASCADE'", "onupdate='SET NULL'", "deferrable=True"]))
            where = ", source_schema='s', referent_schema='r'" if schema else ""
            rest = "".join(f", {one}" for one in more)
            return f"op.create_foreign_key({made}, {table!r}, 'u', [{name!r}], ['id']{where}{rest})"
        case 5:
            more = draw(
                optional(
                    ["unique=True", "postgresql_where=sa.text('x > 0')", "postgresql_using='hash'"]
                )
            )
            rest = "".join(f", {one}" for one in more)
            return f"op.create_index('i', {table!r}, [{name!r}]{schema}{rest})"
        case 6:
            more = draw(
                optional(
                    [
                        "nullable=False",
                        f"type_={draw(st.sampled_from(TYPES))}",
                        "server_default='5'",
                        f"new_column_name={other!r}",
                    ]
                )
            )
            rest = "".join(f", {one}" for one in more)
            return f"op.alter_column({table!r}, {name!r}{schema}{rest})"
        case 7:
            return f"op.drop_column({table!r}, {name!r}{schema})"
        case 8:
            return f"op.drop_constraint('made', {table!r}{schema})"
    return f"op.execute('ALTER TABLE {table} ADD COLUMN extra integer')"


@given(st.lists(calls(), min_size=1, max_size=4), st.sampled_from([None, CONVENTION]))
def test_any_operations_send_what_alembic_sends(
    several: list[str], convention: dict[str, str] | None
) -> None:
    same(upgrade("\n".join(several)), convention)

"""What the statements of all operations have in common: tables, names and what constraints say."""

from __future__ import annotations

from dataclasses import dataclass

from bot.alembic.columns import Clause, given, identifier
from bot.alembic.naming import Naming
from bot.python.embedded import hole
from bot.python.values import Call, Known, Value, text_of, truth
from bot.sql.writing import quoted

_TABLES = ("table_name", "source_table")
_TERMS = {"match": "MATCH", "ondelete": "ON DELETE", "onupdate": "ON UPDATE"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement, and the `clause` of the call that asks for it.

    `parts` are the places of the constraints of a new column. `unnamed` where the naming convention
    that names its constraint cannot be read. `condition` is that of a check which a type asks for.
    """

    sql: str
    clause: Clause
    parts: tuple[Clause, ...] = ()
    unnamed: bool = False
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """How a constraint begins: `CONSTRAINT name `, or nothing where PostgreSQL names it.

    For an index, just `name `.

    `unknown` where nobody can tell whether a naming convention does.
    """

    begin: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """`table` and `schema` are those of the batch in which the call is made, if in one."""

    naming: Naming
    table: Value | None = None
    schema: Value | None = None

    def value(self, call: Call, name: str, *names: str) -> Value | None:
        """An argument by its name; in a batch the table is not among them."""
        if self.table is not None:
            if name in _TABLES:
                return self.table
            names = tuple(one for one in names if one not in _TABLES)
        return given(call, name, *names)

    def qualified(self, call: Call, name: Value | None, schema: str = "schema") -> str:
        """A table's name, behind the schema that the call is given as `schema`."""
        found = given(call, schema)
        within = self.schema if found is None and schema != "referent_schema" else found
        if is_none(within):
            return identifier(name)
        return f"{identifier(within)}.{identifier(name)}"

    def owner(self, call: Call, table: Value | None, schema: str = "schema") -> str:
        """A table as naming conventions speak of it, "" where nobody can tell."""
        within = text_of(given(call, schema) or self.schema)
        return f"{within}.{text_of(table) or ''}" if within else text_of(table) or ""

    def named(
        self, kind: str, name: Value | None, table: str, columns: tuple[str, ...], to: str = ""
    ) -> Named:
        """A constraint of `kind`, "ck" say, as it is named by its author or the convention."""
        if is_final(name):
            return Named(f"CONSTRAINT {identifier(plain_name(name))} ")
        said = text_of(name)
        if not is_none(name) and said is None:
            return Named(f"CONSTRAINT {identifier(name)} ")
        found = self.naming.name(kind, table, [one.strip('"') for one in columns], said, to)
        begin = f"CONSTRAINT {quoted(found)} " if found else ""
        changed = not self.naming.known and kind == "ck"  # a check is named by its own name
        return Named(begin, changed or not (found or self.naming.known))

    def index(self, table: str, columns: tuple[str, ...]) -> Named:
        """An index as SQLAlchemy names it by its `columns`, none where it has an expression."""
        found = self.naming.name("ix", table, columns) if table and columns else None
        unknown = not self.naming.known and "ix" not in self.naming.forms
        return Named(f"{quoted(found) if found and not unknown else hole('name')} ", unknown)

    def altered(
        self,
        call: Call,
        table: Value | None,
        text: str,
        *,
        schema: str = "schema",
        clause: Clause | None = None,
        unnamed: bool = False,
    ) -> Asked:
        begin = f"ALTER TABLE {self.qualified(call, table, schema)}"
        return Asked(f"{begin} {text}", clause or call.node, unnamed=unnamed)


def is_none(value: Value | None) -> bool:
    """Whether a call is not given it, or given None."""
    return value is None or value == Known(None)


def is_final(name: Value | None) -> bool:
    """Whether it is `op.f("name")`, which no naming convention changes."""
    return isinstance(name, Call) and name.path in (
        "alembic.op.f",
        "alembic.op.batch_alter_table().f",
    )


def plain_name(name: Value | None) -> Value | None:
    """The name itself, without `op.f()`."""
    if isinstance(name, Call) and is_final(name) and name.arguments:
        return name.arguments[0].value
    return name


def flag(call: Call, name: str) -> bool:
    """Whether the call is given True as `name`."""
    value = given(call, name)
    return value is not None and truth(value) is True


def not_valid(call: Call) -> str:
    return " NOT VALID" if flag(call, "postgresql_not_valid") else ""


def nulls(call: Call) -> str:
    """How an index or a key compares nulls, where the call says so."""
    value = given(call, "postgresql_nulls_not_distinct")
    if value is None or is_none(value):
        return ""
    words = {True: "NULLS NOT DISTINCT", False: "NULLS DISTINCT", None: hole("nulls")}
    return f" {words[truth(value)]}"


def deferral(call: Call) -> str:
    deferrable, initially = given(call, "deferrable"), text_of(given(call, "initially"))
    text = ""
    if deferrable is not None and not is_none(deferrable):
        text = " DEFERRABLE" if truth(deferrable) else " NOT DEFERRABLE"
    known = (initially or "").upper()
    return f"{text} INITIALLY {known}" if known in ("DEFERRED", "IMMEDIATE") else text


def terms(call: Call) -> str:
    """What a foreign key says behind its columns."""
    said = ((words, text_of(given(call, name))) for name, words in _TERMS.items())
    text = "".join(f" {words} {term}" for words, term in said if term)
    return f"{text}{deferral(call)}"


def references(call: Call) -> str:
    """What `sa.ForeignKey("schema.table.column")` references."""
    table, columns = split((_first(call),))
    return f"REFERENCES {table} ({columns}){terms(call)}"


def referenced_table(call: Call) -> str:
    """The name of the table that `sa.ForeignKey(…)` references, "" where nobody can tell."""
    return _first(call).rpartition(".")[0].rpartition(".")[2]


def _first(call: Call) -> str:
    value = call.arguments[0].value if call.arguments else given(call, "column")
    return text_of(value) or ""


def split(names: tuple[str, ...]) -> tuple[str, str]:
    """The table and the columns of "table.column" names."""
    plain = [one.strip('"') for one in names]
    if not plain or any("." not in one for one in plain):
        return hole("table"), hole("column")
    table = plain[0].rpartition(".")[0]
    columns = (quoted(one.rpartition(".")[2]) for one in plain)
    return ".".join(quoted(part) for part in table.split(".")), ", ".join(columns)

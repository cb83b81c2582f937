"""A column as SQLAlchemy's PostgreSQL dialect writes it, and what belongs to it beside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.alembic.types import (
    checked_enum,
    created_enum,
    enum_values,
    is_own,
    may_be_checked,
    type_sql,
)
from bot.python.embedded import hole, sql_of
from bot.python.values import (
    Argument,
    Call,
    Known,
    Several,
    Value,
    path,
    text_of,
    truth,
)
from bot.sql.writing import quoted

Clause = ast.expr | ast.keyword

_NOT_NULL = "NOT NULL"
_SERIAL = {"INTEGER": "SERIAL", "BIGINT": "BIGSERIAL", "SMALLINT": "SMALLSERIAL"}
_WORDS = {"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"}
_WORDS |= {"current_user", "session_user", "user"}  # AnsiFunction: without parentheses


def identifier(value: Value | None) -> str:
    """A name as SQL; a placeholder where nobody knows it."""
    text = text_of(value)
    if text is not None:
        return quoted(text)
    return (sql_of(value) if value else None) or hole(_called(value))


def _called(value: Value | None) -> str:
    return getattr(value, "named", "") or (path(value).replace("()", "") if value else "") or "name"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def given(call: Call, name: str, *names: str) -> Value | None:
    """What the call is given as `name`, one of the parameters `names`."""
    found = call.bound(*names).get(name)
    return found.value if found else None


def clause_of(call: Call, name: str) -> Clause:
    """The argument `name` as it is written, else the call."""
    return next((one for one in call.node.keywords if one.arg == name), call.node)


def expression(value: Value) -> str:
    """A condition or an expression as SQL; a placeholder for what SQLAlchemy puts together."""
    if isinstance(value, Call) and is_own(value, "text", "literal_column", "DDL", "column"):
        first = next((one.value for one in value.arguments), None)
        if is_own(value, "column"):
            return identifier(first)
        return (sql_of(first) if first else None) or hole("expression")
    return sql_of(value) or _function(value) or hole("expression")


def _function(value: Value) -> str | None:
    """`func.lower(...)`, `true()` and the like."""
    if not isinstance(value, Call):
        return None
    before, _, name = value.path.rpartition(".")
    if before in ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression"):
        return name if name in ("true", "false", "null") else None
    if not before.endswith("func") or not before.startswith("sqlalchemy"):
        return None
    if name in _WORDS and not value.arguments:
        return name.upper()
    parts = (_argument(one.value) for one in value.arguments)
    return f"{quoted(name)}({', '.join(parts)})"


def _argument(value: Value) -> str:
    match value:
        case Known(str() as text):
            return literal(text)
        case Known(int() | float() as number) if not isinstance(number, bool):
            return str(number)
    return expression(value)


def default_sql(value: Value | None) -> str | None:
    """What stands behind DEFAULT; None where there is none."""
    match value:
        case None | Known(None | False):
            return None
        case Known(str() as text):
            return literal(text)
        case Call() if is_own(value, "FetchedValue"):
            return None
        case Call() if is_own(value, "DefaultClause") and value.arguments:
            return default_sql(value.arguments[0].value)
    return expression(value)


@dataclass(frozen=True, slots=True)
class Inline:
    """A constraint that is written on a column, and where the revision asks for it."""

    sql: str
    clause: Clause


@dataclass(frozen=True, slots=True)
class ColumnSql:
    """A column, with what Alembic adds by a statement of its own: keys and indexes.

    `inline` are its constraints in the order in which they are written on it; `enum` is its type
    where a new table brings that with it, and `values` one that is a text with a check of its
    values; `unclear` where what it asks for is known elsewhere.
    """

    call: Call
    name: str
    kind: str
    rest: str
    inline: tuple[Inline, ...]
    foreign_keys: tuple[Call, ...]
    is_key: bool
    unique: bool
    index: bool
    comment: str | None
    enum: Call | None
    values: Call | None
    unclear: bool

    def definition(self, *, serial: bool = False, before_checks: str = "") -> str:
        numbered = _SERIAL.get(self.kind) if serial and not self.rest else None
        kind = numbered or f"{self.kind}{self.rest}"
        nulls = "".join(f" {one.sql}" for one in self.inline if one.sql == _NOT_NULL)
        checks = "".join(f" {one.sql}" for one in self.inline if one.sql != _NOT_NULL)
        return f"{self.name} {kind}{nulls}{before_checks}{checks}"


def _says(call: Call, name: str) -> bool:
    value = call.keywords.get(name)
    return value is not None and truth(value.value) is True


def _is_unclear(call: Call) -> bool:
    """Whether nobody can tell what constraints it has."""
    asked = (call.keywords.get(name) for name in ("unique", "index", "nullable", "primary_key"))
    return call.partial or any(one is not None and truth(one.value) is None for one in asked)


def _parts(call: Call) -> Iterator[Argument]:
    """The arguments of a column behind its name."""
    named = text_of(call.arguments[0].value) is not None if call.arguments else False
    yield from call.arguments[1 if named or not _is_part(call.arguments) else 0 :]


def _is_part(arguments: tuple[Argument, ...]) -> bool:
    return bool(arguments) and isinstance(arguments[0].value, Call)


class Naming(Protocol):
    """What names the checks of a column."""

    def named(
        self, kind: str, name: Value | None, table: str, columns: tuple[str, ...], to: str = ""
    ) -> Begins: ...


class Begins(Protocol):
    @property
    def begin(self) -> str: ...


def column(call: Call, naming: Naming, table: str) -> ColumnSql:
    """The column of `table` that `sa.Column(...)` asks for."""
    name = call.keywords.get("name") or (call.arguments[0] if call.arguments else None)
    parts = [one.value for one in _parts(call)]
    others = ("ForeignKey", "CheckConstraint", "Identity", "Computed", "Sequence")
    special = [one for one in parts if isinstance(one, Call) and is_own(one, *others)]
    kinds = [one for one in parts if one not in special]
    written = call.keywords.get("type_")
    kind = written.value if written else next(iter(kinds), None)
    numbered = next((one for one in special if is_own(one, "Identity")), None)
    computed = next((one for one in special if is_own(one, "Computed")), None)
    rest = _rest(call, computed, numbered)
    inline = (*_not_null(call, numbered), *_checks(special, naming, table))
    comment = call.keywords.get("comment")
    return ColumnSql(
        call=call,
        name=identifier(name.value if name else None),
        kind=type_sql(kind) if kind else hole("type"),
        rest=rest,
        inline=inline,
        foreign_keys=tuple(one for one in special if is_own(one, "ForeignKey")),
        is_key=_says(call, "primary_key"),
        unique=_says(call, "unique"),
        index=_says(call, "index"),
        comment=text_of(comment.value) if comment else None,
        enum=created_enum(kind),
        values=checked_enum(kind),
        unclear=_is_unclear(call) or may_be_checked(kind),
    )


def values_condition(enum: Call, name: str) -> str:
    """The check of the column `name`, as SQL, that it has one of the enum's values."""
    values = enum_values(enum)
    known = values and len(values) == len(enum.arguments)
    return f"{name} IN ({', '.join(map(literal, values)) if known else hole('values')})"


def _rest(call: Call, computed: Call | None, numbered: Call | None) -> str:
    default = call.keywords.get("server_default")
    written = default.value if default else None
    if isinstance(written, Call) and is_own(written, "Computed", "Identity"):
        computed = written if is_own(written, "Computed") else computed
        numbered = written if is_own(written, "Identity") else numbered
        written = None
    text = default_sql(written)
    parts = [f" DEFAULT {text}"] if text is not None else []
    if computed is not None:
        stored = given(computed, "persisted", "sqltext", "persisted")
        virtual = stored is not None and truth(stored) is False
        inside = given(computed, "sqltext", "sqltext")
        said = expression(inside) if inside else hole("expression")
        parts.append(f" GENERATED ALWAYS AS ({said}) {'VIRTUAL' if virtual else 'STORED'}")
    if numbered is not None:
        parts.append(f" {identity_sql(numbered)}")
    return "".join(parts)


def identity_sql(call: Call) -> str:
    always = given(call, "always", "start", "increment") or call.keywords.get("always")
    known = always.value if isinstance(always, Argument) else always
    return f"GENERATED {'ALWAYS' if known and truth(known) else 'BY DEFAULT'} AS IDENTITY"


def _not_null(call: Call, numbered: Call | None) -> Iterator[Inline]:
    nullable = call.keywords.get("nullable")
    key = _says(call, "primary_key")
    says_not = nullable is not None and truth(nullable.value) is False
    if numbered is None and (says_not or (key and nullable is None)):
        yield Inline(_NOT_NULL, clause_of(call, "nullable"))


def _checks(special: list[Call], naming: Naming, table: str) -> Iterator[Inline]:
    for one in special:
        if not is_own(one, "CheckConstraint"):
            continue
        name = given(one, "name", "sqltext", "name")
        inside = given(one, "sqltext", "sqltext")
        said = expression(inside) if inside else hole("expression")
        begin = naming.named("ck", name, table, ()).begin
        yield Inline(f"{begin}CHECK ({said})", one.node)


def columns_of(value: Value | None) -> tuple[str, ...]:
    """Names of columns, or expressions, in a list or alone."""
    match value:
        case Several(items):
            return tuple(_column_of(item) for item in items)
        case Known(str()):
            return (identifier(value),)
        case None:
            return ()
    return (hole("columns"),)


def _column_of(value: Value) -> str:
    if isinstance(value, Known):
        return identifier(value)
    if isinstance(value, Call) and is_own(value, "text", "literal_column"):
        return expression(value)
    return _function(value) or sql_of(value) or hole("column")

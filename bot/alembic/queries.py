"""Statements on every row of a table that SQLAlchemy puts together."""

from __future__ import annotations

from bot.alembic.types import is_own
from bot.python.values import Attribute, Call, Value, text_of
from bot.sql.writing import quoted

_OF_ALL = frozenset(
    {"values", "ordered_values", "returning", "order_by", "execution_options", "options"}
)
"""Methods of a statement that leave out no row."""
_WORDS = {"update": "UPDATE", "delete": "DELETE FROM", "select": "SELECT * FROM"}
_VALUE = "'…'"


def of_all_rows(statement: Call) -> str | None:
    """The SQL of a statement on all rows of one table, None for others."""
    columns: list[str] = []
    while isinstance(statement.function, Attribute) and statement.function.name in _OF_ALL:
        if statement.function.name == "values":
            columns += statement.keywords
        inner = statement.function.of
        if not isinstance(inner, Call):
            return None
        statement = inner
    return _statement(statement, columns)


def _statement(call: Call, columns: list[str]) -> str | None:
    what = call.path.rpartition(".")[2]
    match call.function:
        case Attribute(of) if _table(of):
            tables, narrowed = [of], bool(call.arguments or call.keywords)
        case _ if is_own(call, *_WORDS):
            tables, narrowed = [one.value for one in call.arguments], bool(call.keywords)
        case _:
            return None
    names = {_table(one) for one in tables}
    if what not in _WORDS or narrowed or len(names) != 1 or None in names:
        return None
    (name,) = names
    assigned = ", ".join(f"{quoted(one)} = {_VALUE}" for one in columns or ["id"])
    return f"{_WORDS[what]} {name}{f' SET {assigned}' if what == 'update' else ''}"


def _table(value: Value) -> str | None:
    """The name of a table, or of the one that a column is of."""
    match value:
        case Attribute(Attribute(of, "c" | "columns"), _):
            return _table(of)
        case Call() if is_own(value, "table", "Table") and value.arguments:
            name = text_of(value.arguments[0].value)
            schema = value.keywords.get("schema")
            above = text_of(schema.value) if schema else None
            if name is None or (schema and above is None):
                return None
            return f"{quoted(above)}.{quoted(name)}" if above else quoted(name)
    return None

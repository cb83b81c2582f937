"""Tables and their indexes: made, renamed and dropped."""

from __future__ import annotations

from collections.abc import Iterator

from bot.alembic.altering import index_of
from bot.alembic.columns import (
    Clause,
    ColumnSql,
    column,
    columns_of,
    expression,
    given,
    identifier,
    literal,
    values_condition,
)
from bot.alembic.sender import (
    Asked,
    Named,
    Sender,
    flag,
    is_none,
    nulls,
    plain_name,
    referenced_table,
    references,
    split,
    terms,
)
from bot.alembic.types import enum_values, is_own
from bot.python.embedded import hole
from bot.python.values import Call, Known, Pairs, Several, Value, text_of, truth

_NUMBERED = frozenset({"INTEGER", "BIGINT", "SMALLINT"})


def create_table(sender: Sender, call: Call) -> Iterator[Asked]:
    name = sender.qualified(call, given(call, "table_name", "table_name"))
    owner = sender.owner(call, given(call, "table_name", "table_name"))
    calls = [one.value for one in call.arguments[1:] if isinstance(one.value, Call)]
    columns = [column(one, sender, owner) for one in calls if is_own(one, "Column")]
    serial = _serial(columns, calls)
    lines, parts = list[str](), list[Clause]()
    for one in columns:
        lines.append(one.definition(serial=one is serial))
        parts += (inner.clause for inner in one.inline)
    lines += _constraints(sender, owner, columns, calls)
    enums = {one.kind: one.enum for one in columns if one.enum}
    yield from (enum(one, create=True, clause=call.node) for one in enums.values())
    perhaps = given(call, "if_not_exists")
    exists = "IF NOT EXISTS " if perhaps is not None and truth(perhaps) is not False else ""
    partition = given(call, "postgresql_partition_by")
    by = f" PARTITION BY {text_of(partition) or hole('key')}" if partition else ""
    yield Asked(f"CREATE TABLE {exists}{name} ({', '.join(lines)}){by}", call.node)
    for one in columns:
        if one.index:
            yield index_of(sender, one, owner, name, one.call.node)
    comment = text_of(given(call, "comment"))
    if comment is not None:
        yield Asked(f"COMMENT ON TABLE {name} IS {literal(comment)}", call.node)
    for one in columns:
        if one.comment is not None:
            said = f"COMMENT ON COLUMN {name}.{one.name} IS {literal(one.comment)}"
            yield Asked(said, one.call.node)


def _serial(columns: list[ColumnSql], calls: list[Call]) -> ColumnSql | None:
    """The column that a sequence numbers: the only key, a number that references nothing.

    As Table._autoincrement_column tells.
    """
    explicit = (one for one in calls if is_own(one, "PrimaryKeyConstraint"))
    named = {identifier(part.value) for one in explicit for part in one.arguments}
    keys = [one for one in columns if one.is_key or one.name in named]
    if len(keys) != 1 or keys[0].kind not in _NUMBERED:
        return None
    auto = keys[0].call.keywords.get("autoincrement")
    if keys[0].foreign_keys or keys[0].rest or (auto and truth(auto.value) is False):
        return None
    return keys[0]


def _constraints(
    sender: Sender, owner: str, columns: list[ColumnSql], calls: list[Call]
) -> Iterator[str]:
    keys = tuple(one.name for one in columns if one.is_key)
    if keys and not any(is_own(one, "PrimaryKeyConstraint") for one in calls):
        yield f"{sender.named('pk', None, owner, keys).begin}PRIMARY KEY ({', '.join(keys)})"
    for one in columns:
        for key in one.foreign_keys:
            to = referenced_table(key)
            named = sender.named("fk", given(key, "name"), owner, (one.name,), to)
            yield f"{named.begin}FOREIGN KEY({one.name}) {references(key)}"
        if one.unique and not one.index:
            yield f"{sender.named('uq', None, owner, (one.name,)).begin}UNIQUE ({one.name})"
        if one.values:
            named = sender.named("ck", given(one.values, "name"), owner, ())
            yield f"{named.begin}CHECK ({values_condition(one.values, one.name)})"
    for call in calls:
        yield from _constraint(sender, call, owner)


def _constraint(sender: Sender, call: Call, owner: str) -> Iterator[str]:
    several, name = tuple(identifier(one.value) for one in call.arguments), given(call, "name")
    listed = ", ".join(several)
    if is_own(call, "PrimaryKeyConstraint"):
        yield f"{sender.named('pk', name, owner, several).begin}PRIMARY KEY ({listed})"
    elif is_own(call, "UniqueConstraint"):
        yield f"{sender.named('uq', name, owner, several).begin}UNIQUE ({listed})"
    elif is_own(call, "CheckConstraint"):
        inside = given(call, "sqltext", "sqltext")
        said = expression(inside) if inside else hole("condition")
        yield f"{sender.named('ck', name, owner, ()).begin}CHECK ({said})"
    elif is_own(call, "ForeignKeyConstraint"):
        columns = columns_of(given(call, "columns", "columns", "refcolumns"))
        table, remote = split(columns_of(given(call, "refcolumns", "columns", "refcolumns")))
        named = sender.named("fk", name, owner, columns, table.rpartition(".")[2].strip('"'))
        key = f"FOREIGN KEY({', '.join(columns)}) REFERENCES {table} ({remote}){terms(call)}"
        yield f"{named.begin}{key}"


def drop_table(sender: Sender, call: Call) -> Iterator[Asked]:
    exists = "IF EXISTS " if flag(call, "if_exists") else ""
    name = sender.qualified(call, given(call, "table_name", "table_name"))
    yield Asked(f"DROP TABLE {exists}{name}", call.node)


def rename_table(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("old_table_name", "new_table_name")
    old = sender.qualified(call, given(call, names[0], *names))
    yield Asked(
        f"ALTER TABLE {old} RENAME TO {identifier(given(call, names[1], *names))}", call.node
    )


def comment(sender: Sender, call: Call) -> Iterator[Asked]:
    name = sender.qualified(call, sender.value(call, "table_name", "table_name"))
    yield Asked(f"COMMENT ON TABLE {name} IS ''", call.node)


def create_index(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("index_name", "table_name", "columns")
    owner, several = (sender.value(call, one, *names) for one in names[1:])
    table, columns = sender.qualified(call, owner), _elements(call, columns_of(several))
    name = given(call, "index_name", "index_name")
    named = Named(f"{identifier(plain_name(name))} ")
    if is_none(name):
        named = sender.index(sender.owner(call, owner), _columns(several))
    unique = "UNIQUE " if flag(call, "unique") else ""
    concurrently = "CONCURRENTLY " if flag(call, "postgresql_concurrently") else ""
    exists = "IF NOT EXISTS " if flag(call, "if_not_exists") else ""
    using = text_of(given(call, "postgresql_using"))
    how = f"USING {using} " if using else ""
    yield Asked(
        f"CREATE {unique}INDEX {concurrently}{exists}{named.begin}ON {table}"
        f" {how}({', '.join(columns)}){_index_terms(call)}",
        call.node,
        unnamed=named.unknown,
    )


def _columns(several: Value | None) -> tuple[str, ...]:
    """The columns of an index by their names; none where one is an expression."""
    found = [text_of(one) for one in several.items] if isinstance(several, Several) else []
    return tuple(one for one in found if one is not None) if None not in found else ()


def _elements(call: Call, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns with their operator classes."""
    match given(call, "postgresql_ops"):
        case None | Known(None):
            return columns
        case Pairs(items):
            classes = {text_of(name): text_of(kind) or hole("class") for name, kind in items}
            kinds = [classes.get(one.strip('"')) for one in columns]
            pairs = zip(columns, kinds, strict=True)
            return tuple(f"{one} {kind}" if kind else one for one, kind in pairs)
    return tuple(f"{one} {hole('class')}" for one in columns)


def _index_terms(call: Call) -> str:
    including = columns_of(given(call, "postgresql_include"))
    text = f" INCLUDE ({', '.join(including)})" if including else ""
    text += f"{nulls(call)}{_storage(given(call, 'postgresql_with'))}"
    tablespace = given(call, "postgresql_tablespace")
    text += "" if is_none(tablespace) else f" TABLESPACE {identifier(tablespace)}"
    where = given(call, "postgresql_where")
    return text if where is None or is_none(where) else f"{text} WHERE {expression(where)}"


def _storage(options: Value | None) -> str:
    match options:
        case None | Known(None) | Pairs(()):
            return ""
        case Pairs(items):
            pairs = (f"{_word(name, 'option')} = {_word(value, 'value')}" for name, value in items)
            return f" WITH ({', '.join(pairs)})"
    return f" WITH ({hole('options')})"


def _word(value: Value, named: str) -> str:
    return str(value.value) if isinstance(value, Known) else hole(named)


def drop_index(sender: Sender, call: Call) -> Iterator[Asked]:
    concurrently = "CONCURRENTLY " if flag(call, "postgresql_concurrently") else ""
    exists = "IF EXISTS " if flag(call, "if_exists") else ""
    name = identifier(plain_name(given(call, "index_name", "index_name")))
    schema = given(call, "schema") or sender.schema
    before = "" if is_none(schema) else f"{identifier(schema)}."
    yield Asked(f"DROP INDEX {concurrently}{exists}{before}{name}", call.node)


def bulk_insert(sender: Sender, call: Call) -> Iterator[Asked]:
    table = given(call, "table", "table")
    if isinstance(table, Call) and is_own(table, "table", "Table") and table.arguments:
        name = sender.qualified(table, table.arguments[0].value)
        yield Asked(f"INSERT INTO {name} DEFAULT VALUES", call.node)


def enum(call: Call, *, create: bool, clause: Clause | None = None) -> Asked:
    """CREATE TYPE or DROP TYPE for an enum."""
    name, schema = identifier(given(call, "name")), given(call, "schema")
    whole = name if is_none(schema) else f"{identifier(schema)}.{name}"
    values = ", ".join(literal(one) for one in enum_values(call))
    text = f"CREATE TYPE {whole} AS ENUM ({values})" if create else f"DROP TYPE {whole}"
    return Asked(text, clause or call.node)

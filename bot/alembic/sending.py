"""The statements that Alembic sends for one of its operations, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.alembic.columns import (
    Clause,
    ColumnSql,
    clause_of,
    column,
    columns_of,
    default_sql,
    expression,
    given,
    identifier,
    identity_sql,
    literal,
)
from bot.alembic.naming import Naming
from bot.alembic.types import enum_values, is_own, type_sql
from bot.python.embedded import hole
from bot.python.values import Call, Known, Several, Value, text_of, truth
from bot.sql.writing import quoted


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement, and the `clause` of the call that asks for it.

    `parts` are the places of the constraints of a new column. `unnamed` where the naming convention
    that names its constraint cannot be read.
    """

    sql: str
    clause: Clause
    parts: tuple[Clause, ...] = ()
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """`table` and `schema` are those of the batch in which the call is made, if in one."""

    naming: Naming
    table: Value | None = None
    schema: Value | None = None

    def of(self, name: str, call: Call) -> Iterator[Asked] | None:
        """What the operation `name` sends; None where there is none of that name."""
        send = _OPERATIONS.get(name)
        return send(self, call) if send else None

    def value(self, call: Call, name: str, *names: str) -> Value | None:
        """An argument by its name; in a batch the table is not among them."""
        if self.table is not None:
            if name in ("table_name", "source_table"):
                return self.table
            names = tuple(one for one in names if one not in ("table_name", "source_table"))
        return given(call, name, *names)

    def table_sql(self, call: Call, name: str, *names: str) -> str:
        return self.qualified(call, self.value(call, name, *names), "schema")

    def qualified(self, call: Call, name: Value | None, schema: str) -> str:
        found = given(call, schema)
        within = self.schema if found is None and schema in ("schema", "source_schema") else found
        if within in (None, Known(None)):
            return identifier(name)
        return f"{identifier(within)}.{identifier(name)}"

    # Constraints

    def constraint_name(
        self, kind: str, call: Call, table: Value | None, columns: tuple[str, ...], to: str = ""
    ) -> tuple[str, bool]:
        """`CONSTRAINT name ` or nothing, and whether the name is one that nobody can tell."""
        first = given(call, "constraint_name", "constraint_name") or given(call, "name", "name")
        return self.named(kind, first, text_of(table) or "", columns, to)

    def named(
        self,
        kind: str,
        name: Value | None,
        table: str,
        columns: tuple[str, ...],
        to: str = "",
    ) -> tuple[str, bool]:
        if is_final(name):
            return f"CONSTRAINT {identifier(plain_name(name))} ", False
        plain = [one.strip('"') for one in columns]
        said = text_of(name)
        if name not in (None, Known(None)) and said is None:
            return f"CONSTRAINT {identifier(name)} ", False
        found = self.naming.name(kind, table, plain, said, to)
        return f"CONSTRAINT {quoted(found)} " if found else "", not (found or self.naming.known)

    def check(self, call: Call) -> Iterator[Asked]:
        names = ("constraint_name", "table_name", "condition")
        table = self.value(call, "table_name", *names)
        name, unnamed = self.constraint_name("ck", call, table, ())
        inside = self.value(call, "condition", *names)
        said = expression(inside) if inside else hole("condition")
        text = f"ADD {name}CHECK ({said}){_not_valid(call)}"
        yield self._altered(call, table, text, unnamed=unnamed)

    def foreign_key(self, call: Call) -> Iterator[Asked]:
        names = ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols")
        table = self.value(call, "source_table", *names)
        to = self.value(call, "referent_table", *names)
        columns = columns_of(self.value(call, "local_cols", *names))
        remote = columns_of(self.value(call, "remote_cols", *names))
        name, unnamed = self.constraint_name("fk", call, table, columns, text_of(to) or "")
        referenced = self.qualified(call, to, "referent_schema")
        text = (
            f"ADD {name}FOREIGN KEY({', '.join(columns)}) REFERENCES {referenced}"
            f" ({', '.join(remote)}){_terms(call)}{_not_valid(call)}"
        )
        yield self._altered(call, table, text, schema="source_schema", unnamed=unnamed)

    def unique(self, call: Call) -> Iterator[Asked]:
        yield self._key(call, "uq", "UNIQUE")

    def primary_key(self, call: Call) -> Iterator[Asked]:
        yield self._key(call, "pk", "PRIMARY KEY")

    def _key(self, call: Call, kind: str, words: str) -> Asked:
        names = ("constraint_name", "table_name", "columns")
        table = self.value(call, "table_name", *names)
        columns = columns_of(self.value(call, "columns", *names))
        name, unnamed = self.constraint_name(kind, call, table, columns)
        nulls = " NULLS NOT DISTINCT" if _flag(call, "postgresql_nulls_not_distinct") else ""
        including = columns_of(given(call, "postgresql_include"))
        more = f" INCLUDE ({', '.join(including)})" if including else ""
        text = f"ADD {name}{words}{nulls} ({', '.join(columns)}){more}{_deferral(call)}"
        return self._altered(call, table, text, unnamed=unnamed)

    def exclude(self, call: Call) -> Iterator[Asked]:
        names = ("constraint_name", "table_name")
        table = self.value(call, "table_name", *names)
        name, unnamed = self.constraint_name("ex", call, table, ())
        elements = call.arguments[1 if self.table is not None else 2 :]
        using = text_of(given(call, "using")) or "gist"
        parts = (_element(one.value) for one in elements)
        where = given(call, "where")
        condition = f" WHERE ({expression(where)})" if where not in (None, Known(None)) else ""
        text = f"ADD {name}EXCLUDE USING {using} ({', '.join(parts)}){condition}{_deferral(call)}"
        yield self._altered(call, table, text, unnamed=unnamed)

    def drop_constraint(self, call: Call) -> Iterator[Asked]:
        names = ("constraint_name", "table_name", "type_")
        table = self.value(call, "table_name", *names)
        name = given(call, "constraint_name", "constraint_name")
        exists = "IF EXISTS " if _flag(call, "if_exists") else ""
        yield self._altered(call, table, f"DROP CONSTRAINT {exists}{identifier(plain_name(name))}")

    def _altered(
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

    # Columns

    def add_column(self, call: Call) -> Iterator[Asked]:
        names = ("table_name", "column")
        table = self.value(call, "table_name", *names)
        written = self.value(call, "column", *names)
        if not isinstance(written, Call):
            yield self._altered(call, table, f"ADD COLUMN {hole('column')} {hole('type')}")
            return
        asked = column(written)
        exists = "IF NOT EXISTS " if _flag(call, "if_not_exists") else ""
        inline = _flag(call, "inline_references") and len(asked.foreign_keys) == 1
        key = " PRIMARY KEY" if _flag(call, "inline_primary_key") and asked.is_key else ""
        references = ""
        if inline:
            references = f" {self._references(asked.foreign_keys[0])}"
        text = f"ADD COLUMN {exists}{asked.definition(serial=asked.is_key)}{key}{references}"
        whole = self._altered(call, table, text)
        parts = tuple(one.clause for one in asked.inline)
        if inline:
            parts = (*parts, asked.foreign_keys[0].node)
        yield Asked(whole.sql, call.node, parts)
        yield from self._beside(call, table, asked, references=not inline)

    def _beside(
        self, call: Call, table: Value | None, asked: ColumnSql, *, references: bool
    ) -> Iterator[Asked]:
        """What belongs to a new column and is sent by itself."""
        plain = (asked.name.strip('"'),)
        owner = text_of(table) or ""
        for one in asked.foreign_keys if references else ():
            to = _target(one)[0].rpartition(".")[2].strip('"')
            name, unnamed = self.named("fk", given(one, "name"), owner, plain, to)
            text = f"ADD {name}FOREIGN KEY({asked.name}) {self._references(one)}{_not_valid(one)}"
            yield self._altered(call, table, text, clause=one.node, unnamed=unnamed)
        if asked.unique and not asked.index:
            name, unnamed = self.named("uq", None, owner, plain)
            clause = clause_of(asked.call, "unique")
            text = f"ADD {name}UNIQUE ({asked.name})"
            yield self._altered(call, table, text, clause=clause, unnamed=unnamed)
        if asked.index:
            form = self.naming.name("ix", owner, plain) or f"ix_{owner}_{plain[0]}"
            unique = "UNIQUE " if asked.unique else ""
            where = self.qualified(call, table, "schema")
            text = f"CREATE {unique}INDEX {quoted(form)} ON {where} ({asked.name})"
            yield Asked(text, clause_of(asked.call, "index"))

    def _references(self, call: Call) -> str:
        table, columns = _target(call)
        return f"REFERENCES {table} ({columns}){_terms(call)}"

    def drop_column(self, call: Call) -> Iterator[Asked]:
        names = ("table_name", "column_name")
        table = self.value(call, "table_name", *names)
        name = identifier(self.value(call, "column_name", *names))
        exists = "IF EXISTS " if _flag(call, "if_exists") else ""
        yield self._altered(call, table, f"DROP COLUMN {exists}{name}")

    def alter_column(self, call: Call) -> Iterator[Asked]:
        names = ("table_name", "column_name")
        table = self.value(call, "table_name", *names)
        name = identifier(self.value(call, "column_name", *names))
        begin = f"ALTER COLUMN {name}"

        def altered(text: str, keyword: str) -> Asked:
            return self._altered(call, table, text, clause=clause_of(call, keyword))

        kind, using = given(call, "type_"), given(call, "postgresql_using")
        if kind not in (None, Known(None)):
            said = f" USING {expression(using)}" if using not in (None, Known(None)) else ""
            yield altered(f"{begin} TYPE {type_sql(kind)}{said}", "type_")
        nullable = given(call, "nullable")
        if nullable not in (None, Known(None)):
            known = truth(nullable)
            if known is None:
                yield altered(f"{begin} {hole('nullable')}", "nullable")
            else:
                yield altered(f"{begin} {'DROP' if known else 'SET'} NOT NULL", "nullable")
        default = given(call, "server_default")
        if default not in (None, Known(False)):
            yield altered(_default(begin, call, default), "server_default")
        comment = given(call, "comment")
        if comment not in (None, Known(False)):
            where = f"{self.qualified(call, table, 'schema')}.{name}"
            said = literal(text_of(comment) or "") if text_of(comment) else "NULL"
            yield Asked(f"COMMENT ON COLUMN {where} IS {said}", clause_of(call, "comment"))
        new = given(call, "new_column_name")
        if new not in (None, Known(None)):
            yield altered(f"RENAME {name} TO {identifier(new)}", "new_column_name")

    # Tables

    def create_table(self, call: Call) -> Iterator[Asked]:
        name = self.qualified(call, given(call, "table_name", "table_name"), "schema")
        several = [one.value for one in call.arguments[1:]]
        calls = [one for one in several if isinstance(one, Call)]
        columns = [column(one) for one in calls if is_own(one, "Column")]
        serial = _numbered(columns)
        lines, parts = list[str](), list[Clause]()
        for one in columns:
            lines.append(one.definition(serial=one is serial))
            parts += [inner.clause for inner in one.inline]
        owner = text_of(given(call, "table_name", "table_name")) or ""
        lines += self._table_constraints(owner, columns, calls)
        exists = "IF NOT EXISTS " if _flag(call, "if_not_exists") else ""
        partition = given(call, "postgresql_partition_by")
        by = f" PARTITION BY {text_of(partition) or hole('key')}" if partition else ""
        yield Asked(f"CREATE TABLE {exists}{name} ({', '.join(lines)}){by}", call.node)
        for one in columns:
            if one.index:
                form = self.naming.name("ix", owner, (one.name.strip('"'),))
                said = quoted(form or f"ix_{owner}_{one.name.strip(chr(34))}")
                unique = "UNIQUE " if one.unique else ""
                yield Asked(f"CREATE {unique}INDEX {said} ON {name} ({one.name})", one.call.node)

    def _table_constraints(
        self, owner: str, columns: list[ColumnSql], calls: list[Call]
    ) -> Iterator[str]:
        keys = [one.name for one in columns if one.is_key]
        explicit = [one for one in calls if is_own(one, "PrimaryKeyConstraint")]
        if keys and not explicit:
            name, _ = self.named("pk", None, owner, tuple(keys))
            yield f"{name}PRIMARY KEY ({', '.join(keys)})"
        for one in columns:
            for key in one.foreign_keys:
                name, _ = self.named("fk", given(key, "name"), owner, (one.name,))
                yield f"{name}FOREIGN KEY({one.name}) {self._references(key)}"
            if one.unique and not one.index:
                name, _ = self.named("uq", None, owner, (one.name,))
                yield f"{name}UNIQUE ({one.name})"
        for call in calls:
            text = self._of_table(call, owner)
            if text:
                yield text

    def _of_table(self, call: Call, owner: str) -> str | None:
        several = tuple(identifier(one.value) for one in call.arguments)
        listed = ", ".join(several)
        if is_own(call, "PrimaryKeyConstraint"):
            return (
                f"{self.named('pk', given(call, 'name'), owner, several)[0]}PRIMARY KEY ({listed})"
            )
        if is_own(call, "UniqueConstraint"):
            return f"{self.named('uq', given(call, 'name'), owner, several)[0]}UNIQUE ({listed})"
        if is_own(call, "CheckConstraint"):
            inside = given(call, "sqltext", "sqltext")
            said = expression(inside) if inside else hole("condition")
            return f"{self.named('ck', given(call, 'name'), owner, ())[0]}CHECK ({said})"
        if is_own(call, "ForeignKeyConstraint"):
            columns = columns_of(given(call, "columns", "columns", "refcolumns"))
            remote = columns_of(given(call, "refcolumns", "columns", "refcolumns"))
            table, names = _split(remote)
            name = self.named("fk", given(call, "name"), owner, columns)[0]
            key = f"{name}FOREIGN KEY({', '.join(columns)}) REFERENCES {table} ({names})"
            return f"{key}{_terms(call)}"
        return None

    def drop_table(self, call: Call) -> Iterator[Asked]:
        exists = "IF EXISTS " if _flag(call, "if_exists") else ""
        name = self.qualified(call, given(call, "table_name", "table_name"), "schema")
        yield Asked(f"DROP TABLE {exists}{name}", call.node)

    def rename_table(self, call: Call) -> Iterator[Asked]:
        names = ("old_table_name", "new_table_name")
        old = self.qualified(call, given(call, names[0], *names), "schema")
        new = identifier(given(call, names[1], *names))
        yield Asked(f"ALTER TABLE {old} RENAME TO {new}", call.node)

    def comment(self, call: Call) -> Iterator[Asked]:
        name = self.table_sql(call, "table_name", "table_name")
        yield Asked(f"COMMENT ON TABLE {name} IS ''", call.node)

    # Indexes

    def create_index(self, call: Call) -> Iterator[Asked]:
        names = ("index_name", "table_name", "columns")
        table = self.value(call, "table_name", *names)
        columns = columns_of(self.value(call, "columns", *names))
        name = _index_name(given(call, "index_name", "index_name"))
        unique = "UNIQUE " if _flag(call, "unique") else ""
        concurrently = "CONCURRENTLY " if _flag(call, "postgresql_concurrently") else ""
        exists = "IF NOT EXISTS " if _flag(call, "if_not_exists") else ""
        using = text_of(given(call, "postgresql_using"))
        how = f"USING {using} " if using else ""
        where = self.qualified(call, table, "schema")
        yield Asked(
            f"CREATE {unique}INDEX {concurrently}{exists}{name} ON {where}"
            f" {how}({', '.join(columns)}){_index_terms(call)}",
            call.node,
        )

    def drop_index(self, call: Call) -> Iterator[Asked]:
        concurrently = "CONCURRENTLY " if _flag(call, "postgresql_concurrently") else ""
        exists = "IF EXISTS " if _flag(call, "if_exists") else ""
        name = _index_name(given(call, "index_name", "index_name"))
        schema = given(call, "schema") or self.schema
        before = "" if schema in (None, Known(None)) else f"{identifier(schema)}."
        yield Asked(f"DROP INDEX {concurrently}{exists}{before}{name}", call.node)

    def bulk_insert(self, call: Call) -> Iterator[Asked]:
        table = given(call, "table", "table")
        if isinstance(table, Call) and is_own(table, "table", "Table") and table.arguments:
            name = self.qualified(table, table.arguments[0].value, "schema")
            yield Asked(f"INSERT INTO {name} DEFAULT VALUES", call.node)


def _flag(call: Call, name: str) -> bool:
    value = given(call, name)
    return value is not None and truth(value) is True


def _not_valid(call: Call) -> str:
    return " NOT VALID" if _flag(call, "postgresql_not_valid") else ""


def _deferral(call: Call) -> str:
    deferrable, initially = given(call, "deferrable"), text_of(given(call, "initially"))
    text = ""
    if deferrable is not None and deferrable != Known(None):
        text = " DEFERRABLE" if truth(deferrable) else " NOT DEFERRABLE"
    known = (initially or "").upper()
    return f"{text} INITIALLY {known}" if known in ("DEFERRED", "IMMEDIATE") else text


def _terms(call: Call) -> str:
    text = ""
    for word in ("match", "ondelete", "onupdate"):
        said = text_of(given(call, word))
        if said:
            text += f" {_WORDS[word]} {said}"
    return f"{text}{_deferral(call)}"


_WORDS = {"match": "MATCH", "ondelete": "ON DELETE", "onupdate": "ON UPDATE"}


def _target(call: Call) -> tuple[str, str]:
    """The table and the column of `sa.ForeignKey("schema.table.column")`."""
    return _split((given_first(call),))


def given_first(call: Call) -> str:
    value = call.arguments[0].value if call.arguments else given(call, "column")
    return text_of(value) or ""


def _split(names: tuple[str, ...]) -> tuple[str, str]:
    """The table and the columns of "table.column" names."""
    plain = [one.strip('"') for one in names]
    if not plain or any("." not in one for one in plain):
        return hole("table"), hole("column")
    table = plain[0].rpartition(".")[0]
    columns = (quoted(one.rpartition(".")[2]) for one in plain)
    return ".".join(quoted(part) for part in table.split(".")), ", ".join(columns)


def _element(value: Value) -> str:
    """`(column, operator)` of an exclusion."""
    match value:
        case Several((Call() as what, sign)):
            return f"{expression(what)} WITH {text_of(sign) or '='}"
        case Several((what, sign)):
            return f"{identifier(what)} WITH {text_of(sign) or '='}"
    return f"{hole('element')} WITH ="


def _default(begin: str, call: Call, default: Value) -> str:
    if isinstance(default, Call) and is_own(default, "Identity"):
        return f"{begin} ADD {identity_sql(default)}"
    text = default_sql(default)
    return f"{begin} DROP DEFAULT" if text is None else f"{begin} SET DEFAULT {text}"


def _numbered(columns: list[ColumnSql]) -> ColumnSql | None:
    """The column that a sequence numbers: the only key, a number that references nothing."""
    keys = [one for one in columns if one.is_key]
    if len(keys) != 1 or keys[0].foreign_keys or keys[0].rest:
        return None
    auto = keys[0].call.keywords.get("autoincrement")
    return keys[0] if auto is None or truth(auto.value) is not False else None


def is_final(name: Value | None) -> bool:
    """Whether it is `op.f("name")`, which no naming convention changes."""
    return (isinstance(name, Call) and name.path.endswith("op.f")) or (
        isinstance(name, Call) and name.path == "alembic.op.batch_alter_table().f"
    )


def plain_name(name: Value | None) -> Value | None:
    """The name itself, without `op.f()`."""
    final = is_final(name) and isinstance(name, Call) and name.arguments
    return name.arguments[0].value if final and isinstance(name, Call) else name


def _index_name(name: Value | None) -> str:
    return identifier(plain_name(name))


def _index_terms(call: Call) -> str:
    including = columns_of(given(call, "postgresql_include"))
    text = f" INCLUDE ({', '.join(including)})" if including else ""
    text += " NULLS NOT DISTINCT" if _flag(call, "postgresql_nulls_not_distinct") else ""
    where = given(call, "postgresql_where")
    return text if where in (None, Known(None)) else f"{text} WHERE {expression(where)}"


def enum_sql(call: Call, create: bool) -> Asked:
    """CREATE TYPE or DROP TYPE for an enum."""
    name = identifier(given(call, "name"))
    schema = given(call, "schema")
    whole = name if schema in (None, Known(None)) else f"{identifier(schema)}.{name}"
    values = ", ".join(literal(one) for one in enum_values(call))
    text = f"CREATE TYPE {whole} AS ENUM ({values})" if create else f"DROP TYPE {whole}"
    return Asked(text, call.node)


_OPERATIONS: dict[str, Callable[[Sender, Call], Iterator[Asked]]] = {
    "create_check_constraint": Sender.check,
    "create_foreign_key": Sender.foreign_key,
    "create_unique_constraint": Sender.unique,
    "create_primary_key": Sender.primary_key,
    "create_exclude_constraint": Sender.exclude,
    "drop_constraint": Sender.drop_constraint,
    "add_column": Sender.add_column,
    "drop_column": Sender.drop_column,
    "alter_column": Sender.alter_column,
    "create_table": Sender.create_table,
    "drop_table": Sender.drop_table,
    "rename_table": Sender.rename_table,
    "create_table_comment": Sender.comment,
    "drop_table_comment": Sender.comment,
    "create_index": Sender.create_index,
    "drop_index": Sender.drop_index,
    "bulk_insert": Sender.bulk_insert,
}

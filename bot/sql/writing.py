"""New statements, in the author's letter case and quoted as quote_ident() quotes."""

from __future__ import annotations

import re

from pglast import keywords

from bot.model.migration import Statement
from bot.postgres.names import QualifiedName, Template
from bot.postgres.operations import (
    AddConstraint,
    BoundCheck,
    CreateIndex,
    DropConstraint,
    IndexShape,
    Key,
    NotNull,
    NotNullCheck,
    OnTable,
    Operation,
    SetNotNull,
    ValidateConstraint,
)
from bot.postgres.predicates import Comparison, Predicate
from bot.sql.placeholders import in_quotes

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_KEYWORDS = (
    keywords.RESERVED_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS | keywords.COL_NAME_KEYWORDS
)


def quoted(identifier: str) -> str:
    """`identifier` as quote_ident() writes it; one that is filled in later as its author does."""
    if isinstance(identifier, Template):
        return in_quotes(identifier) if identifier.quoted else identifier
    if _PLAIN.fullmatch(identifier) and identifier not in _KEYWORDS:
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: QualifiedName) -> str:
    return ".".join(quoted(part) for part in (name.schema, name.name) if part)


def in_lower_case(statement: Statement) -> bool:
    """Whether the author writes keywords in lower case."""
    return statement.in_sql.text[:5].islower()


def cased(words: str, lower_case: bool) -> str:
    return words.lower() if lower_case else words


def written(operation: Operation, *, lower_case: bool = False) -> list[str]:
    """`operation` as statements without their semicolons."""
    if isinstance(operation, CreateIndex):
        return _create_index(operation, lower_case)
    if not isinstance(operation, OnTable):
        raise TypeError(f"no SQL is known for {operation}")
    return [f"{altering(operation, lower_case)} {clause(operation, lower_case)}"]


def altering(operation: OnTable, lower_case: bool) -> str:
    """How an ALTER TABLE begins."""
    words = "ALTER TABLE IF EXISTS" if operation.if_exists else "ALTER TABLE"
    return f"{cased(words, lower_case)} {qualified(operation.table)}"


def clause(operation: OnTable, lower_case: bool) -> str:
    """`operation` as one command of an ALTER TABLE."""

    def word(words: str) -> str:
        return cased(words, lower_case)

    match operation:
        case ValidateConstraint(_, name):
            return f"{word('VALIDATE CONSTRAINT')} {quoted(name)}"
        case DropConstraint(_, name):
            return f"{word('DROP CONSTRAINT')} {quoted(name)}"
        case SetNotNull(_, column):
            return f"{word('ALTER COLUMN')} {quoted(column)} {word('SET NOT NULL')}"
        case AddConstraint(_, NotNull(name=str(name), column=column)):
            what = f"{word('NOT NULL')} {quoted(column)}"
        case AddConstraint(_, NotNullCheck(name=str(name), column=column)):
            what = f"{word('CHECK')} ({quoted(column)} {word('IS NOT NULL')})"
        case AddConstraint(_, BoundCheck(name=str(name), predicate=Predicate() as said) as check):
            text = condition(said, lower_case)
            inside = f"{word('NOT')} ({text})" if check.excluded else text
            what = f"{word('CHECK')} ({inside})"
        case AddConstraint(_, Key(name=str(name), using_index=str(index)) as key):
            what = f"{word(f'{key.kind} USING INDEX')} {quoted(index)}{word(_deferral(key))}"
        case _:
            raise ValueError(f"no SQL is known for {operation}")
    end = f" {word('NOT VALID')}" if operation.constraint.not_valid else ""
    return f"{word('ADD CONSTRAINT')} {quoted(name)} {what}{end}"


def condition(predicate: Predicate, lower_case: bool) -> str:
    """What it demands, as an expression."""
    arms = [
        cased(" AND ", lower_case).join(_comparison(one, lower_case) for one in arm)
        for arm in predicate.arms
    ]
    return cased(" OR ", lower_case).join(arms)


def _comparison(one: Comparison, lower_case: bool) -> str:
    left = f"{quoted(one.column)} {cased(one.operator, lower_case)}"
    if not one.values:
        return left
    values = ", ".join(one.values)
    return f"{left} ({values})" if one.operator.endswith("IN") else f"{left} {values}"


def _deferral(key: Key) -> str:
    if key.deferred:
        return " DEFERRABLE INITIALLY DEFERRED"
    return " DEFERRABLE" if key.deferrable else ""


def _create_index(index: CreateIndex, lower_case: bool) -> list[str]:
    if index.name is None:
        raise ValueError(f"{index} has no name")
    words = ["CREATE", *(["UNIQUE"] if index.shape.unique else []), "INDEX"]
    words += ["CONCURRENTLY"] if index.concurrently else []
    place = f"{quoted(index.name)} {cased('ON', lower_case)} {qualified(index.table)}"
    create = f"{cased(' '.join(words), lower_case)} {place} {shape(index.shape, lower_case)}"
    return [*remains(index, lower_case), create]


def remains(index: CreateIndex, lower_case: bool) -> list[str]:
    """What clears away the invalid index that a failed attempt may have left."""
    if not index.retried or index.name is None:
        return []
    name = qualified(QualifiedName(index.table.schema, index.name))
    return [f"{cased('DROP INDEX CONCURRENTLY IF EXISTS', lower_case)} {name}"]


def shape(index: IndexShape, lower_case: bool) -> str:
    """What stands behind the table's name; the columns are columns, not expressions."""
    parts = [f"({_listed(index.columns)})"]
    if index.including:
        parts.append(f"{cased('INCLUDE', lower_case)} ({_listed(index.including)})")
    if index.nulls_not_distinct:
        parts.append(cased("NULLS NOT DISTINCT", lower_case))
    if index.options:
        options = ", ".join(f"{quoted(name)} = {value}" for name, value in index.options)
        parts.append(f"{cased('WITH', lower_case)} ({options})")
    if index.tablespace:
        parts.append(f"{cased('TABLESPACE', lower_case)} {quoted(index.tablespace)}")
    return " ".join(parts)


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(quoted(column) for column in columns)

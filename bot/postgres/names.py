"""A constraint without a name gets the name that PostgreSQL would choose.

Source: `makeObjectName` and `ChooseConstraintName` in `src/backend/commands/indexcmds.c` and
`src/backend/catalog/pg_constraint.c`; the lengths are bytes of UTF-8, as on a UTF8 database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

TEMPORARY = "pg_temp"
"""The schema that a session has for itself."""

MAX_BYTES = 63  # NAMEDATALEN - 1
MAX_COLUMNS = 32  # INDEX_MAX_KEYS


class Template(str):
    """A name with placeholders, which a migration tool fills in before PostgreSQL sees it.

    It is known by its text, and is another name than any other text. `quoted` where it stands
    in double quotes.
    """

    quoted: bool

    def __new__(cls, text: str, *, quoted: bool) -> Template:
        made = super().__new__(cls, text)
        made.quoted = quoted
        return made


class Guess(Template):
    """A name that PostgreSQL makes of such names: nobody can tell it before they are filled in."""


@dataclass(frozen=True, slots=True, order=True)
class QualifiedName:
    """The name of a table or index, its schema as written or, once resolved, as found."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def truncated(identifier: str) -> str:
    """`identifier` as PostgreSQL stores it: at most 63 bytes, never half a character."""
    return identifier if isinstance(identifier, Template) else _clip(identifier, MAX_BYTES)


def object_name(first: str, second: str, label: str) -> str:
    """`first_second_label`, the longer of the two parts cut until all fits 63 bytes."""
    room = MAX_BYTES - len(f"_{label}".encode()) - (1 if second else 0)
    length_1, length_2 = len(first.encode()), len(second.encode())
    while length_1 + length_2 > room:
        if length_1 > length_2:
            length_1 -= 1
        else:
            length_2 -= 1
    parts = [_clip(first, length_1), *([_clip(second, length_2)] if second else []), label]
    return "_".join(parts)


class Names(Protocol):
    """The names that are taken where a constraint looks for one."""

    def first_free(self, names: Callable[[int], str]) -> str:
        """The first of `names(0)`, `names(1)` … that is free."""


def constraint_name(table: str, columns: tuple[str, ...], label: str, taken: Names) -> str:
    """The first of `t_a_label`, `t_a_label1`, `t_a_label2` … that is free."""
    if any(isinstance(name, Template) for name in (table, *columns)):
        return Guess("_".join((table, *columns, label)), quoted=False)
    second = _joined(columns)
    return taken.first_free(lambda number: object_name(table, second, f"{label}{number or ''}"))


def _joined(columns: tuple[str, ...]) -> str:
    """The column names joined by `_`, as `ChooseIndexColumnNames` joins them: 63 bytes suffice."""
    return _clip("_".join(columns), MAX_BYTES)


def distinct_columns(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of an index, each of which has a name of its own: `a`, `a1`, `a2` …

    ChooseIndexColumnNames in src/backend/commands/indexcmds.c
    """
    found: dict[str, None] = {}
    for column in columns[:MAX_COLUMNS]:
        name = column
        if not isinstance(column, Template):
            numbers = map(str, count(1))
            while name in found:
                number = next(numbers)
                name = _clip(column, MAX_BYTES - len(number)) + number
        found[name] = None
    return tuple(found)


def _clip(text: str, limit: int) -> str:
    return text.encode()[: max(limit, 0)].decode(errors="ignore")

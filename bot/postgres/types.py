"""A column's new type keeps the rows as they are, has them written anew, or nobody can tell.

Measured on PostgreSQL 14 to 18 (tests/test_types.py), and the same on all of them. Source:
`ATColumnChangeRequiresRewrite` in `src/backend/commands/tablecmds.c`, `pg_cast`, and the support
functions that find a change of length or precision to change no value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from bot.postgres.names import QualifiedName


@dataclass(frozen=True, slots=True)
class Type:
    """A type by PostgreSQL's own name for it, int4 say, with its modifiers: length, precision.

    `schema` is that of a type which is not PostgreSQL's own, None where nobody knows it.
    """

    name: str
    modifiers: tuple[int, ...] = ()
    array: bool = False
    schema: str | None = None

    @property
    def own(self) -> bool:
        """Whether it is one of PostgreSQL's own that are known here."""
        return self.schema is None and self.name in OWN

    @property
    def qualified(self) -> QualifiedName:
        return QualifiedName(self.schema, self.name)

    @property
    def element(self) -> Type:
        return replace(self, array=False)


Collation = tuple[str, ...]
"""What a column is sorted by, by its schema, unless that is PostgreSQL's own, and its name.

One word, "default" say, that of the database; none of a type that has no order of letters.
"""


def collation(kind: Type | None, written: Collation) -> Collation | None:
    """The collation of a column that is written so; None where the type is not known."""
    if written:
        return written[1:] if written[0] == "pg_catalog" else written
    if kind is None or not kind.own:
        return None
    return _COLLATIONS.get(kind.name, ())


class Work(IntEnum):
    """What becomes of the rows when a column's type changes."""

    NONE = 0
    UNKNOWN = 1
    REWRITE = 2


OWN = frozenset(
    (
        *("int2", "int4", "int8", "numeric", "float4", "float8", "money", "oid"),
        *("varchar", "text", "bpchar", "name", "char", "bytea"),
        *("timestamp", "timestamptz", "date", "time", "timetz", "interval"),
        *("bool", "uuid", "json", "jsonb", "xml", "bit", "varbit"),
        *("inet", "cidr", "macaddr", "macaddr8"),
        *("tsvector", "tsquery", "point", "box", "circle", "path", "polygon", "line", "lseg"),
        *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"),
        *("regclass", "regproc", "regtype"),
    )
)

# pg_type.typcollation
_COLLATIONS: dict[str, Collation] = {
    **dict.fromkeys(("text", "varchar", "bpchar"), ("default",)),
    "name": ("C",),
}

_NUMBERS_OF_OBJECTS = ("int4", "oid", "regclass", "regproc", "regtype")

# pg_cast: the bytes of the one are those of the other (castmethod b).
_SAME_BYTES = frozenset(
    (
        *(("varchar", other) for other in ("text", "bpchar")),
        *(("text", other) for other in ("varchar", "bpchar")),
        *(("xml", other) for other in ("text", "varchar", "bpchar")),
        ("cidr", "inet"),
        ("bit", "varbit"),
        ("varbit", "bit"),
        # One kind of object's number as another's goes by way of oid.
        *((one, "oid") for one in _NUMBERS_OF_OBJECTS),
        *((one, "int4") for one in _NUMBERS_OF_OBJECTS),
        *(("oid", one) for one in _NUMBERS_OF_OBJECTS),
        *(("int4", one) for one in _NUMBERS_OF_OBJECTS),
    )
)

_SAME_OPERATORS = (
    {"text", "varchar"},
    {"inet", "cidr"},
    {"oid", "regclass", "regproc", "regtype"},
)
_ZONES = {("timestamp", "timestamptz"), ("timestamptz", "timestamp")}
_FULL_PRECISION = 6
_ALL_FIELDS = 0x7FFF
_FIELDS = (1 << 12, 1 << 11, 1 << 10, 1 << 3, 1 << 1, 1 << 2, _ALL_FIELDS)  # seconds to years
_GROW = ("varchar", "varbit")
_PRECISE = ("timestamp", "timestamptz", "time", "timetz")


def work(steps: Iterable[Type | None], *, utc: bool = False) -> Work:
    """What it takes to turn values of the first type into the next and so on; None is unknown.

    `utc` where the time zone is known to be UTC.
    """
    return max((_work(old, new, utc=utc) for old, new in pairwise(steps)), default=Work.UNKNOWN)


def _work(old: Type | None, new: Type | None, *, utc: bool) -> Work:
    if old is None or new is None:
        return Work.UNKNOWN
    if old == new:
        return Work.NONE
    if not (old.own and new.own):
        return Work.UNKNOWN  # a domain over the same type needs none, an enum does
    if old.array or new.array:
        same = old.array and new.array and old.name == new.name and not new.modifiers
        return Work.NONE if same else Work.REWRITE
    if old.name == new.name:
        return Work.NONE if _holds(old, new) else Work.REWRITE
    if (old.name, new.name) in _ZONES:
        # The same bytes where TimeZone is UTC (timestamp_zone_transform).
        in_utc = Work.NONE if utc else Work.UNKNOWN
        return in_utc if _holds(Type(new.name), new) else Work.REWRITE
    same = (old.name, new.name) in _SAME_BYTES and _holds(Type(new.name), new)
    return Work.NONE if same else Work.REWRITE


def _holds(old: Type, new: Type) -> bool:
    """Whether every value of `old` is one of `new`, which differs in its modifiers alone."""
    if old.modifiers == new.modifiers or not new.modifiers:
        return True
    match new.name:
        case name if name in _PRECISE:
            return _precision(new.modifiers) >= _precision(old.modifiers)
        case name if name in _GROW and old.modifiers:
            return new.modifiers[0] >= old.modifiers[0]
        case "numeric" if old.modifiers:
            (digits, scale), (least, same) = _digits(new), _digits(old)
            return scale == same and digits >= least
        case "interval":
            return _interval_holds(old.modifiers, new.modifiers)
    return False


def have_other_operators(one: Type | None, other: Type | None) -> bool:
    """Whether an index of the one is certainly no index of the other (pg_opclass)."""
    if one is None or other is None or not (one.own and other.own) or one.array or other.array:
        return False
    kinds = {one.name, other.name}
    return len(kinds) > 1 and not any(kinds <= alike for alike in _SAME_OPERATORS)


def _digits(numeric: Type) -> tuple[int, int]:
    """Precision and scale, which is 0 where none is written."""
    precision, scale = (*numeric.modifiers, 0)[:2]
    return precision, scale


def _precision(modifiers: tuple[int, ...]) -> int:
    """Digits of a second."""
    return min((*modifiers, _FULL_PRECISION)[0], _FULL_PRECISION)


def _interval_holds(old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    """An interval's modifiers are the bits of its fields and the precision (interval_support)."""
    return _least(new) <= _least(old) and (
        _least(old) > 0 or _precision(new[1:]) >= _precision(old[1:])
    )


def _least(modifiers: tuple[int, ...]) -> int:
    """The place of an interval's smallest field: 0 for seconds, 5 for years."""
    fields = modifiers[0] if modifiers else _ALL_FIELDS
    return next(place for place, bit in enumerate(_FIELDS) if fields & bit)


def differ(one: Type | None, other: Type | None) -> bool:
    """Whether they certainly are not the same type."""
    if one is None or other is None or not (one.own and other.own):
        return False
    if (one.name, one.array) != (other.name, other.array):
        return True
    if one.name == "numeric" and one.modifiers and other.modifiers:
        return _digits(one) != _digits(other)
    return one.modifiers != other.modifiers

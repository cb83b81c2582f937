"""Whether checks imply the bound of a partition, as PostgreSQL would see it.

Source: `predicate_implied_by` in src/backend/optimizer/util/predtest.c and
`get_qual_from_partbound` in src/backend/partitioning/partbounds.c; measured on 14 to 18.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

NULL = "NULL"

_INTEGER = re.compile(r"-?[0-9]{1,40}")
_WORD = re.compile(r"[a-z]+")
_DATE = re.compile(r"'[0-9]{4}-[0-9]{2}-[0-9]{2}'")
_OPPOSITE = {
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "IN": "NOT IN",
    "NOT IN": "IN",
    "IS NULL": "IS NOT NULL",
    "IS NOT NULL": "IS NULL",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column operator values`, the values as SQL writes them; `a = 1` is `a IN (1)`."""

    column: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def negated(self) -> Comparison:
        return Comparison(self.column, _OPPOSITE[self.operator], self.values)

    @property
    def is_of_integers(self) -> bool:
        """Which is so without values as well: IS NULL compares with none."""
        return all(_INTEGER.fullmatch(value) for value in self.values)

    @property
    def is_alternative(self) -> bool:
        return self.operator == "IN" and len(self.values) > 1

    @property
    def each(self) -> tuple[Comparison, ...]:
        """NOT IN (1, 2) is <> 1 AND <> 2."""
        if self.operator != "NOT IN":
            return (self,)
        return tuple(Comparison(self.column, "NOT IN", (value,)) for value in self.values)

    def holds(self, number: int) -> bool:
        """Whether `number` is on this side of the integer that it is compared with."""
        limit = int(self.values[0])
        return (number < limit if self.operator[0] == "<" else number > limit) or (
            number == limit and self.operator in ("<=", ">=")
        )

    def implies(self, other: Comparison) -> bool:
        """Whether the server sees that `other` is true of every row of which this is."""
        if self.column != other.column or "NULL" in self.operator:
            return self == other
        match self.operator, other.operator:
            case "NOT IN", "NOT IN":
                return set(self.values) >= set(other.values)
            case "IN", "NOT IN" if self.is_of_integers and other.is_of_integers:
                return not set(map(int, self.values)) & set(map(int, other.values))
            case "<" | "<=" | ">" | ">=", "NOT IN" if self.is_of_integers and other.is_of_integers:
                return not any(self.holds(int(value)) for value in other.values)
            case ("NOT IN", _) | (_, "IS NOT NULL" | "NOT IN"):  # a CHECK lets nulls pass
                return False
            case "IN", "IN":
                return set(self.values) <= set(other.values)
            case operator, "<" | "<=" | ">" | ">=" if operator != "IN" and self == other:
                return True
            case _, "<" | "<=" | ">" | ">=" if self.is_of_integers and other.is_of_integers:
                return _reaches(self, other)
        return False


def _reaches(one: Comparison, other: Comparison) -> bool:
    """Of comparisons with integers; a < 11 is not seen to be a <= 10."""
    numbers, limit = [int(value) for value in one.values], int(other.values[0])
    below = other.operator[0] == "<"
    if one.operator != "IN" and (one.operator[0] == "<") != below:
        return False
    strict = other.operator in ("<", ">") and one.operator in ("<=", ">=", "IN")
    distances = [limit - number if below else number - limit for number in numbers]
    return all(distance >= strict for distance in distances)


@dataclass(frozen=True, slots=True)
class Predicate:
    """True where every comparison of one of its arms is.

    What the condition demands besides them is left out, and then it is not `complete`.
    """

    arms: tuple[tuple[Comparison, ...], ...]
    complete: bool = True

    @property
    def opposite(self) -> Predicate | None:
        """What is true where this is false; None where that is nothing so simple."""
        if not self.complete:
            return None
        if len(self.arms) == 1:
            return Predicate(tuple((one.negated,) for one in self.arms[0]))
        if all(len(arm) == 1 for arm in self.arms):
            return Predicate((tuple(one.negated for (one,) in self.arms),))
        return None


@dataclass(frozen=True, slots=True)
class PartitionKey:
    """PARTITION BY: the columns, None for an expression or a column with an order of its own."""

    strategy: str
    columns: tuple[str | None, ...]

    @property
    def column(self) -> str | None:
        """The column, where it is a single one."""
        return self.columns[0] if len(self.columns) == 1 else None

    def renamed(self, old: str, new: str) -> PartitionKey:
        columns = tuple(new if column == old else column for column in self.columns)
        return PartitionKey(self.strategy, columns)


@dataclass(frozen=True, slots=True)
class Bound:
    """FOR VALUES … of a partition, of the kind RANGE, LIST, HASH or DEFAULT.

    Only of a `simple` one are the values known: literals, for a key of one column. A limit is None
    for MINVALUE or MAXVALUE.
    """

    kind: str
    lower: str | None = None
    upper: str | None = None
    values: tuple[str, ...] = ()
    simple: bool = False

    def overlaps(self, other: Bound) -> bool:
        """Whether some row certainly belongs to both."""
        if self.kind != other.kind or not (self.simple and other.simple):
            return False
        if self.kind == "LIST":
            return bool(set(self.values) & set(other.values))
        pairs = ((self.lower, other.upper), (other.lower, self.upper))
        return all(low is None or high is None or _is_less(low, high) for low, high in pairs)

    def predicate(self, column: str) -> Predicate | None:
        """The rows that belong there; None where that is not known."""
        if not self.simple:
            return None
        if self.kind == "LIST":
            members = tuple(dict.fromkeys(value for value in self.values if value != NULL))
            within = (Comparison(column, "IN", members),) if members else ()
            if NULL not in self.values:
                return Predicate(((Comparison(column, "IS NOT NULL"), *within),))
            return Predicate(((Comparison(column, "IS NULL"),), *((one,) for one in within)))
        limits = ((">=", self.lower), ("<", self.upper))
        ordered = [Comparison(column, sign, (limit,)) for sign, limit in limits if limit]
        return Predicate(((Comparison(column, "IS NOT NULL"), *ordered),))


def _is_less(one: str, other: str) -> bool:
    """Of integers or dates as SQL writes them; of anything else nobody can tell."""
    if _INTEGER.fullmatch(one) and _INTEGER.fullmatch(other):
        return int(one) < int(other)
    return bool(_DATE.fullmatch(one) and _DATE.fullmatch(other)) and one < other


def implied(
    wanted: Predicate, checks: Collection[Predicate | None], not_null: Collection[str]
) -> bool | None:
    """Whether `checks`, all of them true, make `wanted` true; None where only a server can tell.

    A check that is None is one that nothing is known of.
    """
    checks = [check for check in checks if not (check and _is_apart(check, wanted))]
    known = [one for check in checks if check for one in (check, *_by_value(check))]
    facts = [Comparison(column, "IS NOT NULL") for column in sorted(not_null)]
    facts += [one for check in known if len(check.arms) == 1 for one in check.arms[0]]
    if any(_proves(facts, arm) for arm in wanted.arms):
        return True
    if any(all(_leads(arm, wanted, facts) for arm in check.arms) for check in known):
        return True
    return False if not checks or _is_decided(wanted, checks) else None


def _is_apart(check: Predicate, wanted: Predicate) -> bool:
    """Whether it only excludes values of which nothing is wanted."""
    given = [one for arm in check.arms for one in arm]
    values = {value for arm in wanted.arms for one in arm for value in one.values}
    return check.complete and all(
        one.operator == "NOT IN" and all(_are_different(v, w) for v in one.values for w in values)
        for one in given
    )


def _are_different(one: str, other: str) -> bool:
    """Of integers and words, which SQL may write in quotes; of anything else nobody can tell."""
    one, other = one.strip("'").casefold(), other.strip("'").casefold()
    if _INTEGER.fullmatch(one) and _INTEGER.fullmatch(other):
        return int(one) != int(other)
    told = (bool(_INTEGER.fullmatch(text) or _WORD.fullmatch(text)) for text in (one, other))
    return all(told) and one != other


def _by_value(check: Predicate) -> Iterable[Predicate]:
    """a IN (1, 2) is a = 1 OR a = 2."""
    for arm in check.arms if len(check.arms) == 1 else ():
        for one in arm:
            if one.is_alternative:
                rest = tuple(other for other in arm if other != one)
                several = (Comparison(one.column, "IN", (value,)) for value in one.values)
                yield Predicate(tuple((*rest, value) for value in several), check.complete)


def _is_decided(wanted: Predicate, checks: Collection[Predicate | None]) -> bool:
    """Whether nothing else could be seen in them: they only compare columns with integers."""
    known = [check for check in checks if check and check.complete]
    alternatives = {check for check in known if len(check.arms) > 1}
    told = [one for check in (wanted, *known) for arm in check.arms for one in arm]
    given = [one for check in known for arm in check.arms for one in arm]
    return (
        len(known) == len(checks)
        # Each value of IN is an alternative, too.
        and len(alternatives) + len([one for one in given if one.is_alternative]) <= 1
        and all(one.is_of_integers for one in told)
        and all(one.operator != "IS NULL" for one in given)
    )


def _leads(arm: Collection[Comparison], wanted: Predicate, facts: list[Comparison]) -> bool:
    return any(_proves([*arm, *facts], other) for other in wanted.arms)


def _proves(facts: Collection[Comparison], arm: Collection[Comparison]) -> bool:
    return all(any(fact.implies(one) for fact in facts) for whole in arm for one in whole.each)

"""What is known of domains, and which columns are of which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot.postgres.catalog.columns import Column
from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName

AT_MOST = 50
"""How many columns of one domain are named, lest a message be too long to read."""

_MOST_DERIVED = 1000
"""A bound for hostile texts, as of the domains that are built on one."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain as far as the statements so far have shown it, or any type that may be one.

    `oid` is what stays the same when it is renamed, `base` that of the type it is built on. It is
    `checked` where it is known to have a CHECK.
    """

    oid: int
    created: bool = False
    not_null: bool = False
    checked: bool = False
    base: int = 0


@dataclass(frozen=True, slots=True)
class User:
    """A column that holds a domain or arrays of it, and the oid of its table."""

    table: int
    column: Column
    array: bool


class Domains:
    """The domains and columns that the change has mentioned."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._domains: dict[QualifiedName, Domain] = {}
        self._by_oid: dict[int, Domain] = {}
        self._derived: dict[int, dict[int, bool]] = {}
        self._users: dict[int, dict[User, bool]] = {}
        self._of: dict[Column, int] = {}
        self._gone: dict[int, bool] = {}
        self._oids = 0

    def __contains__(self, name: QualifiedName) -> bool:
        return name in self._domains

    def get(self, name: QualifiedName) -> Domain | None:
        return self._domains.get(name)

    def create(
        self, name: QualifiedName, base: QualifiedName, *, not_null: bool, checked: bool
    ) -> None:
        below = self._oid(base)
        domain = Domain(self._next(), True, not_null, checked, below)
        self._put(name, domain)
        self._journal.put(self._derived.setdefault(below, {}), domain.oid, True)

    def set_not_null(self, name: QualifiedName) -> None:
        self._oid(name)
        self._put(name, replace(self._domains[name], not_null=True))

    def set_checked(self, name: QualifiedName) -> None:
        self._oid(name)
        self._put(name, replace(self._domains[name], checked=True))

    def drop_constraint(self, name: QualifiedName) -> None:
        """Nobody knows which, nor whether there are others."""
        self._oid(name)
        self._put(name, replace(self._domains[name], not_null=False, checked=False))

    def is_constrained(self, name: QualifiedName) -> bool:
        """Whether it, or what it is built on, is known to have a constraint."""
        known = self.get(name)
        for _ in range(_MOST_DERIVED):
            if known is None or known.not_null or known.checked:
                return known is not None
            known = self._by_oid.get(known.base)
        return False

    def _put(self, name: QualifiedName, domain: Domain) -> None:
        self._journal.put(self._domains, name, domain)
        self._journal.put(self._by_oid, domain.oid, domain)

    def rename(self, old: QualifiedName, new: QualifiedName) -> None:
        self._oid(old)
        self._journal.put(self._domains, new, self._domains[old])
        self._journal.remove(self._domains, old)

    def drop(self, name: QualifiedName) -> None:
        known = self.get(name)
        if known:
            self._journal.remove(self._domains, name)
            self._journal.put(self._gone, known.oid, True)

    def use(self, table: int, column: Column, name: QualifiedName, *, array: bool) -> None:
        oid = self._oid(name)
        self._journal.put(self._of, column, oid)
        self._journal.put(self._users.setdefault(oid, {}), User(table, column, array), True)

    def leave(self, column: Column) -> None:
        """The column is gone, or of another type."""
        self._journal.remove(self._of, column)

    def made(self, column: Column) -> int:
        """The oid of the domain that the column is of, 0 unless the change has created that."""
        known = self._by_oid.get(self._of.get(column, 0))
        return known.oid if known and known.base else 0

    def users(self, name: QualifiedName) -> Iterator[User]:
        """The columns of the domain, and of those that are built on it; of very many the first."""
        yield from islice(self._users_of(name), AT_MOST)

    def _users_of(self, name: QualifiedName) -> Iterator[User]:
        known = self.get(name)
        left = [known.oid] if known else []
        for _ in range(_MOST_DERIVED):
            if not left:
                return
            oid = left.pop()
            if oid in self._gone:
                continue
            left += self._derived.get(oid, {})
            for user in self._users.get(oid, {}):
                if self._of.get(user.column) == oid:
                    yield user

    def grow_old(self) -> None:
        """The domains known so far have been there before: columns of them are to be expected."""
        for name, domain in self._domains.items():
            if domain.created:
                self._domains[name] = replace(domain, created=False)

    def _oid(self, name: QualifiedName) -> int:
        if name not in self._domains:
            self._put(name, Domain(self._next()))
        return self._domains[name].oid

    def _next(self) -> int:
        self._oids += 1
        return self._oids

"""A constraint of a domain is checked in every table that uses it, while those refuse writes.

Measured on PostgreSQL 14 to 18: src/backend/commands/typecmds.c takes SHARE locks wherever it
validates, for VALIDATE CONSTRAINT as well and however often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.postgres.catalog import Catalog
from bot.postgres.catalog.columns import WHOLE_ROW
from bot.postgres.catalog.domains import User
from bot.postgres.effects.base import NOTHING, Effect, Lock, distinct, exclusive
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddDomainCheck,
    CreateDomain,
    DropDomain,
    DropDomainNotNull,
    Operation,
    RenameDomain,
    SetDomainNotNull,
    ValidateDomainConstraint,
)


def effect(operation: Operation, catalog: Catalog) -> Effect:
    match operation:
        case AddDomainCheck(domain, not_valid=False) | ValidateDomainConstraint(domain):
            return _checking(domain, catalog)
        case SetDomainNotNull(domain):
            known = catalog.domains.get(domain)
            return NOTHING if known and known.not_null else _checking(domain, catalog)
        case DropDomain(domain, cascade=True):
            tables = _tables(catalog.domains.users(domain), catalog)
            return exclusive(*tables) if tables else NOTHING
        case _:
            return NOTHING


def _checking(domain: QualifiedName, catalog: Catalog) -> Effect:
    users = tuple(catalog.domains.users(domain))
    # Partitioned tables themselves hold no rows; their partitions are locked and read.
    tables = [
        one
        for one in _tables(users, catalog)
        if not (catalog[one].partitioned or catalog[one].foreign)
    ]
    arrays = _tables((user for user in users if user.array), catalog)
    refused = "Some column holds arrays of the domain." if arrays else None
    locks = tuple(Lock(one, LockMode.SHARE) for one in tables)
    known = catalog.domains.get(domain)
    return Effect(
        locks,
        tuple(sorted(tables, key=catalog.holds_no_rows)),
        values=tuple(_values(users, tables, catalog)),
        elsewhere=known is None or not known.created,
        refused=refused,
    )


def _values(
    users: Iterable[User], tables: Sequence[QualifiedName], catalog: Catalog
) -> Iterator[tuple[QualifiedName, str]]:
    read = frozenset(tables)
    for user in users:
        table, column = catalog.tables.places.get(user.table), catalog.columns.name_of(user.column)
        if table and table in read and column != WHOLE_ROW:
            yield table, column


def _tables(users: Iterable[User], catalog: Catalog) -> tuple[QualifiedName, ...]:
    """Those that are still there, and what is below them, which has the same columns."""
    names = (catalog.tables.places.get(user.table) for user in users)
    return distinct(one for name in names if name for one in (name, *catalog.trees.below(name)))


def learn(operation: Operation, catalog: Catalog) -> None:
    domains = catalog.domains
    match operation:
        case CreateDomain(domain, base, not_null, checked):
            domains.create(domain, base, not_null=not_null, checked=checked)
        case AddDomainCheck(domain):
            domains.set_checked(domain)
        case SetDomainNotNull(domain):
            domains.set_not_null(domain)
        case DropDomainNotNull(domain):
            domains.drop_constraint(domain)
        case RenameDomain(domain):
            domains.rename(domain, operation.renamed)
        case DropDomain(domain, cascade):
            for table in catalog.composites.tables(domain) if cascade else ():
                catalog.drop(table)
            domains.drop(domain)

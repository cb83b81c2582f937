"""What is asked of a domain, and through it of every table with a column of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import Operation


@dataclass(frozen=True, slots=True)
class OnDomain(Operation):
    """An operation on one domain."""

    domain: QualifiedName


@dataclass(frozen=True, slots=True)
class CreateDomain(OnDomain):
    """CREATE DOMAIN … AS base"""

    base: QualifiedName
    not_null: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class AddDomainCheck(OnDomain):
    """ALTER DOMAIN … ADD CHECK [NOT VALID]"""

    not_valid: bool = False


@dataclass(frozen=True, slots=True)
class SetDomainNotNull(OnDomain):
    """ALTER DOMAIN … SET NOT NULL, or since PostgreSQL 17 ADD NOT NULL"""


@dataclass(frozen=True, slots=True)
class DropDomainNotNull(OnDomain):
    """ALTER DOMAIN … DROP NOT NULL, or DROP CONSTRAINT, which may be the one of that"""


@dataclass(frozen=True, slots=True)
class ValidateDomainConstraint(OnDomain):
    """ALTER DOMAIN … VALIDATE CONSTRAINT name"""

    name: str


@dataclass(frozen=True, slots=True)
class RenameDomain(OnDomain):
    """ALTER DOMAIN … RENAME TO name, or SET SCHEMA; None is what stays as it was."""

    name: str | None = None
    schema: str | None = None

    @property
    def renamed(self) -> QualifiedName:
        """The name that it goes by afterwards."""
        return QualifiedName(self.schema or self.domain.schema, self.name or self.domain.name)


@dataclass(frozen=True, slots=True)
class DropDomain(OnDomain):
    """DROP DOMAIN or DROP TYPE, for each that it names; with `cascade` its columns go too."""

    cascade: bool = False

"""What is asked of an enum."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import Operation


@dataclass(frozen=True, slots=True)
class OnEnum(Operation):
    """An operation on one enum."""

    type: QualifiedName


@dataclass(frozen=True, slots=True)
class CreateEnum(OnEnum):
    """CREATE TYPE … AS ENUM"""


@dataclass(frozen=True, slots=True)
class AddEnumValue(OnEnum):
    """ALTER TYPE … ADD VALUE"""

    value: str


@dataclass(frozen=True, slots=True)
class RenameEnumValue(OnEnum):
    """ALTER TYPE … RENAME VALUE"""

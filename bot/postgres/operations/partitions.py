"""A table becomes a part of another, or leaves it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.postgres.names import QualifiedName
from bot.postgres.operations.base import OnTable


@dataclass(frozen=True, slots=True)
class AttachPartition(OnTable):
    """ALTER TABLE … ATTACH PARTITION partition"""

    partition: QualifiedName


@dataclass(frozen=True, slots=True)
class Inherit(OnTable):
    """ALTER TABLE … INHERIT parent"""

    parent: QualifiedName

"""A lowering turns one kind of statement into operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.postgres.operations import Operation
from bot.sql.tree import Tree

Operations = Iterator[Operation]
Lowering = Callable[[Tree], Operations]

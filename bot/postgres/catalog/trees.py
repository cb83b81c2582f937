"""Which tables are partitions or children of which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.postgres.journal import Journal
from bot.postgres.names import QualifiedName
from bot.postgres.predicates import Bound, PartitionKey

PATIENCE = 50_000
"""How many tables below others are looked at in all; from then on only FEW of each."""
FEW = 8


class Trees:
    """The links that the change and the migrations before it have made.

    They are kept by oid, which `oid` tells of a table and `names` translates back.
    """

    def __init__(
        self,
        journal: Journal,
        oid: Callable[[QualifiedName], int],
        names: Mapping[int, QualifiedName],
    ) -> None:
        self._journal, self._oid, self._names = journal, oid, names
        self._children: dict[int, dict[int, bool]] = {}
        self._parents: dict[int, dict[int, bool]] = {}
        self._defaults: dict[int, int] = {}
        self._keys: dict[int, PartitionKey] = {}
        self._bounds: dict[int, Bound] = {}
        self._patience = PATIENCE

    def link(self, parent: QualifiedName, child: QualifiedName) -> None:
        above, below = self._oid(parent), self._oid(child)
        self._journal.put(self._children.setdefault(above, {}), below, True)
        self._journal.put(self._parents.setdefault(below, {}), above, True)

    def unlink(self, parent: QualifiedName, child: QualifiedName) -> None:
        self._unlink(self._oid(parent), self._oid(child))

    def _unlink(self, above: int, below: int) -> None:
        self._journal.remove(self._children.get(above, {}), below)
        self._journal.remove(self._parents.get(below, {}), above)
        self._journal.remove(self._bounds, below)
        if self._defaults.get(above) == below:
            self._journal.remove(self._defaults, above)

    def forget(self, table: QualifiedName) -> None:
        """It is dropped."""
        oid = self._oid(table)
        for above in tuple(self._parents.get(oid, ())):
            self._unlink(above, oid)
        for below in tuple(self._children.get(oid, ())):
            self._unlink(oid, below)

    def is_parent(self, table: QualifiedName) -> bool:
        """Whether tables below it, partitions or children, are known."""
        return bool(self._children.get(self._oid(table)))

    def parents(self, table: QualifiedName) -> list[QualifiedName]:
        """The tables whose partition or child it is."""
        return [self._names[oid] for oid in self._parents.get(self._oid(table), ())]

    def children(self, table: QualifiedName) -> list[QualifiedName]:
        """The tables directly below it, as far as they are known."""
        return [self._names[oid] for oid in self._below(self._oid(table), deep=False)]

    def below(self, table: QualifiedName) -> list[QualifiedName]:
        """The known children of a table, theirs and so on, each once and behind its parent."""
        return [self._names[oid] for oid in self._below(self._oid(table), deep=True)]

    def _below(self, table: int, *, deep: bool) -> list[int]:
        limit = max(self._patience, FEW)
        found: dict[int, None] = {}
        left = [iter(self._children.get(table, ()))]
        while left and len(found) < limit:
            child = next(left[-1], None)
            if child is None:
                left.pop()
            elif child not in found:
                found[child] = None
                if deep:
                    left.append(iter(self._children.get(child, ())))
        self._patience -= len(found)
        return list(found)

    def set_bound(self, partition: QualifiedName, bound: Bound) -> None:
        self._journal.put(self._bounds, self._oid(partition), bound)

    def bounds(self, table: QualifiedName) -> Iterator[Bound]:
        """Those of its partitions, as far as they are known."""
        for child in self._children.get(self._oid(table), ()):
            if child in self._bounds:
                yield self._bounds[child]

    def set_default(self, parent: QualifiedName, partition: QualifiedName) -> None:
        self._journal.put(self._defaults, self._oid(parent), self._oid(partition))

    def default(self, table: QualifiedName) -> QualifiedName | None:
        """Its partition for whatever has no other, where it is known."""
        oid = self._defaults.get(self._oid(table))
        return None if oid is None else self._names[oid]

    def has_others(self, table: QualifiedName) -> bool:
        """Whether partitions besides the default one are known."""
        oid = self._oid(table)
        children = self._children.get(oid, {})
        return len(children) > (self._defaults.get(oid) in children)

    def set_key(self, table: QualifiedName, key: PartitionKey) -> None:
        self._journal.put(self._keys, self._oid(table), key)

    def key(self, table: QualifiedName) -> PartitionKey | None:
        """What it is partitioned by, where that is known."""
        return self._keys.get(self._oid(table))

"""Two table locks conflict exactly where PostgreSQL says they do.

Source: PostgreSQL documentation, "Explicit Locking", table "Conflicting Lock Modes".
"""

from __future__ import annotations

from enum import IntEnum


class LockMode(IntEnum):
    """A table-level lock mode; the numbers are those of PostgreSQL's `lockdefs.h`."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    def __str__(self) -> str:
        return self.name.replace("_", " ")

    def conflicts_with(self, other: LockMode) -> bool:
        """Whether one session waits for this mode while another holds `other`."""
        return other in _CONFLICTS[self]

    def covers(self, other: LockMode) -> bool:
        """Whether holding this mode makes `other` say nothing new: it conflicts with all that."""
        return _CONFLICTS[self] >= _CONFLICTS[other]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Who waits while this mode is held: nobody, ("writes",) or ("reads", "writes")."""
        reads = ("reads",) if self.conflicts_with(LockMode.ACCESS_SHARE) else ()
        writes = ("writes",) if self.conflicts_with(LockMode.ROW_EXCLUSIVE) else ()
        return reads + writes


_CONFLICTS: dict[LockMode, frozenset[LockMode]] = {
    LockMode(mode): frozenset(LockMode(other) for other in others)
    for mode, others in {
        1: (8,),
        2: (7, 8),
        3: (5, 6, 7, 8),
        4: (4, 5, 6, 7, 8),
        5: (3, 4, 6, 7, 8),
        6: (3, 4, 5, 6, 7, 8),
        7: (2, 3, 4, 5, 6, 7, 8),
        8: (1, 2, 3, 4, 5, 6, 7, 8),
    }.items()
}

"""One lock mode covers another when it conflicts with everything that the other conflicts with."""

ACCESS_SHARE = "ACCESS SHARE"
ROW_SHARE = "ROW SHARE"
ROW_EXCLUSIVE = "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE = "SHARE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
EXCLUSIVE = "EXCLUSIVE"
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

MODES = (
    ACCESS_SHARE,
    ROW_SHARE,
    ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    EXCLUSIVE,
    ACCESS_EXCLUSIVE,
)

# PostgreSQL documentation, Explicit Locking, "Conflicting Lock Modes".
CONFLICTS = {
    ACCESS_SHARE: frozenset(MODES[7:]),
    ROW_SHARE: frozenset(MODES[6:]),
    ROW_EXCLUSIVE: frozenset(MODES[4:]),
    SHARE_UPDATE_EXCLUSIVE: frozenset(MODES[3:]),
    SHARE: frozenset(MODES[2:4] + MODES[5:]),
    SHARE_ROW_EXCLUSIVE: frozenset(MODES[2:]),
    EXCLUSIVE: frozenset(MODES[1:]),
    ACCESS_EXCLUSIVE: frozenset(MODES),
}

# pg_locks says "AccessExclusiveLock".
DISPLAYED = {mode.title().replace(" ", "") + "Lock": mode for mode in MODES}

Lock = tuple[str, str]


def telling(taken: frozenset[Lock], held: frozenset[Lock]) -> frozenset[Lock]:
    """The locks among those taken that no other lock, taken or held, makes redundant."""
    new = taken - held
    return frozenset(lock for lock in new if not any(covers(other, lock) for other in new | held))


def covers(other: Lock, lock: Lock) -> bool:
    return other[0] == lock[0] and CONFLICTS[lock[1]] < CONFLICTS[other[1]]

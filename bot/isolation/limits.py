"""A process gives up, for good, whatever a review does not need."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

_NOBODY = 65534  # a user and group that owns nothing


@dataclass(frozen=True, slots=True)
class Limits:
    """A file of 10 MB, of 127,000 statements, takes under three minutes in all and 2.6 GB.

    `seconds` are for each step: reading a file, simulating those of one database, writing the
    fixes of one. `seconds_in_all` are for all steps, begun anew or not.
    """

    seconds: float = 120
    seconds_in_all: float = 600
    megabytes: int = 4000


LIMITS = Limits()


def bound(limits: Limits) -> None:
    """Of memory and time no more than `limits`; a crash leaves no copy of the memory behind."""
    _set("RLIMIT_AS", limits.megabytes * 1_000_000)
    _set("RLIMIT_CPU", int(limits.seconds_in_all) + 1)
    _set("RLIMIT_CORE", 0)


def shut() -> None:
    """From here on it is nobody, starts nothing, and opens neither file nor connection.

    What is open stays so. Where the process is not root, it stays the user that it is.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        with suppress(OSError):  # in a container without this right
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    for name in ("RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
        _set(name, 0)


def _set(name: str, most: int) -> None:
    """Windows knows no limits, and macOS not all of them."""
    try:
        import resource
    except ImportError:
        return
    with suppress(AttributeError, ValueError, OSError):
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def conceal() -> None:
    """Keep other processes of the same user from reading this one's memory and environment."""
    import ctypes
    import sys

    if sys.platform == "linux":
        set_dumpable = 4  # PR_SET_DUMPABLE in linux/prctl.h
        ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)

"""A hidden marker tells the bot which of its own comments speaks of what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from bot.model.report import NotAnalysed, Remark

# A table may be called like a marker, so only the last line, which no name reaches, is believed.
_MARKER = re.compile(r"<!-- pg-lockstep((?: [0-9a-f]{16})+) -->")


def marker(identities: Iterable[str]) -> str:
    return f"<!-- pg-lockstep {' '.join(identities)} -->"


def identities_in(text: str) -> frozenset[str]:
    """What the markers of a comment, which must be the bot's own, speak of."""
    found = _MARKER.fullmatch(text.rstrip().rpartition("\n")[2])
    return frozenset(found[1].split()) if found else frozenset()


def identity(remark: Remark) -> str:
    """The same as long as the file, the rule and the clause are."""
    return _digest(remark.finding.source.path, remark.fingerprint)


def identity_of_gap(gap: NotAnalysed) -> str:
    text = gap.source[gap.span] if gap.source and gap.span else ""
    return _digest(gap.path, gap.reason, text)


def identity_of_all(identities: Iterable[str]) -> str:
    """One for all that a review has to say, whatever the order."""
    return _digest(*sorted(identities))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

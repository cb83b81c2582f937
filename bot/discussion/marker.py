"""A hidden marker tells the bot which of its own comments speaks of what, and how it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from bot.model.report import NotAnalysed, Remark

LONGEST = 60_000  # characters; GitHub's limit for a body is 65,536

# A table may be called like a marker, so only the last line, which no name reaches, is believed.
_MARKER = re.compile(r"<!-- pg-lockstep((?: [0-9a-f]{16})+)( fixed)?(?: text=([0-9a-f]{16}))? -->")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a text of the bot speaks of; `text` is a digest of what it says.

    GitHub may change white space, so texts are compared by their marks.
    """

    identities: frozenset[str] = frozenset()
    fixed: bool = False
    text: str = ""


def signed(text: str, identities: Iterable[str], *, says: str = "", fixed: bool = False) -> str:
    """`text` with its marker; what it `says` is all of it, or the part whose changes matter."""
    state = " fixed" if fixed else ""
    names = " ".join(identities)
    return f"{text}\n\n<!-- pg-lockstep {names}{state} text={_digest(says or text)} -->"


def mark_in(text: str) -> Mark:
    """The marker of a comment, which must be the bot's own."""
    found = _MARKER.fullmatch(text.rstrip().rpartition("\n")[2])
    if not found:
        return Mark()
    return Mark(frozenset(found[1].split()), bool(found[2]), found[3] or "")


def identity(remark: Remark) -> str:
    """The same as long as the file, the rule and the clause are."""
    return _digest(remark.finding.source.path, remark.fingerprint)


def identity_of_gap(gap: NotAnalysed) -> str:
    text = gap.source[gap.span] if gap.source and gap.span else ""
    return _digest(gap.path, gap.reason, text)


def identity_of_group(path: str, rule: str) -> str:
    """One for all findings of a rule in a file, however many there are."""
    return _digest("group", path, rule)


def identity_of_setting(path: str) -> str:
    """Of the notice that the file at `path` is the configuration."""
    return _digest("configuration", path)


def identity_of_all(identities: Iterable[str]) -> str:
    """One for all that a review has to say, whatever the order."""
    return _digest(*sorted(identities))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""The next migration is numbered as the ones before it: as wide, and later than all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

_TIMESTAMP = "%Y%m%d%H%M%S"
_LAST = "99991231235800"  # there is no minute after this one


def next_number(others: Iterable[str], seconds: int = 1) -> str:
    """The number after the highest of `others`: `seconds` later for timestamps, else one more.

    The highest number decides the width. It needs no clock, so the same change always gets
    the same answer.
    """
    highest = max(others, key=lambda digits: (int(digits), len(digits)))
    moment = _timestamp(highest)
    if moment:
        later = moment + timedelta(seconds=seconds)
        return "".join(character for character in later.isoformat() if character.isdigit())
    return str(int(highest) + 1).zfill(len(highest))


def _timestamp(digits: str) -> datetime | None:
    if len(digits) != 14 or digits > _LAST:
        return None
    try:
        return datetime.strptime(digits, _TIMESTAMP)  # noqa: DTZ007 (a version, no instant)
    except ValueError:
        return None

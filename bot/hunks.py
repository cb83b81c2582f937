"""The lines of a file that a patch shows: those it adds, and the hunks that they lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from unidiff import PatchedFile, PatchSet, UnidiffParseError

from bot.model.source import Lines


@dataclass(frozen=True, slots=True)
class Hunks:
    """`added` are the numbers of new lines; `ranges` the lines, new and context, of each hunk."""

    added: frozenset[int] = frozenset()
    ranges: tuple[Lines, ...] = ()

    def hold(self, lines: Lines) -> bool:
        """Whether one hunk holds all of `lines`, as GitHub asks of a comment."""
        return any(hunk.first <= lines.first and lines.last <= hunk.last for hunk in self.ranges)


def hunks(patch: str) -> Hunks | None:
    """The hunks of one file's patch, with or without its header; None if it cannot be read."""
    start = patch.find("@@")
    try:
        (file,) = PatchSet(f"--- a/file\n+++ b/file\n{patch[start:]}\n") if start >= 0 else ((),)
    except (UnidiffParseError, ValueError):
        return None
    return _hunks(file) if isinstance(file, PatchedFile) else Hunks()


def added(before: str, now: str) -> frozenset[int]:
    """The lines that `now` has beyond those of `before`, for files without a patch.

    Between the beginning and the end that both have, a line that changed places counts as old.
    """
    old, new = before.split("\n"), now.split("\n")
    first = _alike(old, new)
    end = _alike(old[first:][::-1], new[first:][::-1])
    left = Counter(old[first : len(old) - end])
    numbers = set[int]()
    for number, line in enumerate(new[first : len(new) - end], first + 1):
        left[line] -= 1
        if left[line] < 0:
            numbers.add(number)
    return frozenset(numbers)


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(some), len(others)))


def _hunks(file: PatchedFile) -> Hunks:
    return Hunks(
        frozenset(
            line.target_line_no
            for hunk in file
            for line in hunk
            if line.is_added and line.target_line_no
        ),
        tuple(
            Lines(hunk.target_start, hunk.target_start + hunk.target_length - 1)
            for hunk in file
            if hunk.target_length
        ),
    )

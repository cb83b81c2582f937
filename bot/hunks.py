"""The lines of a file that a patch shows: those it adds, and the hunks that they lie in."""

from __future__ import annotations

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

"""A diff is read once into files, hunks and rows that know their line on either side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Side = Literal["LEFT", "RIGHT"]
STATUS = {
    "A": "added",
    "M": "modified",
    "D": "removed",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Row:
    """One line of a hunk: absent on the left when added, on the right when deleted."""

    left: int | None
    right: int | None
    text: str

    def on(self, side: Side) -> int | None:
        return self.left if side == "LEFT" else self.right


@dataclass(frozen=True)
class Hunk:
    header: str
    rows: tuple[Row, ...]

    def index(self, side: Side, line: int) -> int | None:
        return next((i for i, row in enumerate(self.rows) if row.on(side) == line), None)

    def up_to(self, side: Side, line: int) -> str:
        """What GitHub keeps as a comment's `diff_hunk`: the hunk down to the line."""
        end = self.index(side, line)
        assert end is not None
        return "\n".join((self.header, *(row.text for row in self.rows[: end + 1])))


@dataclass(frozen=True)
class FileDiff:
    path: str
    previous_path: str | None
    status: str
    old_blob: str
    new_blob: str
    additions: int
    deletions: int
    patch: str | None

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(read_hunks(self.patch or ""))

    @property
    def blob(self) -> str:
        return self.old_blob if self.status == "removed" else self.new_blob

    def hunk(self, side: Side, line: int) -> Hunk | None:
        return next((hunk for hunk in self.hunks if hunk.index(side, line) is not None), None)

    def line_after(self, line: int) -> int | None:
        """Where a line of the old file stands in the new one; None when it was changed or deleted."""
        shift = 0
        for hunk in self.hunks:
            lefts = [row.left for row in hunk.rows if row.left is not None]
            if _first_left(hunk) > line:
                break
            if line in lefts:
                return next(row.right for row in hunk.rows if row.left == line)
            shift += sum(row.left is None for row in hunk.rows) - sum(
                row.right is None for row in hunk.rows
            )
        return line + shift

    def at_position(self, position: int) -> tuple[Side, int] | None:
        """The deprecated `position`: rows counted below the first `@@`, later headers included."""
        rows: list[Row | None] = []
        for number, hunk in enumerate(self.hunks):
            rows += [None] * bool(number) + list(hunk.rows)
        row = rows[position - 1] if 0 < position <= len(rows) else None
        if row is None:
            return None
        return ("RIGHT", row.right) if row.right is not None else ("LEFT", row.left or 0)

    def position(self, side: Side, line: int) -> int | None:
        before = 0
        for hunk in self.hunks:
            index = hunk.index(side, line)
            if index is not None:
                return before + index + 1
            before += len(hunk.rows) + 1
        return None


def _first_left(hunk: Hunk) -> int:
    """The first old line that a hunk stands on or, when it has none, stands before."""
    start = HUNK.match(hunk.header)
    assert start is not None
    return int(start[1]) + (start[2] == "0")


def read_hunks(patch: str) -> Iterator[Hunk]:
    header, rows, left, right = "", list[Row](), 0, 0
    for text in patch.split("\n") if patch else ():
        if start := HUNK.match(text):
            if header:
                yield Hunk(header, tuple(rows))
            header, rows, left, right = text, [], int(start[1]), int(start[3])
            continue
        match text[:1]:
            case "+":
                rows.append(Row(None, right, text))
                right += 1
            case "-":
                rows.append(Row(left, None, text))
                left += 1
            case "\\":
                continue
            case _:
                rows.append(Row(left, right, text))
                left, right = left + 1, right + 1
    if header:
        yield Hunk(header, tuple(rows))


def read_diff(output: bytes) -> tuple[FileDiff, ...]:
    """Reads `git diff-tree -z --raw --numstat -p`."""
    facts, patch = _split(output)
    sections = iter(re.split(rb"(?m)^(?=diff --git )", patch)[1:])
    return tuple(_file(raw, counts, sections) for raw, counts in facts)


Raw = tuple[str, str, str, str, str | None]


def _split(output: bytes) -> tuple[list[tuple[Raw, tuple[int, int]]], bytes]:
    rest = output
    raws: list[Raw] = []
    while rest.startswith(b":"):
        head, path, rest = rest.split(b"\0", 2)
        old, new, letter = head.decode().split()[2:5]
        previous = None
        if letter[0] in "RC":
            previous = path.decode(errors="replace")
            path, rest = rest.split(b"\0", 1)
        raws.append((letter[0], old, new, path.decode(errors="replace"), previous))
    counts: list[tuple[int, int]] = []
    for raw in raws:
        record, rest = rest.split(b"\0", 1)
        added, deleted, _ = record.decode(errors="replace").split("\t", 2)
        counts.append((0, 0) if added == "-" else (int(added), int(deleted)))
        if raw[4] is not None:
            _, _, rest = rest.split(b"\0", 2)
    return list(zip(raws, counts, strict=True)), rest.removeprefix(b"\0")


def _file(raw: Raw, counts: tuple[int, int], sections: Iterator[bytes]) -> FileDiff:
    letter, old, new, path, previous = raw
    section = next(sections)
    if letter == "T":
        next(sections)  # a change of type is printed as a deletion and an addition
    return FileDiff(
        path,
        previous,
        STATUS[letter],
        old,
        new,
        *counts,
        None if letter == "T" else _patch(section),
    )


def _patch(section: bytes) -> str | None:
    start = section.find(b"\n@@ ")
    return None if start < 0 else section[start + 1 :].decode(errors="replace").removesuffix("\n")

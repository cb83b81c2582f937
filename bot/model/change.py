"""A change is the files that differ, with what is known of each before and after."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.model.source import Source

MAX_BYTES = 10_000_000


class FileStatus(Enum):
    ADDED = "added"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file as the change leaves it: its `text`, or a sentence saying why that is not known.

    `touched` are the lines that the change added, None where all of the file is to be reviewed.
    `before` is the text that it had, None for a new file.
    """

    path: str
    status: FileStatus
    text: Source | str
    touched: frozenset[int] | None = None
    before: Source | None = None

    @property
    def source(self) -> Source | None:
        return self.text if isinstance(self.text, Source) else None


def decoded(path: str, content: bytes) -> Source | str:
    """The text of a file, or a sentence that says why it cannot be read."""
    if len(content) > MAX_BYTES:
        return f"the file has {len(content):,} bytes, more than the {MAX_BYTES:,} that are analysed"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is UTF-16; save it as UTF-8"
    try:
        return Source(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return (
            f"line {line} is not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        )

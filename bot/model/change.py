"""A change is the files that differ, with what is known of each before and after."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import Enum

from bot.model.source import UTF_8, Source, Span

MAX_BYTES = 10_000_000

_MARKS = (  # the longer ones first: that of UTF-16-LE begins the one of UTF-32-LE
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class FileStatus(Enum):
    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


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

    def adds(self, span: Span) -> bool:
        """Whether all that stands there is new."""
        if self.status is FileStatus.ADDED:
            return True
        if self.source is None or self.touched is None:
            return False
        text = self.source[span]
        blank = len(text) - len(text.lstrip())
        lines = self.source.lines(Span(span.start + blank, span.start + len(text.rstrip())))
        return all(number in self.touched for number in range(lines.first, lines.last + 1))


def decoded(path: str, content: bytes) -> Source | str:
    """The text of a file, or a sentence that says why it cannot be read.

    A byte order mark says for sure which encoding it is, and without one it has to be UTF-8:
    whether other bytes are Latin-1, Windows-1252 or a mistake, no byte tells.
    """
    if len(content) > MAX_BYTES:
        return f"the file has {len(content):,} bytes, more than the {MAX_BYTES:,} that are analysed"
    if b"\0" in content[:2] and not content.startswith(codecs.BOM_UTF32_BE):
        return "the file begins as UTF-16 without a byte order mark; save it as UTF-8"
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), UTF_8)
    try:
        return Source(path, content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        if encoding != UTF_8:
            name = encoding.upper()
            return f"the file begins as {name} and is none ({error.reason}); save it as UTF-8"
        line = content.count(b"\n", 0, error.start) + 1
        return (
            f"line {line} is not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        )

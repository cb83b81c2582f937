"""What a report has to say: drafts of comments, each with its place in the diff if it has one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.discussion.marker import LONGEST
from bot.model.finding import Severity
from bot.model.pull_request import ReviewComment
from bot.model.source import Lines


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to say: beside `place` where it is in the diff, else as a `line` of a list.

    `clickable` is the text with a suggestion, for a comment on exactly `lines`; `text` is the one
    for any other place, the same where there is nothing to apply. Both are "" where there are too
    many others for it to be a comment.
    """

    identities: tuple[str, ...]
    severity: Severity
    line: str
    path: str
    lines: Lines
    place: Lines | None
    clickable: str = ""
    text: str = ""

    @property
    def suggests(self) -> bool:
        return self.clickable != self.text

    @property
    def comment(self) -> ReviewComment | None:
        if self.place is None or not self.text:
            return None
        text = self.at(self.place)
        return ReviewComment(self.path, self.place, text) if len(text) <= LONGEST else None

    def at(self, lines: Lines | None) -> str:
        """The text of a comment on `lines`."""
        return self.clickable if lines == self.lines else self.text


@dataclass(frozen=True, slots=True)
class Content:
    """All that a report has to say, as plain data; `head` is the verdict, `overview` tells more.

    `allowed` are the identities of what is suppressed, `doubted` the paths of which not all is
    known: what is not found there may be there still.
    """

    drafts: tuple[Draft, ...]
    head: str
    overview: str
    allowed: frozenset[str]
    doubted: frozenset[str]

"""micrate runs what stands below "-- +micrate Up" in one transaction, and knows no way out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._impossible import unless_alone
from bot.frameworks._marks import GO_BLANKS, divided, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

# src/micrate/migration.cr of 0.15.1
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)\.sql")
_MARK = re.compile(
    rf"^-- \+micrate [{GO_BLANKS}]*(?P<word>Up|Down|StatementBegin|StatementEnd)[{GO_BLANKS}]*$\n?",
    re.MULTILINE,
)
_ALMOST = re.compile(r"^[ \t]*--[ \t]*\+[ \t]*micrate\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)


def _text(new: FollowUp) -> str:
    return f"-- +micrate Up\n{new.sql}\n-- +micrate Down\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """There may be several Up, which are one transaction; a Down between is taken along."""
    marks = list(divided(source, _MARK))
    up, active = list[Span](), False
    for match, span in marks:
        if match["word"] in ("Up", "Down"):
            active = match["word"] == "Up"
        up += [span] if active else []
    if up:
        yield Section(Span(up[0].start, up[-1].end), Wrapping.FILE)
    understood = {match.start() for match, _ in marks}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "micrate does not understand this: it takes `-- +micrate` at the beginning of a"
                " line, followed by `Up`, `Down`, `StatementBegin` or `StatementEnd`.",
            )


FRAMEWORK = Framework(
    name="micrate",
    file=_FILE,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    begins="-- +micrate Up",
    wrapping=Wrapping.FILE,
    sections=_sections,
    follow_up=unless_alone("micrate", beside(_FILE, _text)),
    reads_version=int,
    refuses_older="refuses to migrate at all",
)

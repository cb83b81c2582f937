"""dbmate runs what stands below "-- migrate:up" as one message, in a transaction by default."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import beside
from bot.frameworks._contract import FollowUp, Framework, Section, Tree
from bot.frameworks._marks import divided, span_of
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# pkg/dbmate/migration.go
_FILE = re.compile(r"(?P<version>[0-9]{1,40})(_(?P<title>.+))?\.sql")
_MARK = re.compile(
    r"^[ \t]*--[ \t]*migrate:(?P<word>up|down)\b(?P<options>[^\r\n]*?)[ \t]*\r?$\n?", re.MULTILINE
)
_OPTION = re.compile(r"[ \t]+transaction:(?P<value>true|false)")
_LOOSE = " transaction:false"


def _text(new: FollowUp) -> str:
    undone = "-- What this adds stays until the migration that it belongs to is undone.\n"
    options = _LOOSE if new.alone else ""
    return f"-- migrate:up{options}\n{new.sql}\n-- migrate:down\n{undone}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """Without its own transaction a part still is one message."""
    for match, span in divided(source, _MARK):
        option = _OPTION.fullmatch(match["options"])
        if match["options"] and not option:
            yield Misreading(
                span_of(match),
                "dbmate does not understand what follows: it knows `transaction:true` and"
                " `transaction:false`.",
            )
        if match["word"] == "up":
            loose = option is not None and option["value"] == "false"
            yield Section(span, Wrapping.MESSAGE if loose else Wrapping.FILE)


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    up = next(match for match, below in divided(source, _MARK) if below == span)
    place = up.end("word")
    return None if up["options"] else (Edit(Span(place, place), _LOOSE),)


FRAMEWORK = Framework(
    name="dbmate",
    file=_FILE,
    says=_MARK,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
)

"""yoyo runs the statements of a file one by one, in one transaction unless the file says not to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from bot.frameworks._beside import NO_VERSION, renamed
from bot.frameworks._contract import FollowUp, Framework, Later, Section
from bot.frameworks._marks import span_of
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# 20261120_01_AbCdE-title.sql, as `yoyo new` calls them, or 0001.title.sql
_FILE = re.compile(
    r"(?P<version>[0-9]{1,40}(?:_[0-9]{2,9})?)(?:[._-](?P<title>.+))?(?<!\.rollback)\.sql"
)
_OWN_NAME = r"[0-9]{8}_[0-9]{2}_[A-Za-z0-9]{5}"
_SAYS = re.compile(
    rf"^[ \t]*--[ \t]*(?:depends[ \t]*:[ \t]*{_OWN_NAME}|transactional[ \t]*:)", re.MULTILINE
)
# yoyo/migrations.py: in the comments before the first statement, in lower case.
_HEAD = re.compile(r"(?:[ \t\r]*(?:--[^\n]*)?(?:\n|\Z))*")
_DIRECTIVE = re.compile(
    r"^[ \t]*--[ \t]*transactional[ \t]*:[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE
)
_ALMOST = re.compile(_DIRECTIVE.pattern, re.MULTILINE | re.IGNORECASE)
_LOOSE = "-- transactional: false"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    head = _HEAD.match(source.text)
    end = head.end() if head else 0
    understood = list(_DIRECTIVE.finditer(source.text, 0, end))
    loose = [match["value"].lower() for match in understood] == ["false"]
    yield Section(Span(0, len(source.text)), Wrapping.STATEMENT if loose else Wrapping.FILE)
    places = {match.start() for match in understood}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in places:
            yield Misreading(
                span_of(match),
                "yoyo does not read this: it takes `transactional`, in lower case, in the comments"
                " before the first statement.",
            )
        elif match["value"].lower() not in ("true", "false") or len(places) > 1:
            yield Misreading(
                span_of(match), "yoyo fails at this: it takes `true` or `false`, and once."
            )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    if _ALMOST.search(source.text):
        return None
    return (Edit(Span(0, 0), f"{_LOOSE}{source.newline}"),)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    place = PurePosixPath(new.source.path)
    own = _FILE.fullmatch(place.name)
    if not own:
        return NO_VERSION
    names = (path.rpartition("/")[2] for path in taken)
    versions = [one["version"] for name in names if (one := _FILE.fullmatch(name))]
    name = renamed(own, _next_version([*versions, own["version"]]), new.verb)
    alone = f"{_LOOSE}\n" if new.alone else ""
    return (NewFile(str(place.with_name(name)), f"-- depends: {place.stem}\n{alone}{new.sql}"),)


def _next_version(versions: Sequence[str]) -> str:
    """20261120_01 is followed by 20261120_02, and 0007 by 0008."""
    highest = max(versions, key=_numbers)
    day, mark, number = highest.rpartition("_")
    return f"{day}{mark}{next_number([number])}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in version.split("_"))


FRAMEWORK = Framework(
    name="yoyo",
    file=_FILE,
    ignored=re.compile(r".+\.rollback\.sql"),
    says=_SAYS,
    markers=frozenset({"yoyo.ini"}),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=_follow_up,
    alone_in_place=True,
    several_alone=True,
    same_versions=True,
)

"""Liquibase runs each change set of a formatted SQL file in a transaction, and remembers each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import Match

from bot.frameworks._contract import FollowUp, Framework, Later, Section
from bot.frameworks._marks import appended, divided, span_of
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Misreading, Unreadable, Wrapping
from bot.model.source import Edit, Source, Span

# liquibase/parser/AbstractFormattedChangeLogParser.java of 5.0
_SAYS = re.compile(r"\A[\s\ufeff]*--[ \t]*liquibase[ \t]*formatted", re.IGNORECASE)
# A line ends at a carriage return as well (BufferedReader), and Java knows more blanks.
_MARK = re.compile(
    r"(?:^|(?<=\r))[ \t\v\f]*--[ \t\v\f]*changeset[ \t\v\f]+"
    r'(?P<author>"[^"\r\n]+"|[^:"\s][^:\r\n]*):(?P<id>"[^"\r\n]+"|[^\s"]+)'
    r"(?P<options>[^\r\n]*)(?:\r?\n|\r|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_ALMOST = re.compile(r"^[ \t]*-+[ \t]*changeset\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_OPTION = re.compile(r'\b(?P<name>[a-z]+):(?P<value>"[^"\n]*"|\S*)', re.IGNORECASE)
_ITS_TRANSACTION = re.compile(r"\brunInTransaction\b[^\s]*", re.IGNORECASE)
_CONDITIONS = ("context", "contextfilter", "labels", "dbms", "logicalfilepath")
_IGNORED = re.compile(
    r"^--[ \t]*ignoreLines:start(?:(?!^--[ \t]*ignoreLines:)[^\n]*\n)*?"
    r"--[ \t]*ignoreLines:end[^\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_ROLLBACK = re.compile(r"^[ \t]*--[ \t]*rollback\b", re.MULTILINE | re.IGNORECASE)
_PROPERTY = re.compile(
    r"(?:^|(?<=\r))[ \t\v\f]*--[ \t\v\f]*property[ \t\v\f]+name[:=]\"?(?P<name>[^\s\"]+)\"?"
    r"[ \t\v\f]+value[:=](?P<value>\"[^\"\r\n]*\"|[^\r\n]*)[^\r\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_USED = re.compile(r"\$\{([^{}\s]*)\}")
_A_WORD = re.compile(
    r"(?:timestamp|time|double precision|character varying|[\w.$-]+)(?:\([\w, ]*\))?"
    r"(?: with(?:out)? time zone)?(?:[ \t]+(?:dbms|context\w*|labels|global)[:=]\S*)*",
    re.IGNORECASE,
)
_LOOSE = "runInTransaction:false"


def _options(mark: Match[str]) -> dict[str, str]:
    return {one["name"].lower(): one["value"] for one in _OPTION.finditer(mark["options"])}


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading | Unreadable]:
    known = set[tuple[str, str]]()
    for match, below in divided(source, _MARK):
        options = _options(match)
        if _runs(options):
            whole = Span(match.start(), below.end)
            yield from (
                Section(part, _wrapping(options)) for part in _parts(source, whole, options)
            )
        yield from _misread(match, options)
        if (match["author"], match["id"]) in known:
            yield Misreading(
                span_of(match), "Liquibase refuses the file: it has this change set already."
            )
        known.add((match["author"], match["id"]))
    yield from _filled_in(source)
    starts, _, _ = _change_sets(source.text)
    if not starts:
        yield Misreading(
            source.span_of(source.lines(Span(0, 0))),
            "Liquibase runs nothing of this file, which has no line `--changeset author:id`.",
        )
    understood = set(starts)
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "Liquibase refuses the file for this: it takes `--changeset author:id`, without a"
                " blank before the id.",
            )


def _filled_in(source: Source) -> Iterator[Unreadable]:
    """What a file has put into its own statements is no name or value that nobody knows yet."""
    used = set(_USED.findall(source.text))
    for match in _PROPERTY.finditer(source.text):
        value = match["value"].strip().strip('"')
        if not _A_WORD.fullmatch(value) and match["name"] in used:
            yield Unreadable(
                span_of(match),
                "this property is more than a name, a type or a value, and is SQL below",
            )


def _runs(options: dict[str, str]) -> bool:
    """Whether the change set is for PostgreSQL."""
    if options.get("ignore", "").lower() == "true":
        return False
    names = [name for name in options.get("dbms", "").strip('"').lower().split(",") if name]
    if not names or "postgresql" in names or "all" in names:
        return True
    return "!postgresql" not in names and all(name.startswith("!") for name in names)


def _wrapping(options: dict[str, str]) -> Wrapping:
    """Without its transaction each statement is sent by itself, where they are told apart."""
    if options.get("runintransaction", "").lower() != "false":
        return Wrapping.FILE
    together = options.get("splitstatements", "").lower() == "false" or _delimiter(options)
    return Wrapping.MESSAGE if together else Wrapping.STATEMENT


def _delimiter(options: dict[str, str]) -> str:
    """What ends a statement instead of a semicolon."""
    return options.get("enddelimiter", "").replace("\\n", "").replace("\\s*", "").strip(";")


def _parts(source: Source, whole: Span, options: dict[str, str]) -> Iterator[Span]:
    """What is sent of a change set: statements between delimiters of its own, no lines ignored."""
    delimiter = _delimiter(options)
    ends = rf"|{re.escape(delimiter)}[ \t]*\r?$" if delimiter else ""
    cut = re.compile(f"{_IGNORED.pattern}{ends}", re.MULTILINE | re.IGNORECASE)
    start = whole.start
    for match in cut.finditer(source.text, source.text.find("\n", start) + 1, whole.end):
        yield Span(start, match.start())
        start = match.end()
    if start == whole.start or source.text[start : whole.end].strip():
        yield Span(start, whole.end)


def _misread(mark: Match[str], options: dict[str, str]) -> Iterator[Misreading]:
    if _ITS_TRANSACTION.search(mark["options"]) and options.get(
        "runintransaction", ""
    ).lower() not in (
        "true",
        "false",
    ):
        yield Misreading(
            span_of(mark),
            f"Liquibase does not understand this: it takes `{_LOOSE}`, without a blank in it.",
        )


@lru_cache(maxsize=2)
def _change_sets(text: str) -> tuple[list[int], list[Match[str]], frozenset[str]]:
    """Where they begin, their lines, and their ids."""
    marks = list(_MARK.finditer(text))
    return [one.start() for one in marks], marks, frozenset(one["id"].strip('"') for one in marks)


def _change_set(source: Source, place: Span) -> tuple[Match[str], Span]:
    """The change set that holds `place`."""
    starts, marks, _ = _change_sets(source.text)
    number = bisect_right(starts, place.start) - 1
    end = starts[number + 1] if number + 1 < len(starts) else len(source.text)
    return marks[number], Span(starts[number], end)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    """One more change set below, on the same conditions."""
    source = new.source
    match, whole = _change_set(source, new.section)
    options = [one[0] for one in _OPTION.finditer(match["options"])]
    same = [one for one in options if one.partition(":")[0].lower() in _CONDITIONS]
    verb = f"{new.verb}-{new.again + 1}" if new.again else new.verb
    identity = f"{match['author']}:{_next_id(source, match['id'], verb)}"
    header = " ".join([f"--changeset {identity}", *same, *([_LOOSE] if new.alone else [])])
    undone = ["--rollback empty"] if _ROLLBACK.search(source.text, whole.start, whole.end) else []
    return (appended(source, whole, ["", header, *new.sql.splitlines(), *undone]),)


def _next_id(source: Source, own: str, verb: str) -> str:
    """`own` with the verb behind it, and a number where that is taken."""
    quote = '"' if own.startswith('"') else ""
    _, _, known = _change_sets(source.text)
    wanted = number = f"{own.strip(quote or None)}-{verb}"
    count = 2
    while number in known:
        number, count = f"{wanted}-{count}", count + 1
    return f"{quote}{number}{quote}"


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    match, _ = _change_set(source, span)
    if _ITS_TRANSACTION.search(match["options"]):
        return None
    place = match.end("id") + len(match["options"].rstrip())
    return (Edit(Span(place, place), f" {_LOOSE}"),)


FRAMEWORK = Framework(
    name="liquibase",
    file=re.compile(r".+\.sql"),
    says=_SAYS,
    needs_proof=True,
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=_follow_up,
    by_section=True,
    alone_in_place=True,
    several_alone=True,
)

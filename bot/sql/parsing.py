"""A text falls into statements at its semicolons, and one that does not parse hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise

from bot.model.migration import Unreadable
from bot.model.source import Span
from bot.sql.masking import pieces, statement_in, with_variables_masked
from bot.sql.placeholders import can_be_masked, reason, restore
from bot.sql.tokens import COMMENTS, Token, Unlexable, tokens
from bot.sql.tree import ParseError, Tree, parsed

_SEMICOLON = "ASCII_59"
_OPENS = {"ASCII_40": 1, "ASCII_41": -1, "CASE": 1, "END_P": -1}
"""( and ), and what else END may close; BEGIN opens something only before ATOMIC."""
_AT_MOST = 1000
"""As many semicolons as the body of one function may hold; a bound for hostile texts."""
DEEPEST = 20_000
"""pglast makes its trees by recursion and exhausts the stack at some 40,000 levels."""
REFUSED = {
    "\0": "a NUL character",  # libpg_query would stop there in silence; PostgreSQL refuses it
    "[\ud800-\udfff]": "half a character (a lone surrogate)",
    # scan.l (xcstart, operator) looks at all the signs behind such a one again and again.
    r"(?:/\*|\+)[-~!@#^&|`?+*/%<>=]{2000}": "2,000 signs without a blank",
}


@dataclass(frozen=True, slots=True)
class _Run:
    """The tokens up to a semicolon or, if `last`, to the end.

    `behind` is the place behind the semicolon, `opened` how many parentheses and bodies of
    functions begin in it and do not end, `depth` an upper bound for the depth of its tree.
    """

    span: Span
    behind: int
    last: bool
    creates: bool
    opened: int
    depth: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """`end` lies behind the semicolon, or behind the last token where there is none.

    `text` is what was parsed, with stand-ins for the placeholders that it has in the file.
    """

    node: Tree
    span: Span
    end: int
    text: str


# SplitColQualList and processCASbits in src/backend/parser/gram.y; of such a statement nothing else
# is wrong.
_REFUSAL = re.compile(r"[A-Z ]+ constraints cannot be marked (?P<mark>[A-Z ]+)")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A statement of which PostgreSQL understands so much that it says what it never takes.

    `mark` is the place of the words that it does not take.
    """

    span: Span
    end: int
    mark: Span
    reason: str


def read(text: str, written: str) -> Iterator[Parsed | Forbidden | Unreadable]:
    """The statements of `text`, which is `written` as masked."""
    for character, name in REFUSED.items():
        if re.search(character, text):
            yield Unreadable(Span(0, len(text)), f"the file contains {name}")
            return
    lexed, unlexable = _lexed(text)
    parser = Parser(text, written)
    yield from merge(_one_by_one(parser, _runs(lexed)), unlexable, key=lambda one: one.span)


def _lexed(text: str) -> tuple[tuple[Token, ...], tuple[Unreadable, ...]]:
    """The tokens of all that the lexer can read: one mistake costs its own statement."""
    try:
        return tokens(text), ()
    except Unlexable:
        lexed, unlexable = list[Token](), list[Unreadable]()
        for piece in pieces(text):
            try:
                lexed += tokens(text[piece.start : piece.end], piece.start)
            except Unlexable as error:
                never_ends = error.reason.startswith("unterminated")
                more = "; nothing after it could be read" if never_ends else ""
                unlexable.append(Unreadable(statement_in(text, piece), f"{error.reason}{more}"))
        return tuple(lexed), tuple(unlexable)


def _runs(lexed: tuple[Token, ...]) -> list[_Run]:
    """From semicolon to semicolon; a run has tokens other than comments."""
    runs, run = list[_Run](), list[Token]()
    for token in lexed:
        if token.name == _SEMICOLON:
            runs += [_run(run, token.span.end)] if run else []
            run = []
        elif token.name not in COMMENTS:
            run.append(token)
    return [*runs, _run(run, None)] if run else runs


def _run(run: list[Token], behind: int | None) -> _Run:
    names = [token.name for token in run]
    span = Span(run[0].span.start, run[-1].span.end)
    bodies = sum(pair == ("BEGIN_P", "ATOMIC") for pair in pairwise(names))
    opened = sum(_OPENS.get(name, 0) for name in names) + bodies
    end = span.end if behind is None else behind
    return _Run(span, end, behind is None, names[0] == "CREATE", opened, depth_of(names))


def depth_of(names: list[str]) -> int:
    """No less than the depth of a run's tree: its tokens without neighbours behind a comma."""
    levels, deepest, depth = [0], 0, 0
    for name in names:
        if name == "ASCII_40":
            levels.append(0)
        elif name == "ASCII_41" and len(levels) > 1:
            depth -= levels.pop()
        elif name == "ASCII_44":
            depth, levels[-1] = depth - levels[-1], 0
        depth, levels[-1] = depth + 1, levels[-1] + 1
        deepest = max(deepest, depth)
    return deepest


def _one_by_one(parser: Parser, runs: list[_Run]) -> Iterator[Parsed | Forbidden | Unreadable]:
    closings = _closings(runs)
    index = 0
    while index < len(runs):
        found, used = _statement(parser, runs[index : closings[index] + 1])
        if found:
            yield found
        index += used


def _closings(runs: list[_Run]) -> list[int]:
    """For each run the one that closes what it opens: itself if it opens nothing, or none does.

    A body (BEGIN ATOMIC … END) or the commands of a rule hold semicolons of their own. psql
    counts in the same way (psqlscan.l: begin_depth, paren_depth).
    """
    closings, waiting, depth = list(range(len(runs))), list[tuple[int, int]](), 0
    for index, run in enumerate(runs):
        waiting.append((depth, index))
        depth += run.opened
        while waiting and waiting[-1][0] >= depth:
            opening = waiting.pop()[1]
            if runs[opening].creates and index - opening < _AT_MOST:
                closings[opening] = index
    return closings


def _statement(
    parser: Parser, runs: list[_Run]
) -> tuple[Parsed | Forbidden | Unreadable | None, int]:
    """The statement in the first of `runs` or in all together, and of how many it consists."""
    first, last = runs[0], runs[-1]
    if first.last and not parser.text[first.span.start : first.span.end].strip():
        return None, 1  # a blank of Unicode: a word for the lexer, for the author nothing
    if sum(run.depth for run in runs) > DEEPEST:
        return Unreadable(first.span, "the statement is too deeply nested"), 1
    try:
        return parser.statement(first.span, first.behind), 1
    except ParseError as error:
        refusal = _forbidden(parser.text, first, error)
        alone = refusal or Unreadable(first.span, error.args[0])
    try:
        whole = Span(first.span.start, last.span.end)
        return parser.statement(whole, last.behind), len(runs)
    except ParseError:
        return alone, 1


def _forbidden(text: str, run: _Run, error: ParseError) -> Forbidden | None:
    """What is not taken stands where the parser says, or else somewhere in the statement."""
    refusal = _REFUSAL.fullmatch(error.args[0])
    if refusal is None:
        return None
    words = r"\s+".join(refusal["mark"].split())
    whole = text[run.span.start : run.span.end]
    found = re.compile(words, re.IGNORECASE).search(whole, *error.args[1:2])
    start = run.span.start
    mark = Span(start + found.start(), start + found.end()) if found else run.span
    return Forbidden(run.span, run.behind, mark, f"{error.args[0]}.")


@dataclass(frozen=True, slots=True)
class Parser:
    """`written` has placeholders in some places where names stand in `text`."""

    text: str
    written: str

    def statement(self, span: Span, end: int) -> Parsed:
        """Raises ParseError, in the words of the author."""
        text, written = (one[span.start : span.end] for one in (self.text, self.written))
        try:
            return self._parsed(text, written, span, end)
        except ParseError as error:
            with_names = with_variables_masked(text) if can_be_masked(written) else text
            if with_names == text:
                raise ParseError(reason(error, text, written)) from error
            try:
                return self._parsed(with_names, written, span, end)
            except ParseError:
                raise ParseError(reason(error, text, written)) from error

    def _parsed(self, text: str, written: str, span: Span, end: int) -> Parsed:
        (raw,) = parsed(text)
        if text is not written and text != written:
            restore(raw.stmt, text, written)
        return Parsed(raw.stmt, span, end, text)

"""What psql or a template handles itself is masked, so that the parser sees SQL and nothing else.

The rules are those of psql's page in the PostgreSQL documentation ("Meta-Commands"), and what
opens and closes a string, a comment or a name those of "Lexical Structure".
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.model.migration import Unreadable
from bot.model.source import Span
from bot.sql import placeholders
from bot.sql.placeholders import StandIns

# Possessive (*+) throughout: no character is looked at again because of what comes later.
_BLANK = r" \t\n\r\f\v"
_LETTER = r"A-Za-z_\x80-\U0010ffff"
_BETWEEN = (  # what may stand between two parts of one string: a line end, blanks, comments
    rf"(?>[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?>[{_BLANK}]|--[^\n\r]*+[\n\r])*+"
)
_ESCAPED = r"'(?>[^'\\]|\\.|'')*+(?:'|\\?\Z)"
_ARGUMENTS = (  # up to a backslash that is in no quotes, or to the end of the line
    r"(?>[ \t]*+\|[^\n]*+|(?>[^\\\n'\"`]|'(?>[^'\\\n]|\\[^\n])*+'?|\"[^\"\n]*+\"?|`[^`\n]*+`?)*+)"
)
_LEXEME = rf"""
      (?P<blank> [{_BLANK}]++ ) | {placeholders.PATTERNS}
    | (?P<comment> --[^\n\r]*+ )
    | (?P<block> /\* )
    | (?P<quoted> [eE]{_ESCAPED}(?:{_BETWEEN}{_ESCAPED})*+ | '[^']*+'?
        | "(?>{placeholders.IN_QUOTES}|[^"])*+"?
        | (?P<tag>\$(?:[{_LETTER}][{_LETTER}0-9]*+)?\$) .*? (?:(?P=tag)|\Z) )
    | (?P<word> [{_LETTER}](?>[{_LETTER}0-9]|\$(?!\{{))*+ | [0-9][{_LETTER}0-9]*+ )
    | (?P<semicolon> ; )
    | (?P<command> \\(?: [;:\\] | (?:!|copy\b|h\b|help\b)[^\n]*+ | [^{_BLANK}\\]*+{_ARGUMENTS} ) )
    | (?P<other> . )
    """
_AUTOCOMMIT = re.compile(r"\\set\s+AUTOCOMMIT\b(?!\s+(?i:on|true|yes|1)\s*$)", re.MULTILINE)
_SET = re.compile(r"\\set[ \t]+(?P<name>\w+)(?P<value>.*)", re.DOTALL)
_WORD = re.compile(r"'[\w.$-]*+'|[\w.$-]*+")
_BARE = re.compile(r"(?<!:):(?P<name>\w++)")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_END_OF_DATA = re.compile(r"^\\\.\r?$", re.MULTILINE)
_NAME = re.compile(r"\\([A-Za-z_]+|.)")
_COPY_COMMAND = re.compile(r"\\copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)

# Each sends what stands before it, or ends it in another way.
_ENDING = frozenset(
    "g gx gset gdesc gexec crosstabview watch parse sendpipeline r reset".split()  # noqa: SIM905
)
_MASKED = ("command", "data")
_TEMPLATED = ("directive", "placeholder", "quoted")
_VARIABLE = re.compile(r"[:%@][\w'\"(]")
_INCLUDING = frozenset({"i", "ir", "include", "include_relative"})


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`kind` is a group of the expression above, or "data": what COPY reads from the file."""

    kind: str
    span: Span


def masked(text: str) -> tuple[str, tuple[Unreadable, ...]]:
    """`text` with blanks for what is no SQL, each character in its place; and what is not known.

    Names stand in for the placeholders of a template.
    """
    text = _without_mark(text)
    templated = placeholders.has_any(text) and placeholders.can_be_masked(text)
    if not templated and "\\" not in text and "stdin" not in text.lower():
        return text, ()
    parts, place, hidden, stand_ins = list[str](), 0, list[Unreadable](), StandIns(text)
    for lexeme in lexemes(text):
        if lexeme.kind in _MASKED or (templated and lexeme.kind in _TEMPLATED):
            hidden += _hidden(text, lexeme)
            parts += text[place : lexeme.span.start], _instead(text, lexeme, stand_ins)
            place = lexeme.span.end
    return "".join((*parts, text[place:])), tuple(hidden)


def with_templates_masked(text: str) -> str:
    """`text` with names for its placeholders, where psql has nothing to say: in a block."""
    if not (placeholders.has_any(text) and placeholders.can_be_masked(text)):
        return text
    parts, place, stand_ins = list[str](), 0, StandIns(text)
    for lexeme in _lexed(text, 0, len(text)):
        if lexeme.kind in _TEMPLATED:
            parts += text[place : lexeme.span.start], _instead(text, lexeme, stand_ins)
            place = lexeme.span.end
    return "".join((*parts, text[place:]))


def with_variables_masked(statement: str) -> str:
    """A statement that does not parse, with names or strings for its variables, equally long."""
    if not _VARIABLE.search(statement):
        return statement
    parts, place, stand_ins = list[str](), 0, StandIns(statement)
    for lexeme in _lexed(statement, 0, len(statement), _expression(placeholders.VARIABLES)):
        if lexeme.kind in ("variable", "literal"):
            parts += statement[place : lexeme.span.start], _instead(statement, lexeme, stand_ins)
            place = lexeme.span.end
    return "".join((*parts, statement[place:]))


def legible(fragment: str) -> str:
    """Part of a statement with all that is no SQL masked, for those who look for tokens."""
    return with_variables_masked(masked(fragment)[0])


def lexemes(text: str) -> Iterator[Lexeme]:
    """All but blanks, in a text as psql reads it."""
    text, place = _without_mark(text), 0
    while place < len(text):
        place = yield from _up_to_data(text, place)


def comments_in(text: str, body: Span) -> Iterator[Span]:
    """The comments of a body in dollar quotes, up to what closes it."""
    tag = text[text.rindex("$", 0, body.start - 1) : body.start]
    end = body.end - len(tag) if text.endswith(tag, body.start, body.end) else body.end
    for lexeme in _lexed(text, body.start, end):
        if lexeme.kind == "comment":
            yield lexeme.span


def pieces(text: str) -> Iterator[Span]:
    """From semicolon to semicolon, for a text that is masked; the semicolon ends its piece."""
    start = 0
    for lexeme in _lexed(text, 0, len(text)):
        if lexeme.kind == "semicolon":
            yield Span(start, lexeme.span.end)
            start = lexeme.span.end
    yield Span(start, len(text))


def statement_in(text: str, piece: Span) -> Span:
    """`piece` without its semicolon and without the blanks around and the comments before it."""
    start, end = piece.end, piece.end
    for lexeme in _lexed(text, piece.start, piece.end):
        if lexeme.kind == "semicolon":
            end = lexeme.span.start
        elif lexeme.kind != "comment":
            start = min(start, lexeme.span.start)
    start = start if start < end else piece.start
    written = text[start:end]
    return Span(end - len(written.lstrip()), start + len(written.rstrip()))


def _without_mark(text: str) -> str:
    """A byte order mark is no SQL; a blank in its place keeps every offset."""
    return " " + text[1:] if text.startswith("\ufeff") else text


def _lexed(
    text: str, start: int, end: int, expression: re.Pattern[str] | None = None
) -> Iterator[Lexeme]:
    expression = expression or _expression()
    while start < end:
        found = expression.match(text, start, end)
        if not found:  # never: any character is one of them
            return
        kind, behind = found.lastgroup or "other", found.end()
        if kind == "block":
            kind, behind = "comment", _end_of_comment(text, behind, end)
        if kind != "blank":
            yield Lexeme(kind, Span(start, behind))
        start = behind


@cache
def _expression(first: str = "") -> re.Pattern[str]:
    """Few files need it, and compiling it takes 10 ms; `first` are alternatives of more weight."""
    return re.compile(f"{first}{'|' if first else ''}{_LEXEME}", re.VERBOSE | re.DOTALL)


def _end_of_comment(text: str, place: int, end: int) -> int:
    """Comments nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, place, end):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return end


def _up_to_data(text: str, start: int) -> Generator[Lexeme, None, int]:
    """The lexemes up to the data of the next COPY, and where they end.

    The data begin on the line behind the semicolon; what follows on its own line is still SQL.
    """
    words = list[str]()
    for lexeme in _lexed(text, start, len(text)):
        yield lexeme
        if _reads_data(text, lexeme, words):
            line_end = text.find("\n", lexeme.span.end) + 1 or len(text)
            yield from _lexed(text, lexeme.span.end, line_end)
            found = _END_OF_DATA.search(text, line_end)
            end = found.end() if found else len(text)
            yield Lexeme("data", Span(line_end, end))
            return end
    return len(text)


def _reads_data(text: str, lexeme: Lexeme, words: list[str]) -> bool:
    """Whether COPY … FROM STDIN ends with `lexeme`; `words` says how its statement began."""
    match lexeme.kind:
        case "comment":
            return False
        case "command" if _COPY_COMMAND.match(text, lexeme.span.start, lexeme.span.end):
            return True
        case "command" if _name(text, lexeme) not in {*_ENDING, ";"}:
            return False
        case "semicolon" | "command":
            fills = words[:1] == ["copy"] and words[1:] == ["from", "stdin"]
            words.clear()
            return fills
    word = text[lexeme.span.start : lexeme.span.end].lower()
    if not words or (word == "from" and len(words) == 1):
        words.append(word)
    elif words[-1] == "from":
        words[1:] = ["from", word] if word == "stdin" else []
    return False


def _name(text: str, lexeme: Lexeme) -> str:
    found = _NAME.match(text, lexeme.span.start)
    return found[1].lower() if found else ""


def _instead(text: str, lexeme: Lexeme, stand_ins: StandIns) -> str:
    """Blanks of the same length, where no name or string stands in; the line ends stay.

    A semicolon comes last, so that what is added behind the statement is added behind the command.
    """
    written = text[lexeme.span.start : lexeme.span.end]
    blanks = re.sub(r"[^\r\n]", " ", written)
    match lexeme.kind, _name(text, lexeme):
        case "quoted", _:
            return stand_ins.inside(written) if written[0] == '"' else written
        case (("placeholder" | "variable"), _):
            return stand_ins.of(written)
        case "literal", _:
            return f"'{'x' * (len(written) - 2)}'"
        case "command", (";" | ":") as sign:
            return f" {sign}"
        case "command", name if name in _ENDING:
            last = len(written.rstrip()) - 1
            return f"{blanks[:last]};{blanks[last + 1 :]}"
    return blanks


def _fills_in_more_than_a_word(text: str, command: str) -> bool:
    """Whether a variable that psql puts into statements as it is may hold any SQL."""
    found = _SET.match(command)
    if not found or _WORD.fullmatch(found["value"].strip()):
        return False
    return found["name"] in _used(text)


@lru_cache(maxsize=2)
def _last_use(text: str) -> int:
    return max((at for name, at in _used(text).items() if not name[0].isdigit()), default=-1)


@lru_cache(maxsize=2)
def _used(text: str) -> Mapping[str, int]:
    """The variables that psql puts into statements as they are, each with its last place."""
    return {found["name"]: found.start() for found in _BARE.finditer(text)}


def _hidden(text: str, lexeme: Lexeme) -> Iterator[Unreadable]:
    r"""What may be SQL behind a command or in data.

    \copy … from fills a table and \c goes to another database; neither is followed here.
    """
    start, end = lexeme.span.start, lexeme.span.end
    span = Span(start, start + len(text[start:end].rstrip()))
    match lexeme.kind, _name(text, lexeme):
        case "command", "gexec":
            reason = "\\gexec runs what this query returns, which is not known here"
            yield Unreadable(span, reason)
        case "command", name if name in _INCLUDING:
            yield Unreadable(span, f"\\{name} runs another file, which is not read here")
        case "command", "set" if _AUTOCOMMIT.match(text, start, end):
            reason = "with AUTOCOMMIT changed psql opens transactions itself: not analysed"
            yield Unreadable(span, reason)
        case "command", "set" if _fills_in_more_than_a_word(text, text[start:end]):
            yield Unreadable(
                span, "\\set holds more than a name or value, and it becomes SQL below"
            )
        case "command", "gset" if _last_use(text) > end:
            yield Unreadable(span, "\\gset holds what is not known here, and it becomes SQL below")
        case "directive", _ if placeholders.includes(text[start:end]):
            yield Unreadable(span, "another file is included here, which is not read")
        case "data", _ if start < span.end and not _END_OF_DATA.search(text, start, end):
            yield Unreadable(span, "the data of COPY never ends")

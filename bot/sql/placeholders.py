"""What a tool fills in before PostgreSQL sees it stands for itself: a name as long, and unknown.

Braces after `$`, `{{`, `{%` and `{#` are no SQL outside of quotes, so those are always read as a
template's. `:x`, `%(x)s` and `@x@` may be SQL, so they are only where nothing else parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.postgres.names import Template
from bot.sql.tree import ParseError, Tree, ast

# For the lexer of masking.py. Nothing is looked at twice: what is not closed ends where the next
# one opens.
PATTERNS = r"""
      (?P<directive>
          \{% (?>(?!%\}|\{%).)*+ %\}
        | \{\# (?>(?!\#\}|\{\#).)*+ \#\}
        | \{\{[-~]?[ \t]*+ (?:[#/^!]|(?:if|else|end|range|with)\b) (?>(?!\}\}|\{\{)[^\n])*+ \}\} )
    | (?P<placeholder> \$\{ [^{}'"\s;]++ \} | \{\{\{?+ (?>(?!\}\}|\{\{)[^\n])++ \}\}\}?+ )
    """
IN_QUOTES = r"\{\{(?>(?!\}\}|\{\{)[^\n])++\}\}"  # which may hold quotes of its own
VARIABLES = r"""
      (?P<literal> (?<![^\W_]) (?<![)\]:]) :'\w++' )
    | (?P<variable> (?<![^\W_]) (?<![)\]:]) :(?:"\w++" | \w++)
        | %\(\w++\)[sdf]? | @[A-Za-z_][\w.-]*+@ )
    """
_OPENS = re.compile(r"\{[{%#]|\$\{")
_INSIDE = re.compile(rf"\$\{{[^{{}}'\"\s;]+\}}|{IN_QUOTES}")
_INCLUDES = re.compile(r"\{%[-+]?\s*(?:include|import|extends|from)\b")

# A stand-in is one of the marks, a number as another character, and as many $ as are missing.
_PLAIN, _QUOTED, _FIRST, _LAST = "\ue000", "\ue001", 0xE100, 0xF8FF
_STAND_IN = re.compile("[\ue000\ue001][\ue100-\uf8ff]\\$*")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LONGEST = 59  # bytes; PostgreSQL cuts names of more than 63 between two characters


def has_any(text: str) -> bool:
    """Whether anything in `text` may be a template's."""
    return bool(_OPENS.search(text))


def includes(directive: str) -> bool:
    """Whether it stands for the text of another file."""
    return bool(_INCLUDES.match(directive))


class StandIns:
    """The stand-ins of one text, which is known to have no such characters of its own."""

    def __init__(self, text: str) -> None:
        """In a text that has some already, these are others."""
        used = [ord(run[0][1]) for run in _STAND_IN.finditer(text)]
        self._next = max(used, default=_FIRST - 1) + 1
        self._known: dict[str, str] = {}

    def of(self, written: str, mark: str = _PLAIN) -> str:
        """A name as long as `written`, the same for the same; past some thousands `written`."""
        key = mark + written
        if key not in self._known:
            if self._next > _LAST:
                return written
            self._known[key] = f"{mark}{chr(self._next)}".ljust(len(written), "$")
            self._next += 1
        return self._known[key]

    def inside(self, quoted: str) -> str:
        """A quoted name with stand-ins for the placeholders in it."""
        return _INSIDE.sub(lambda found: self.of(found[0], _QUOTED), quoted)

    def everywhere(self, text: str) -> str:
        """`text` with stand-ins for all placeholders, be they in strings."""
        return _INSIDE.sub(lambda found: self.of(found[0]), text)


def in_quotes(name: str) -> str:
    """A name with placeholders in double quotes, where quotes of its own are doubled."""
    place, parts = 0, list[str]()
    for found in _INSIDE.finditer(name):
        parts += name[place : found.start()].replace('"', '""'), found[0]
        place = found.end()
    rest = name[place:].replace('"', '""')
    return f'"{"".join(parts)}{rest}"'


def can_be_masked(text: str) -> bool:
    """Not where the author's own characters could be taken for stand-ins."""
    return not _PRIVATE.search(text)


def restore(node: Tree, text: str, written: str) -> None:
    """Put the author's words back into the tree of `text`, in which stand-ins took their place.

    Raises ParseError where nobody can tell what a placeholder means.
    """
    known = {run[0]: written[run.start() : run.end()] for run in _STAND_IN.finditer(text)}
    for parent, attribute, name in _strings(node):
        restored = _restored(name, known)
        if isinstance(parent, ast.Alias):  # DELETE FROM t ${where} parses: as an alias
            raise ParseError(f"what {restored} stands for is not known here")
        setattr(parent, attribute, restored)


def reason(error: ParseError, text: str, written: str) -> str:
    """What is wrong with `text`, in the author's words."""
    said = str(error.args[0])
    found = _STAND_IN.search(said)
    if not found:
        return said
    start = text.index(found[0])
    original = written[start : start + len(found[0])]
    return f"{said.replace(found[0], original)}, which stands for what is not known here"


def _strings(node: Tree) -> Iterator[tuple[Tree, str, str]]:
    """Every attribute of a tree, however deep, that holds a stand-in."""
    left: list[object] = [node]
    while left:
        match left.pop():
            case ast.Node() as parent:
                for attribute in parent:
                    match getattr(parent, attribute):
                        case str() as value if _STAND_IN.search(value):
                            yield parent, attribute, value
                        case value:
                            left.append(value)
            case tuple() as several:
                left += several


def _restored(name: str, known: dict[str, str]) -> Template:
    if len(name.encode()) > _LONGEST:
        raise ParseError("a name with a placeholder is too long to be told from others")
    words = _STAND_IN.sub(lambda run: known.get(run[0], run[0]), name)
    return Template(words, quoted=_QUOTED in name)

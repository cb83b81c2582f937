"""Every statement of a text is found at its exact place, and one that is wrong hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import merge

from bot.model.migration import Command, Statement, Unreadable
from bot.model.source import Source, Span
from bot.postgres.operations import Refused
from bot.sql.abroad import REASON, runs_abroad
from bot.sql.lowering import commands
from bot.sql.masking import masked
from bot.sql.parsing import Forbidden, Parsed, read
from bot.sql.prepared import UNKNOWN, Prepared
from bot.sql.tree import Tree, ast

_OTHER_LANGUAGE = "a block in another language than PL/pgSQL is not read"
_OTHER_STRINGS = (
    "from here on the server reads backslashes in strings in another way;"
    " nothing after it could be read"
)
_NAMES_THE_SETTING = re.compile(r"standard_conforming_strings|pg_settings", re.IGNORECASE)


def statements(source: Source, within: Span | None = None) -> Iterator[Statement | Unreadable]:
    """The statements of `source`, or of a part of it, in order."""
    part = within or Span(0, len(source.text))
    written = source[part]
    text, hidden = masked(written)
    prepared = Prepared()
    for found in merge(read(text, written), hidden, key=lambda one: one.span):
        span = _moved(found.span, part.start)
        match found:
            case Unreadable(_, reason):
                yield Unreadable(span, reason)
            case Forbidden(_, end, mark, reason):
                refused = Command(Refused(reason), _moved(mark, part.start))
                yield Statement(source, span, part.start + end, (refused,))
            case Parsed(node) if _changes_strings(node) or _may_change_strings(found, text):
                rest = Span(span.start, part.start + len(text.rstrip()))
                yield Unreadable(rest, _OTHER_STRINGS)
                return
            case Parsed(ast.DoStmt()) if inside := _inside(source, found, part.start):
                yield from inside
            case Parsed(node, end=end):
                runs = prepared.run(node)
                gap = _gap(node, runs, found.text)
                if gap:
                    yield Unreadable(span, gap)
                asked = commands(runs or node, span.start, span, found.text)
                yield Statement(source, span, part.start + end, asked)


def _gap(node: Tree, runs: Tree | None, text: str) -> str | None:
    """Why what a statement runs cannot be told, although it can be read itself."""
    if runs is None:
        return UNKNOWN
    if isinstance(node, ast.DoStmt):
        return _OTHER_LANGUAGE
    return REASON if runs_abroad(node, text) else None


def _inside(source: Source, found: Parsed, offset: int) -> Iterator[Statement | Unreadable] | None:
    from bot.sql.blocks import block  # few files have one

    return block(source, found, offset)


def _may_change_strings(found: Parsed, text: str) -> bool:
    """Whether a query or block speaks of the setting, and strings below would be other ones."""
    if not _NAMES_THE_SETTING.search(found.text) or "\\" not in text[found.span.end :]:
        return False
    match found.node:
        case ast.SelectStmt(targetList=tuple(targets)) if targets:
            return not all(_sets_on(target) for target in targets)
        case ast.VariableSetStmt() | ast.VariableShowStmt() | ast.AlterRoleSetStmt():
            return False
        case ast.AlterDatabaseSetStmt() | ast.CommentStmt():
            return False
    return True


def _changes_strings(node: Tree) -> bool:
    """SET standard_conforming_strings = off, or set_config() of the same."""
    match node:
        case ast.VariableSetStmt(name=str(name), args=(ast.A_Const(val=value), *_)):
            return _sets_off(name, value)
        case ast.SelectStmt(targetList=tuple(targets)):
            return any(_configures(target) for target in targets)
    return False


def _configures(target: Tree) -> bool:
    asked = _configured(target)
    return asked is not None and _sets_off(*asked)


def _sets_on(target: Tree) -> bool:
    asked = _configured(target)
    return asked is not None and not _sets_off(*asked)


def _configured(target: Tree) -> tuple[str, Tree] | None:
    match target:
        case ast.ResTarget(
            val=ast.FuncCall(
                funcname=(*_, ast.String(sval="set_config")),
                args=(ast.A_Const(val=ast.String(sval=name)), ast.A_Const(val=value), *_),
            )
        ):
            return name, value
    return None


def _sets_off(name: str, value: Tree) -> bool:
    if name.lower() != "standard_conforming_strings":
        return False
    match value:
        case ast.String(sval=word):
            return word.lower() not in ("on", "true", "yes", "1")
        case ast.Integer(ival=number):
            return not number
    return False


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)

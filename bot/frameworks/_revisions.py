"""What Alembic runs of a revision, and the revision that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath

from bot.alembic import rewriting
from bot.alembic.environment import Environment, companions, environment
from bot.alembic.reading import read as upgrade_of
from bot.alembic.request import request_of
from bot.alembic.revisions import (
    NewRevision,
    Revision,
    create_date,
    file_name,
    heads_above,
    in_order,
    later,
    revision_of,
    text_like,
)
from bot.alembic.saying import executed, needs_sqlalchemy, relative, said, undone
from bot.alembic.undoing import Asked, at_the_end, edits_below, takes_back
from bot.frameworks._contract import Beside, FollowUp, Later
from bot.frameworks._later import NONE_SET, VERBS
from bot.frameworks._lines import SETTINGS, settings
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile, NoFix
from bot.model.migration import (
    Batch,
    Misreading,
    Statement,
    Unreadable,
    Wrapping,
)
from bot.model.source import Source, Span
from bot.model.wording import plain
from bot.postgres.operations import CreateIndex, Operation, ValidateConstraint
from bot.python.layout import STEP, Layout
from bot.python.layout import comments as comments_of
from bot.python.parsing import Unparsable, module

FILE = re.compile(r"(?!(?:__init__|env)\.py|\.#)[^/]+\.py")
_HEADS = NoFix(
    "More than one head follows this revision, so it is not known which one the next revision is"
    " for: merge the heads first."
)
_SCATTERED = NoFix(
    "The revisions lie in several folders, so it is not known here which of them is the head that"
    " the next one follows."
)
_UNCLEAR = NoFix(
    "What a revision of this folder follows cannot be read (`down_revision`), so it is not known"
    " which of them is the head."
)
_NO_REVISION = NoFix("The revision's identifier cannot be read, so nothing can follow it.")
_NO_DATE = NoFix(
    "The names of the revisions tell when they were made, and this one does not say (`Create"
    " Date:`), so the next one's name is unknown."
)
_LONGEST_TITLE = 80
_MOST_AGAIN = 50
_LOCAL = re.compile(r"^SET\s+LOCAL\s+", re.IGNORECASE)
_NO_PLACE = NoFix("It is not clear where the function `upgrade` ends, so nothing is added to it.")
_EXTERNAL = NoFix(
    "The transaction is begun in `env.py` itself, so no revision can end it: have Alembic begin it"
    " (`context.begin_transaction()` on a connection that is in none)."
)


comment = "#"
"""What a comment begins with."""

objection = rewriting.objection
amended = rewriting.amended
removed = rewriting.removed
in_place = rewriting.in_place


def read(source: Source, tree: Tree) -> Iterator[Batch | Misreading | Unreadable]:
    """What a revision's upgrade sends, in the transactions in which Alembic does it."""
    known = environment(source.path, tree)
    return upgrade_of(source, known.naming, known.width)


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments of a revision stand."""
    try:
        return comments_of(module(source))
    except Unparsable:
        return ()


def wrapping(source: Source, statements: Sequence[Statement], tree: Tree) -> Wrapping:
    """How env.py has revisions run."""
    return Wrapping.FILE if environment(source.path, tree).each else Wrapping.ALL


def planned(path: str, tree: Tree) -> Sequence[str] | None:
    """The revisions of a folder, each behind those that it follows."""
    folder = str(PurePosixPath(path).parent)
    paths = (f"{folder}/{name}" for name in sorted(tree.names(folder)) if FILE.fullmatch(name))
    return in_order(tree.texts(list(paths))) or None


def surroundings(path: str) -> tuple[str, ...]:
    """The files that tell how the revision at this path runs and is written."""
    return companions(path)


def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    """The revision that does later what one puts off."""
    known = environment(new.source.path, tree)
    if known.external:
        return _EXTERNAL
    own = revision_of(new.source.path, new.source.text)
    if own is None:
        return _NO_REVISION
    layout = Layout(module(new.source), known.width)
    block = new.alone or not known.each or new.following == "same-file"
    upgrade, downgrade = _bodies(new, layout, in_block=block)
    if new.following == "same-file":
        edit = at_the_end(layout, upgrade)
        return (edit,) if edit else _NO_PLACE
    if known.scattered:
        return _SCATTERED
    after = _last(own.name, new.source.path, known, taken, tree)
    if isinstance(after, NoFix):
        return after
    down, turn = after
    date = create_date(new.source.text)
    message = f"{new.verb.capitalize()}: {_title(new.source)}"
    moved_on = later(date, turn) if date else None
    name = _name(known, own.name, new, message, moved_on)
    file = file_name(known.template, name, message, moved_on)
    if file is None:
        return _NO_DATE
    sqlalchemy = needs_sqlalchemy((*upgrade, *downgrade))
    revision = NewRevision(name, down, message, moved_on, upgrade, downgrade, sqlalchemy)
    text = text_like(new.source.text, revision, layout.string, new.source.newline)
    above = PurePosixPath(new.source.path).parents
    versions = above[min(known.template.count("/"), len(above) - 1)]
    return (NewFile(str(versions / file), text, turn), *_beside(new, layout))


def _beside(new: FollowUp, layout: Layout) -> Iterator[Beside]:
    return (Beside(moment, edit) for moment, edit in edits_below(new.operations, layout))


def _title(source: Source) -> str:
    """What the author says of the revision, else the name of its file."""
    first = source.text.lstrip("\ufeff \t\r\n").lstrip("\"'").split("\n", 1)[0].strip(" \r\"'.")
    said = first if source.text.lstrip("\ufeff \t\r\n").startswith(('"""', "'''")) else ""
    return plain(said or PurePosixPath(source.path).stem.replace("_", " "))[:_LONGEST_TITLE]


def _last(
    name: str, path: str, known: Environment, taken: Iterable[str], tree: Tree
) -> tuple[str, int] | NoFix:
    """The revision that the next one follows, and how many new ones there are then."""
    folder = str(PurePosixPath(path).parent)
    paths = [f"{folder}/{one}" for one in sorted(tree.names(folder)) if FILE.fullmatch(one)]
    there = set(paths)
    new = [one for one in taken if one not in there and str(PurePosixPath(one).parent) == folder]
    texts = tree.texts(paths)
    several = [one for place, text in texts.items() if (one := revision_of(place, text))]
    if any(one.unclear for one in several):
        return _UNCLEAR
    heads = heads_above(name, several)
    if "(rev)" in known.template:
        new = [one for one in new if _follows_same(one, heads, several, known)]
    if new and len(heads) == 1:
        return _named_in(PurePosixPath(new[-1]).name, known), len(new) + 1
    return (heads[0], 1) if len(heads) == 1 else _HEADS


def _follows_same(
    path: str, heads: Sequence[str], several: Sequence[Revision], known: Environment
) -> bool:
    """Whether a new revision is for one that has the same heads above it."""
    own = _named_in(PurePosixPath(path).name, known)
    return any(
        own == _digest(f"{one.name} {verb} {again}")
        for one in several
        if heads_above(one.name, several) == tuple(heads)
        for verb in VERBS
        for again in range(_MOST_AGAIN)
    )


def _named_in(file: str, known: Environment) -> str:
    """The identifier of a new revision, from the name of its file."""
    found = re.search(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])", file)
    if "(rev)" in known.template and found:
        return found[0]
    return _digest(file)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _name(known: Environment, own: str, new: FollowUp, message: str, date: datetime | None) -> str:
    """An identifier as Alembic's own are, the same whenever it is asked for."""
    if "(rev)" in known.template:
        return _digest(f"{own} {new.verb} {new.again}")
    return _digest(file_name(known.template, "", message, date) or "")


def _bodies(new: FollowUp, layout: Layout, *, in_block: bool) -> tuple[list[str], list[str]]:
    """What upgrade and downgrade of the next revision say.

    In a block stands what may be run again: the rest happens all together, or not at all.
    """
    says = layout.remark(new.says, STEP)
    asked = [(moment, one) for moment, one in new.operations if request_of(moment)]
    first = [pair for pair in asked if in_block and _can_be_repeated(pair[1])]
    rest = [pair for pair in asked if pair not in first]
    up = _said(first, layout, in_block=True) + _said(rest, layout, in_block=False)
    back = [pair for pair in reversed(asked) if takes_back(*pair, new.operations, layout)]
    others = [pair for pair in back if not isinstance(pair[1], CreateIndex)]
    indexes = [pair for pair in back if isinstance(pair[1], CreateIndex)]
    down = _undone(others, layout, in_block=False) + _undone(indexes, layout, in_block=True)
    return [*says, *up], down


def _can_be_repeated(operation: Operation) -> bool:
    return operation.alone or isinstance(operation, ValidateConstraint)


def _said(asked: Asked, layout: Layout, *, in_block: bool) -> list[str]:
    inside, texts, now = STEP * (1 + in_block), list[str](), NONE_SET
    for moment, operation in asked:
        request = request_of(moment)
        wanted = NONE_SET if operation.alone else settings(moment, local=False)
        texts += executed(layout, _set(now, wanted, in_block=in_block), inside)
        now = wanted
        texts += said(moment, request, operation, inside) if request else []
    if in_block:
        texts += executed(layout, _set(now, NONE_SET, in_block=True), inside)
    return _lines(texts, in_block=in_block)


def _undone(asked: Asked, layout: Layout, *, in_block: bool) -> list[str]:
    inside = STEP * (1 + in_block)
    texts = [text for pair in asked for text in undone(*pair, layout, inside)]
    return _lines(texts, in_block=in_block)


def _set(before: Sequence[str], wanted: Sequence[str], *, in_block: bool) -> list[str]:
    """What changes settings; without a transaction it lasts until it is taken back."""
    pairs = zip(SETTINGS, before, wanted, strict=True)
    texts = [(text or f"RESET {name}").rstrip(";") for name, old, text in pairs if text != old]
    return [_LOCAL.sub("SET ", text) if in_block else text for text in texts]


def _lines(texts: Sequence[str], *, in_block: bool) -> list[str]:
    """Statements without their indent, in a block that has no transaction."""
    lines = relative(texts, STEP * (1 + in_block))
    block = in_block and bool(lines)
    return [rewriting.BLOCK, *(f"{STEP}{line}" for line in lines)] if block else lines

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
    create_date,
    file_name,
    heads_above,
    in_order,
    later,
    revision_of,
    text_like,
)
from bot.alembic.saying import executed, needs_sqlalchemy, said, undone
from bot.alembic.undoing import at_the_end, edits_below
from bot.frameworks._contract import Beside, FollowUp, Later
from bot.frameworks._later import NONE_SET
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
    if new:
        return _named_in(PurePosixPath(new[-1]).name, known), len(new) + 1
    texts = tree.texts(paths)
    several = [one for place, text in texts.items() if (one := revision_of(place, text))]
    if any(one.unclear for one in several):
        return _UNCLEAR
    heads = heads_above(name, several)
    return (heads[0], 1) if len(heads) == 1 else _HEADS


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
    """What upgrade and downgrade of the next revision say."""
    inside = f"{STEP}{STEP}" if in_block else STEP
    up, down, now = list[str](), list[list[str]](), NONE_SET
    for moment, operation in new.operations:
        request = request_of(moment)
        if request is None:
            continue
        wanted = NONE_SET if new.alone else settings(moment, local=False)
        up += executed(layout, _set(now, wanted, in_block=in_block), inside)
        now = wanted
        up += said(moment, request, operation, inside)
        down.append(undone(moment, operation, layout, inside))
    if in_block:
        up += executed(layout, _set(now, NONE_SET, in_block=True), inside)
    back = [line for lines in reversed(down) for line in lines]
    says = layout.remark(new.says, STEP)
    return _block(up, says, in_block=in_block), _block(back, [], in_block=in_block)


def _set(before: Sequence[str], wanted: Sequence[str], *, in_block: bool) -> list[str]:
    """What changes settings; without a transaction it lasts until it is taken back."""
    pairs = zip(SETTINGS, before, wanted, strict=True)
    texts = [(text or f"RESET {name}").rstrip(";") for name, old, text in pairs if text != old]
    return [_LOCAL.sub("SET ", text) if in_block else text for text in texts]


def _block(statements: Sequence[str], comment: list[str], *, in_block: bool) -> list[str]:
    """Statements below a comment, without their indent, in a block that has no transaction."""
    if not statements:
        return []
    lines = [line for text in statements for line in text.split("\n")]
    if not in_block:
        return [*comment, *_less(lines, STEP)]
    return [*comment, rewriting.BLOCK, *(f"{STEP}{line}" for line in _less(lines, STEP + STEP))]


def _less(lines: Sequence[str], indent: str) -> list[str]:
    """The first line of each statement has no indent, the others have it already."""
    return [line.removeprefix(indent) for line in lines]

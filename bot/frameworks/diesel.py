"""diesel sends each up.sql as one message, in a transaction unless metadata.toml says not to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import PurePosixPath

from bot.frameworks import _folders
from bot.frameworks._contract import FollowUp, Framework
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.finding import NewFile
from bot.model.migration import Statement, Wrapping
from bot.model.source import Source, Span

# migrations_internals/src/lib.rs and diesel_migrations of 2.3: the version ends at the first
# underscore, and its hyphens say nothing.
_FOLDER = re.compile(r"(?P<version>(?![0-9]{13}_)[0-9][0-9-]{0,40}(?:-[0-9a-f]{4})?)_(?P<title>.*)")
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}(?P<more>-[0-9a-f]{4})?")
_METADATA = "metadata.toml"
_LOOSE = "run_in_transaction = false\n"


def _digits(version: str) -> str:
    return version.replace("-", "")


def _next_version(versions: Sequence[str]) -> str:
    """Written as the migration's own, the first of `versions`."""
    own = _DATED.fullmatch(versions[0])
    if not own:
        return next_number(_digits(one) for one in versions)
    seconds = next_number(_digits(one)[:14] for one in versions if _DATED.fullmatch(one))
    date = f"{seconds[:4]}-{seconds[4:6]}-{seconds[6:8]}-{seconds[8:]}"
    return f"{date}-0000" if own["more"] else date


def _order(path: str) -> tuple[object, ...]:
    """By the version, as a string."""
    name = PurePosixPath(path).parent.name
    return (_digits(name.partition("_")[0]), name)


def _beside(path: str) -> str:
    return str(PurePosixPath(path).with_name(_METADATA))


def _wrapping(source: Source, statements: Sequence[Statement], tree: Tree) -> Wrapping:
    """A file metadata.toml without the key says no as well; one that cannot be read says nothing.

    Without its own transaction it still is one message.
    """
    text = tree.text(_beside(source.path))
    if text is None:
        return Wrapping.FILE
    try:
        inside = tomllib.loads(text).get("run_in_transaction", False)
    except tomllib.TOMLDecodeError:
        return Wrapping.FILE
    alone = inside is False and len(statements) == 1 and statements[0].alone
    return Wrapping.STATEMENT if alone else Wrapping.FILE


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[NewFile, ...] | None:
    there = _METADATA in tree.names(str(PurePosixPath(source.path).parent))
    return None if there else (NewFile(_beside(source.path), _LOOSE),)


def _more(new: FollowUp) -> dict[str, str]:
    return {_METADATA: _LOOSE} if new.alone else {}


FRAMEWORK = Framework(
    name="diesel",
    file=re.compile(r"up\.sql"),
    ignored=re.compile(r"down\.sql"),
    folder=_FOLDER,
    markers=frozenset({"diesel.toml"}),
    hints=frozenset({"Cargo.toml"}),
    needs_proof=True,
    hints_prove=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    wrapping_of=_wrapping,
    companions=lambda path: (_beside(path),) if path.endswith("/up.sql") else (),
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    follow_up=_folders.in_folders(_FOLDER, _next_version, _more),
    alone_in_place=True,
    series=_folders.series,
    order=_order,
    reads_version=_digits,
)

"""Atlas runs each file in one transaction, unless the comments at its beginning say not to."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256

from bot.frameworks._beside import beside
from bot.frameworks._contract import FollowUp, Framework, Section, Sums
from bot.frameworks._marks import span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import BYTE_ORDER_MARK, Edit, Source, Span

# sql/migrate/dir.go of 1.2.3; up and down files are those of a tool that Atlas writes for.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})(?:_(?P<title>(?!.*\.(?:up|down)\.sql).*))?\.sql")
_LOOSE = "-- atlas:txmode none"
_DIRECTIVE = re.compile(r"[ -~]*atlas:(?P<name>\w+)(?: +(?P<value>[^\n]+))?")
_ALMOST = re.compile(r"^[ \t\ufeff]*(?:--|#)[ \t]*atlas:[ \t]*txmode\b[^\n]*", re.M | re.I)


def _text(new: FollowUp) -> str:
    return f"{_LOOSE}\n\n{new.sql}" if new.alone else new.sql


def _header(text: str) -> tuple[list[tuple[str, str]], int]:
    """The directives above the first empty line, which has to follow them, and where they end.

    A line that holds a carriage return is not empty to Atlas.
    """
    place, lines = 0, list[str]()
    while text.startswith(("#", "--"), place):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        lines.append(text[place:end].strip())
        place = end + 1
    rest = text[place : place + 200].lstrip(" \t")
    if place < len(text) and not rest.startswith("\n"):
        return [], 0
    found = (_DIRECTIVE.match(line) for line in lines)
    return [(one["name"], one["value"] or "") for one in found if one], place


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """A checkpoint runs on new databases alone."""
    directives, end = _header(source.text)
    if any(name == "checkpoint" for name, _ in directives):
        return
    modes = [value for name, value in directives if name == "txmode"]
    wrapping = Wrapping.STATEMENT if modes == ["none"] else Wrapping.FILE
    yield Section(Span(0, len(source.text)), wrapping)
    if any(mode not in ("none", "file") for mode in modes) or len(modes) > 1:
        end = 0
    for match in _ALMOST.finditer(source.text, end):
        yield Misreading(
            span_of(match),
            f"Atlas does not understand this: it takes `{_LOOSE}` or `file` once, among comments"
            " that begin the file, with an empty line below them that ends with a line feed alone.",
        )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    directives, end = _header(source.text)
    if source.text.startswith(BYTE_ORDER_MARK) or any(name == "txmode" for name, _ in directives):
        return None
    return (Edit(Span(0, 0), f"{_LOOSE}\n" if end else f"{_LOOSE}\n\n"),)


def _sums(before: str, texts: Mapping[str, str], new: Collection[str]) -> str:
    """Of each file the sum of all up to it, and above them the sum of those."""
    so_far, whole, lines = sha256(), sha256(), list[str]()
    for name, text in sorted((name.encode(), text) for name, text in texts.items()):
        so_far.update(name)
        directive = _DIRECTIVE.match(text)
        if directive and directive.group("name", "value") == ("sum", "ignore"):
            continue
        so_far.update(text.encode())
        one = b64encode(so_far.digest())
        whole.update(name + one)
        lines.append(f"{name.decode()} h1:{one.decode()}\n")
    return f"h1:{b64encode(whole.digest()).decode()}\n{''.join(lines)}"


FRAMEWORK = Framework(
    name="atlas",
    file=_FILE,
    markers=frozenset({"atlas.sum"}),
    hints=frozenset({"atlas.hcl"}),
    needs_proof=True,
    hints_prove=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    several_alone=True,
    resumes=True,
    refuses_older="refuses to migrate, unless it is run with `--exec-order non-linear`",
    each_alone=(
        "Or run Atlas without `--tx-mode all`, so that it commits each file by itself, and take"
        ' `transaction = "all"` out of the configuration.'
    ),
    sums=Sums(
        "atlas.sum",
        _sums,
        "Run `atlas migrate hash` then, since `atlas.sum` tells what is in these files;"
        " `lockstep fix` writes that too.",
    ),
)

"""node-pg-migrate runs all pending migrations in one transaction, whatever is up in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import span_of
from bot.frameworks._setting import texts_above
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

# src/sqlMigration.ts; `1_a.up.sql` may well be another tool's.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})[_-](?P<title>.+)(?<!\.up)(?<!\.down)\.sql")
_MARK = re.compile(
    r"^[ \t]*--[ \t-]*(?:(?P<up>up)|(?P<down>down))[ \t]+migration", re.MULTILINE | re.IGNORECASE
)


_PACKAGE = frozenset({"package.json"})
_EACH_ALONE = frozenset(
    f"--{option}"
    for name in ("single-transaction", "singleTransaction")
    for option in (f"no-{name}", f"{name}=false", f"{name} false")
)


def _text(new: FollowUp) -> str:
    return f"-- Up Migration\n{new.sql}\n-- Down Migration\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    marks = list(_MARK.finditer(source.text))
    up = next((match for match in marks if match["up"]), None)
    down = next((match for match in marks if match["down"]), None)
    if down and not up:
        yield Misreading(
            span_of(down),
            "node-pg-migrate runs all of this file on the way up, what stands below this line too,"
            " because no line says `-- Up Migration`.",
        )
    start = up.start() if up else 0
    end = down.start() if up and down and down.start() > start else len(source.text)
    yield Section(Span(start, end), Wrapping.ALL)


def _set_wrapping(path: str, tree: Tree) -> Wrapping | None:
    """As the scripts of the nearest package.json run the tool, where all of them say the same.

    Neither configuration files nor variables can say it (bin/node-pg-migrate.ts).
    """
    for text in texts_above(path, _PACKAGE, tree):
        runs = [arguments for arguments in _calls(text) if not {"create", "down"} & {*arguments}]
        if runs:
            return Wrapping.FILE if all(map(_commits_each, runs)) else None
    return None


def _calls(package: str) -> Iterator[list[str]]:
    """What a package's scripts tell the tool when they call it."""
    try:
        scripts = json.loads(package)["scripts"].values()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return
    several = (re.split(r"[;&|\n]+", one) for one in scripts if isinstance(one, str))
    for words in (command.split() for commands in several for command in commands):
        if "node-pg-migrate" in words:
            yield words[words.index("node-pg-migrate") + 1 :]


def _commits_each(arguments: Sequence[str]) -> bool:
    pairs = (" ".join(pair) for pair in pairwise(arguments))
    return not _EACH_ALONE.isdisjoint((*arguments, *pairs))


FRAMEWORK = Framework(
    name="node-pg-migrate",
    file=_FILE,
    says=_MARK,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.ALL,
    sections=_sections,
    alone="let a migration in JavaScript do it that says `pgm.noTransaction()`",
    each_alone=(
        "Or have the scripts of package.json run the tool with `--no-single-transaction`, which"
        ' commits each file by itself, or say `transaction = "file"` in the configuration: then it'
        " goes to the next file."
    ),
    settings=_PACKAGE,
    set_wrapping=_set_wrapping,
    follow_up=beside(_FILE, _text),
    same_versions=True,
)

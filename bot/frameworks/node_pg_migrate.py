"""node-pg-migrate runs all pending migrations in one transaction, whatever is up in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

# src/sqlMigration.ts; `1_a.up.sql` may well be another tool's.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})[_-](?P<title>.+)(?<!\.up)(?<!\.down)\.sql")
_MARK = re.compile(
    r"^[ \t]*--[ \t-]*(?:(?P<up>up)|(?P<down>down))[ \t]+migration", re.MULTILINE | re.IGNORECASE
)


def _text(new: FollowUp) -> str:
    undone = "-- What this adds stays until the migration that it belongs to is undone.\n"
    return f"-- Up Migration\n{new.sql}\n-- Down Migration\n{undone}"


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
        "Or run the tool with `--no-single-transaction`, which commits each file by itself, and say"
        ' `transaction = "file"` in the configuration: then it goes to the next file.'
    ),
    follow_up=beside(_FILE, _text),
    same_versions=True,
)

"""The next migration of an app: its name, what it depends on, and its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.django.places import OPERATIONS
from bot.django.project import Folder, Tree, project
from bot.django.texts import asked_by, later, prefix, run_sql
from bot.model.finding import NewFile, NoFix
from bot.model.moment import Moment
from bot.model.source import Source
from bot.postgres.operations import Operation
from bot.python.layout import STEP, Layout
from bot.python.parsing import Unparsable, module

_NUMBER = re.compile(r"[0-9]+")  # MigrationAutodetector.parse_number()
_LONGEST = 52
"""As many characters as Django itself gives a migration's name (Migration.suggest_name)."""
_LEAVES = NoFix(
    "More than one migration of the app has none that depends on it, so it is not known what the"
    " next one is for: merge them first (`makemigrations --merge`)."
)


@dataclass(frozen=True, slots=True)
class Next:
    """What runs once `source` has; `alone` where it is to have no transaction."""

    source: Source
    operations: Sequence[tuple[Moment, Operation]]
    verb: str
    says: str
    settings: Sequence[str]
    alone: bool


def next_migration(new: Next, taken: Sequence[str], tree: Tree) -> NewFile | NoFix:
    """The migration behind the app's last one, and behind those that are `taken`."""
    layout = _layout(new)
    folder = project(tree).folder(str(PurePosixPath(new.source.path).parent))
    before = _before(new.source, folder, taken)
    if layout is None or before is None:
        return _LEAVES
    name = _name(new.source, folder, new.verb, taken)
    place = str(PurePosixPath(new.source.path).with_name(f"{name}.py"))
    inside = f"{STEP}{STEP}"
    several = [run_sql(layout, [one], "", inside) for one in new.settings]
    for moment, operation in new.operations:
        several += later(moment, operation, layout, inside)
    text = _text(layout, new.says, (folder.label, before), several, alone=new.alone)
    return NewFile(place, text)


def _layout(new: Next) -> Layout | None:
    for moment, _ in new.operations:
        asked = asked_by(moment)
        if asked and asked.layout:
            return asked.layout
    try:
        return Layout(module(new.source))
    except Unparsable:
        return None


def _before(source: Source, folder: Folder, taken: Iterable[str]) -> str | None:
    """The migration on which the next one depends: the app's last, or the last new one."""
    own = PurePosixPath(source.path)
    new = [
        path.stem
        for one in taken
        if (path := PurePosixPath(one)).parent == own.parent
        and path.suffix == ".py"
        and path.stem not in folder.names
        and path.stem != own.stem
        and path.stem[:1] not in "_~."
    ]
    if new:
        return new[-1]
    leaves = folder.leaves
    if own.stem not in folder.names:
        return own.stem
    return leaves[0] if len(leaves) == 1 else None


def _name(source: Source, folder: Folder, verb: str, taken: Iterable[str]) -> str:
    own = PurePosixPath(source.path)
    stems = [path.stem for one in taken if (path := PurePosixPath(one)).parent == own.parent]
    numbers = [found for one in (*folder.names, *stems, own.stem) if (found := _NUMBER.match(one))]
    highest = max((int(one[0]) for one in numbers), default=0)
    title = _NUMBER.sub("", own.stem, count=1).strip("_") or "migration"
    return f"{highest + 1:04}_{f'{verb}_{title}'[:_LONGEST].rstrip('_')}"


def _text(
    layout: Layout, says: str, before: tuple[str, str], operations: Sequence[str], *, alone: bool
) -> str:
    imported = sorted({name for text in operations if (name := _own_name(text))})
    lines = [*layout.remark(says, ""), ""] if says else []
    lines += [*_imports(layout, imported, operations), "", ""]
    lines += ["class Migration(migrations.Migration):"]
    if alone:
        lines += [f"{STEP}atomic = False", ""]
    pair = f"({', '.join(map(layout.string, before))})"
    lines += [f"{STEP}dependencies = [", f"{STEP}{STEP}{pair},", f"{STEP}]", ""]
    lines += [f"{STEP}operations = ["]
    lines += [f"{STEP}{STEP}{text}," for text in operations]
    lines += [f"{STEP}]", ""]
    own = prefix(layout) or "migrations."
    end = layout.source.newline
    text = end.join(lines)
    return text if own == "migrations." else text.replace(own, "migrations.")


def _own_name(text: str) -> str | None:
    """What an operation is called that is imported by its name."""
    name = text.partition("(")[0]
    return None if "." in name else name


def _imports(layout: Layout, names: Sequence[str], operations: Sequence[str]) -> list[str]:
    """The imports that the operations need, those of the author's own among them."""
    from bot.django.places import imports_for

    found = [f"from {OPERATIONS} import {', '.join(names)}"] if names else []
    needs_models = any("models." in text for text in operations)
    what = "migrations, models" if needs_models else "migrations"
    found += [f"from django.db import {what}"]
    return [*imports_for(layout, operations, found)]

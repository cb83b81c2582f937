"""The revisions of a folder: what each is called, which follow it, and the text of the next one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from bot.model.wording import plain

_OWN = re.compile(r"^revision\b[^=\n]{0,200}=[ \t]*+(?P<value>['\"][^'\"\n]+['\"])", re.MULTILINE)
_DOWN = re.compile(
    r"^down_revision\b[^=\n]{0,200}=[ \t]*+(?P<value>[(\[][^)\]]*+[)\]]|[^#\n]*+)", re.MULTILINE
)
_PLAIN_NAME = re.compile(
    r"(?:[^%]|%%?\((?:rev|slug|epoch|year|month|day|hour|minute|second)\)(?:\.|0)?\d?\d?[sd])*+"
)
_DATE = re.compile(r"^Create Date:\s*(?P<date>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)", re.MULTILINE)
_TOKEN = re.compile(r"%%?\((?P<token>\w+)\)(?P<form>\.?0?\d*)(?P<kind>[ds])")
DEFAULT_TEMPLATE = "%(rev)s_%(slug)s"
_LONGEST_SLUG = 40
_NO_END = str.maketrans({'"': "'", "\\": "/"})


@dataclass(frozen=True, slots=True)
class Revision:
    """`down` are those that it follows; none for the first one.

    `unclear` where it says that in a way that cannot be read.
    """

    path: str
    name: str
    down: tuple[str, ...]
    unclear: bool = False


@lru_cache(maxsize=2048)
def revision_of(path: str, text: str) -> Revision | None:
    """What a file says of itself; None where it is no revision that can be read."""
    found = _OWN.search(text)
    own = _strings(found["value"]) if found else ()
    if not own:
        return None
    down = _DOWN.search(text)
    said = down["value"].strip() if down else ""
    names = _strings(said)
    return Revision(path, own[0], names, unclear=not names and said not in ("None", "()", "[]"))


def _strings(written: str) -> tuple[str, ...]:
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    several = value if isinstance(value, list | tuple | set) else (value,)
    return tuple(one for one in several if isinstance(one, str))


def in_order(texts: Mapping[str, str]) -> list[str]:
    """The paths of revisions, each behind those that it follows; others are left out."""
    known = [one for path, text in texts.items() if (one := revision_of(path, text))]
    names = {one.name for one in known}
    waits = {one.name: sum(name in names for name in one.down) for one in known}
    after: dict[str, list[Revision]] = defaultdict(list)
    for one in known:
        for name in one.down:
            after[name].append(one)
    ready = sorted((one for one in known if not waits[one.name]), key=lambda one: one.path)
    done = list[str]()
    while ready:
        one = ready.pop(0)
        done.append(one.path)
        for follower in sorted(after[one.name], key=lambda other: other.path):
            waits[follower.name] -= 1
            if not waits[follower.name]:
                ready.append(follower)
    return done


def heads_above(name: str, known: Iterable[Revision]) -> tuple[str, ...]:
    """The last revisions that follow the one of this name, itself where none does."""
    after: dict[str, list[str]] = defaultdict(list)
    for one in known:
        for down in one.down:
            after[down].append(one.name)
    found, seen, left = list[str](), {name}, [name]
    while left:
        last = left.pop()
        followers = after.get(last, [])
        if not followers:
            found.append(last)
        left += (other for other in followers if other not in seen)
        seen |= set(followers)
    return tuple(dict.fromkeys(found))


def create_date(text: str) -> datetime | None:
    found = _DATE.search(text)
    try:
        return datetime.fromisoformat(found["date"]) if found else None
    except ValueError:
        return None


def later(date: datetime, steps: int) -> datetime:
    return date + timedelta(seconds=steps)


def slug(message: str) -> str:
    """As Alembic makes it of a message (ScriptDirectory._rev_path)."""
    made = "_".join(re.findall(r"\w+", message)).lower()
    if len(made) > _LONGEST_SLUG:
        made = made[:_LONGEST_SLUG].rsplit("_", 1)[0] + "_"
    return made


def file_name(template: str, name: str, message: str, date: datetime | None) -> str | None:
    """The name of a revision's file, maybe in folders; None where it cannot be told."""
    if not _PLAIN_NAME.fullmatch(template) or ".." in template or template.startswith("/"):
        return None
    values: dict[str, object] = {"rev": name, "slug": slug(message)}
    if date is not None:
        values |= {
            part: getattr(date, part)
            for part in ("year", "month", "day", "hour", "minute", "second")
        }
        values["epoch"] = int((date - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
    try:
        return f"{template.replace('%%', '%') % values}.py"
    except (KeyError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What a new revision says; the bodies are lines of its functions."""

    name: str
    down: str
    message: str
    date: datetime | None
    upgrade: Sequence[str]
    downgrade: Sequence[str]
    needs_sqlalchemy: bool = False


def text_like(
    model: str, new: NewRevision, string: Callable[[str], str], newline: str = "\n"
) -> str:
    """The text of a revision, written as the one in `model` is; `string` writes a string."""
    annotated = re.search(r"^revision\s*:", model, re.MULTILINE) is not None
    arrow = " -> None" if re.search(r"^def upgrade\(\) -> None:", model, re.MULTILINE) else ""
    lines = [*_docstring(model, new), *_imports(model, new), ""]
    if "# revision identifiers, used by Alembic." in model:
        lines.append("# revision identifiers, used by Alembic.")
    lines += _identifiers(model, new, string, annotated=annotated)
    for name, body in (("upgrade", new.upgrade), ("downgrade", new.downgrade)):
        lines += ["", "", f"def {name}(){arrow}:"]
        lines += (f"    {line}" if line else "" for line in body or ["pass"])
    return "".join(f"{line}{newline}" for line in lines)


def _docstring(model: str, new: NewRevision) -> list[str]:
    if not model.lstrip("\ufeff \t\r\n").startswith(('"""', "'''")):
        return []
    own, down = (plain(one).translate(_NO_END) for one in (new.name, new.down))
    said = [f'"""{new.message.translate(_NO_END)}', "", f"Revision ID: {own}", f"Revises: {down}"]
    said += [f"Create Date: {new.date.isoformat(sep=' ')}"] if new.date else []
    return [*said, "", '"""', ""]


def _imports(model: str, new: NewRevision) -> list[str]:
    """Those that the model has of what is needed, in its order, or else the usual ones."""
    wanted = [
        r"^from typing import [^\n(]*$",
        r"^import sqlalchemy as sa$",
        r"^from alembic import op$",
    ]
    typed = re.search(r"^(?:down_revision|branch_labels)\s*:", model, re.MULTILINE) is not None
    groups = list[list[str]]([[]])
    for line in model.split("def upgrade", maxsplit=1)[0].splitlines():
        if not line.strip() and groups[-1]:
            groups.append([])
        needed = (typed, new.needs_sqlalchemy, True)
        if any(need and re.match(form, line) for form, need in zip(wanted, needed, strict=True)):
            groups[-1].append(line)
    found = [group for group in groups if group]
    there = {line.strip() for group in found for line in group}
    lines = ["import sqlalchemy as sa"] if new.needs_sqlalchemy else []
    missing = [line for line in (*lines, "from alembic import op") if line not in there]
    found += [missing] if missing else []
    lines = []
    for index, group in enumerate(found):
        lines += ["", *group] if index else group
    return lines


def _identifiers(
    model: str, new: NewRevision, string: Callable[[str], str], *, annotated: bool
) -> list[str]:
    values = {
        "revision": string(new.name),
        "down_revision": string(new.down),
        "branch_labels": "None",
        "depends_on": "None",
    }
    lines = list[str]()
    for name, value in values.items():
        kind = re.search(rf"^{name}\s*(?P<kind>:[^=\n]*[^=\s])?\s*=", model, re.MULTILINE)
        if kind is None and name in ("branch_labels", "depends_on"):
            continue
        said = kind["kind"] if kind and annotated and kind["kind"] else ""
        lines.append(f"{name}{said} = {value}")
    return lines

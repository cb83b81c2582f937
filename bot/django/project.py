"""The migrations of a repository, app by app: what each has made of the models before it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from bot.django.fields import USER, Key
from bot.django.settings import user_model
from bot.django.state import Model, State
from bot.django.written import Read, read
from bot.model.source import Source
from bot.python.parsing import Unparsable, module


class Tree(Protocol):
    """The files of the repository."""

    def names(self, folder: str) -> frozenset[str]: ...

    def texts(self, paths: list[str]) -> Mapping[str, str]: ...


FILE = re.compile(r"(?![_~.])[^/]+\.py")
_MOST = 4_000  # files of one app


@dataclass
class Folder:
    """The migrations of one app; `busy` while its models are being told."""

    project: Project
    path: str
    label: str
    busy: bool = False
    _after: list[dict[Key, Model]] = field(default_factory=list)
    _heard: dict[str, dict[str, str]] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Those of its files, without `.py`."""
        there = sorted(self.project.tree.names(self.path))
        return tuple(name[:-3] for name in there if FILE.fullmatch(name))[:_MOST]

    @cached_property
    def texts(self) -> Mapping[str, str]:
        return self.project.tree.texts([self._path(name) for name in self.names])

    @cached_property
    def found(self) -> dict[str, Read]:
        return {}

    def migration(self, name: str) -> Read | None:
        if name not in self.found:
            path = self._path(name)
            text = self.texts.get(path)
            try:
                known = read(Source(path, text)) if text is not None else None
            except Unparsable:
                known = None
            if known is None:
                return None
            self.found[name] = known
        return self.found[name]

    @cached_property
    def not_deterministic(self) -> frozenset[str]:
        """The collations that its migrations make by which different strings may be the same."""
        from bot.django.collations import could_make_some, not_deterministic

        texts = ((name, self.texts.get(self._path(name), "")) for name in self.names)
        several = (name for name, text in texts if could_make_some(text))
        known = (one for name in several if (one := self.migration(name)))
        return frozenset(found for one in known for found in not_deterministic(one))

    def _path(self, name: str) -> str:
        return f"{self.path}/{name}.py"

    @cached_property
    def replaced_by(self) -> dict[str, str]:
        """The squashed migration that stands for one that is there no more."""
        found = dict[str, str]()
        for name in self.names:
            if "replaces" in self.texts.get(self._path(name), "") and (one := self.migration(name)):
                found |= {other: name for app, other in one.replaces if app == self.label}
        return found

    def parents(self, migration: Read) -> list[str]:
        """The migrations of the app itself on which one depends."""
        found = list[str]()
        for app, name in migration.dependencies:
            if app != self.label:
                continue
            if name in ("__first__", "__latest__"):
                found += self.names[:1] if name == "__first__" else self.leaves[:1]
            else:
                found.append(self.called(name))
        return [one for one in dict.fromkeys(found) if one in self.names]

    def called(self, name: str) -> str:
        return name if name in self.names else self.replaced_by.get(name, name)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The migrations on which no other one of the app depends."""
        there = {name: one for name in self.names if (one := self.migration(name))}
        needed = {parent for one in there.values() for parent in self.parents(one)}
        squashed = {name: self.replaced_here(one) for name, one in there.items() if one.replaces}
        for name, others in squashed.items():
            needed.update(others if name in needed else [name] if others else [])
        return tuple(name for name in there if name not in needed)

    def replaced_here(self, migration: Read) -> list[str]:
        """The migrations of the app that a squashed one stands for and that are still there."""
        several = (name for app, name in migration.replaces if app == self.label)
        return [name for name in several if name in self.names]

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """All of them, each behind those that it depends on."""
        done, order = set[str](), list[str]()
        stack = [(name, False) for name in reversed(self.names)]
        while stack:
            name, finished = stack.pop()
            known = None if finished or name in done else self.migration(name)
            if finished:
                order.append(name)
            elif name not in done:
                done.add(name)
                parents = reversed(self.parents(known)) if known else ()
                stack += [(name, True), *((one, False) for one in parents)]
        return tuple(order)

    def models_after(self, starts: Sequence[str]) -> dict[Key, Model]:
        """The app's models once these migrations have run, and those before them in the order.

        What runs beside them on another branch may have run by then, which changes other models.
        """
        last = max((self._places[one] for one in starts if one in self._places), default=-1)
        if not self.busy:
            self.busy = True
            for name in self.in_order[len(self._after) : last + 1]:
                before = self._after[-1] if self._after else {}
                self._after.append(self._applied(name, before))
            self.busy = False
        known = self._after[: last + 1]
        return known[-1] if known else {}

    def _applied(self, name: str, before: dict[Key, Model]) -> dict[Key, Model]:
        from bot.django.reading import applied

        migration = self.migration(name)
        if migration is None or self.is_replaced_whole(migration):
            return before
        return applied(migration, State(self.label, before, self.seen_from(migration)))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.in_order)}

    def is_replaced_whole(self, migration: Read) -> bool:
        """Whether it is a squashed one, and all that it stands for is there.

        Where those have run it does not, and elsewhere there are no rows.
        """
        there = self.replaced_here(migration)
        return bool(there) and len(there) == len(migration.replaces)

    def seen_from(self, migration: Read) -> Seen:
        return Seen(self.project, self.path, self._told(migration))

    def _told(self, migration: Read) -> dict[str, str]:
        """The migrations of other apps that have run before one, as it and those before it say."""
        name = PurePosixPath(migration.source.path).name[:-3]
        found = dict[str, str]()
        for parent in self.parents(migration):
            found |= self._heard.get(parent, {})
        found |= dict(migration.dependencies)
        self._heard[name] = found
        return found


class Project:
    """All apps of a repository, found as they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._folders: dict[str, Folder] = {}
        self._users: dict[str, Key | None] = {}
        self._by_label: dict[tuple[str, str], Folder | None] = {}

    def folder(self, path: str) -> Folder:
        if path not in self._folders:
            self._folders[path] = Folder(self, path, self._label(path))
        return self._folders[path]

    def _label(self, path: str) -> str:
        """The label of an app by its migrations: its folder's name, or what apps.py says"""
        above = str(PurePosixPath(path).parent)
        config = f"{above}/apps.py" if above not in ("", ".") else "apps.py"
        named = PurePosixPath(above).name
        if "apps.py" not in self.tree.names(above):
            return named
        text = self.tree.texts([config]).get(config, "")
        return _label_in(Source(config, text)) or named if "label" in text else named

    def app(self, label: str, near: str) -> Folder | None:
        """The folder of another app's migrations, looked for beside and above those at `near`."""
        key = (label, near)
        if key not in self._by_label:
            self._by_label[key] = self._find(label, near)
        return self._by_label[key]

    def _find(self, label: str, near: str) -> Folder | None:
        for above in list(PurePosixPath(near).parents)[1:6]:
            for inside in (f"{label}/migrations", f"apps/{label}/migrations"):
                path = str(above / inside)
                if any(FILE.fullmatch(name) for name in self.tree.names(path)):
                    return self.folder(path)
        return None

    def before(self, migration: Read) -> State:
        """The models when a migration begins."""
        folder = self.folder(str(PurePosixPath(migration.source.path).parent))
        own = PurePosixPath(migration.source.path).name[:-3]
        starts = [one for one in folder.parents(migration) if one != own]
        models = folder.models_after(starts)
        return State(folder.label, models, folder.seen_from(migration))

    def model(self, key: Key, near: str, at: Mapping[str, str]) -> Model | None:
        """A model of another app, once the migration of that app has run which is told of."""
        folder = self.app(key[0], near)
        if folder is None:
            return None
        name = folder.called(at.get(key[0], ""))
        found = folder.models_after([name]).get(key) if name in folder.names else None
        return found or folder.models_after(folder.leaves).get(key)

    def user(self, near: str) -> Key | None:
        """What the settings call the model of users, where manage.py tells which ones they are."""
        for above in PurePosixPath(near).parents:
            folder = "" if str(above) == "." else str(above)
            if folder not in self._users and "manage.py" in self.tree.names(folder):
                self._users[folder] = user_model(self.tree, folder)
            if folder in self._users:
                return self._users[folder]
        return None


@dataclass(frozen=True)
class Seen:
    """The models of other apps as a migration finds them; `at` is what has run of each."""

    project: Project
    near: str
    at: Mapping[str, str]

    def model(self, key: Key) -> Model | None:
        if key == USER:
            known = self.project.user(self.near)
            return self.model(known) if known else None
        return self.project.model(key, self.near, self.at)

    def is_deterministic(self, collation: str) -> bool:
        others = (self.project.app(label, self.near) for label in self.at)
        several = (self.project.folder(self.near), *others)
        return not any(collation in one.not_deterministic for one in several if one)


def _label_in(source: Source) -> str | None:
    """The label that the one AppConfig in a module gives its app."""
    try:
        tree = module(source).tree
    except Unparsable:
        return None
    found = [
        node.value.value
        for one in tree.body
        if isinstance(one, ast.ClassDef)
        for node in one.body
        if isinstance(node, ast.Assign)
        and [getattr(target, "id", "") for target in node.targets] == ["label"]
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return found[0] if len(set(found)) == 1 else None


_KNOWN: list[Project] = []


def project(tree: Tree) -> Project:
    """The project of a tree, the same for all who ask as long as nobody asks of another tree."""
    if not (_KNOWN and _KNOWN[0].tree is tree):
        _KNOWN[:] = [Project(tree)]
    return _KNOWN[0]

"""What a revision's surroundings tell: env.py, alembic.ini and the project's line length."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath
from typing import Protocol

from bot.alembic.naming import Naming
from bot.alembic.revisions import DEFAULT_TEMPLATE
from bot.model.source import Source
from bot.python.execution import Execution
from bot.python.layout import WIDTH, configured_width
from bot.python.parsing import Unparsable, module
from bot.python.values import Call, Known, LocalClass, Pairs, Value, path, text_of

_BEGINS = re.compile(r"\.begin\(\)")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_NO_METADATA = re.compile(r"^target_metadata[ \t]*(?::[^=\n]{0,200})?=[ \t]*None\b", re.MULTILINE)
_CONVENTION = re.compile(r"naming_convention|NAMING_CONVENTION")
_DEFINES = re.compile(r"\b(?:MetaData|declarative_base|DeclarativeBase\w*|SQLModel|registry)\b")
_IMPORT = re.compile(
    r"^[ \t]*from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]+(?P<names>[^\n#]+)", re.MULTILINE
)
_METADATA = re.compile(
    r"\btarget_metadata[ \t]*(?::[^=\n]{0,200})?=[ \t]*\[?[ \t]*"
    r"(?!target_metadata\b)(?P<name>[\w.]+)"
)
_HOPS = 4
_SETTINGS = ("alembic.ini", "pyproject.toml", "ruff.toml", ".ruff.toml")


class Files(Protocol):
    def text(self, path: str) -> str | None: ...

    def texts(self, paths: Sequence[str]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """`each` where every revision is a transaction of its own.

    `external` where env.py begins the transaction by itself, so that no block can end it.
    `scattered` where revisions may lie in other folders too.
    """

    each: bool = False
    external: bool = False
    template: str = DEFAULT_TEMPLATE
    naming: Naming = Naming()  # noqa: RUF009
    width: int = WIDTH
    scattered: bool = False


def companions(path: str) -> tuple[str, ...]:
    """The files around a revision that tell how it runs and how it is written."""
    above = list(PurePosixPath(path).parents)
    environments = (folder / "env.py" for folder in above[1:4])
    settings = (folder / name for folder in above[1:] for name in _SETTINGS)
    return tuple(str(place) for place in (*environments, *settings))


def environment(path: str, tree: Files) -> Environment:
    """What the files around the revision at `path` tell."""
    found = {place: text for place in companions(path) if (text := tree.text(place)) is not None}
    return _environment(tuple(found.items()), PurePosixPath(path).parent, _Modules(tree, path))


@lru_cache(maxsize=64)
def _environment(
    files: tuple[tuple[str, str], ...], folder: PurePosixPath, modules: _Modules
) -> Environment:
    texts = dict(files)
    env = next((text for place, text in files if place.endswith("env.py")), "")
    env = _COMMENT.sub("", env)
    widths = (text for place, text in files if not place.endswith("env.py"))
    return Environment(
        each=_each(env),
        external=_BEGINS.search(env) is not None,
        template=_template(texts),
        naming=_naming(env, modules),
        width=configured_width(*widths),
        scattered=any(_SEVERAL.search(_COMMENT.sub("", text)) for text in texts.values()),
    )


_SEVERAL = re.compile(
    r"^[ \t]*(?:version_locations[ \t]*=[ \t]*\S"
    r"|recursive_version_locations[ \t]*=[ \t]*[\"']?(?:t|T|y|1))",
    re.MULTILINE,
)


def _each(env: str) -> bool:
    """Whether a call in env.py is given transaction_per_migration=True."""
    if "transaction_per_migration" not in env:
        return False
    try:
        parsed = module(Source("env.py", env))
    except Unparsable:
        return False
    return any(
        node.arg == "transaction_per_migration"
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
        for node in ast.walk(parsed.tree)
        if isinstance(node, ast.keyword)
    )


def _template(texts: Mapping[str, str]) -> str:
    for place, text in texts.items():
        if place.endswith("alembic.ini"):
            found = _of_ini(text)
            if found:
                return found
        elif place.endswith("pyproject.toml"):
            found = _of_toml(text)
            if found:
                return found
    return DEFAULT_TEMPLATE


def _of_ini(text: str) -> str | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        return parser.get("alembic", "file_template", fallback=None)
    except configparser.Error:
        return None


def _of_toml(text: str) -> str | None:
    try:
        known = tomllib.loads(text).get("tool", {}).get("alembic", {})
    except (tomllib.TOMLDecodeError, AttributeError, RecursionError):
        return None
    found = known.get("file_template") if isinstance(known, dict) else None
    return found if isinstance(found, str) else None


class _Modules:
    """The repository's modules by their names, as env.py may import them."""

    def __init__(self, tree: Files, path: str) -> None:
        self._tree, self._path = tree, path

    def __hash__(self) -> int:
        return hash(self._path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Modules) and (other._tree, other._path) == (
            self._tree,
            self._path,
        )

    def text(self, name: str) -> str | None:
        """A module, seen from the folders above the revision, or from `src` in one of them."""
        inside = name.strip(".").replace(".", "/")
        above = PurePosixPath(self._path).parents
        starts = (start for folder in above for start in (folder, folder / "src"))
        places = [
            str(start / place)
            for start in starts
            for place in (f"{inside}.py", f"{inside}/__init__.py")
        ]
        found = self._tree.texts(places)
        return next((found[place] for place in places if place in found), None)


def _naming(env: str, modules: _Modules) -> Naming:
    """The convention of `target_metadata`, followed from import to import."""
    if _NO_METADATA.search(env):
        return Naming(known=True)
    told = _METADATA.search(env)
    parts, text = (told["name"].split(".") if told else []), env
    for _ in range(_HOPS):
        if _CONVENTION.search(text):
            return _convention(text)
        source = _imported(parts[0], text) if parts else None
        if source is None:
            return Naming(known=bool(_DEFINES.search(text)) and text is not env)
        module_itself = modules.text(f"{source}.{parts[0]}")
        following = modules.text(source) if module_itself is None else module_itself
        if following is None:
            return Naming()
        parts, text = (parts if module_itself is None else parts[1:]), following
    return Naming()


def _imported(name: str, text: str) -> str | None:
    """The module that `name` is imported from."""
    for found in _IMPORT.finditer(text):
        if name in re.findall(r"\w+", found["names"]):
            return found["module"]
    return None


def _convention(text: str) -> Naming:
    """The convention that is written out, maybe under a name of its own."""
    try:
        parsed = module(Source("metadata.py", text))
    except Unparsable:
        return Naming()
    execution = Execution(parsed)
    for value in _values(execution):
        forms = _forms(value)
        if forms is not None:
            return Naming(known=True, forms=forms)
    return Naming()


def _values(execution: Execution) -> Iterator[Value]:
    own = list(execution.globals.own.values())
    inside = (one.names.own.values() for one in own if isinstance(one, LocalClass))
    for value in (*own, *chain.from_iterable(inside)):
        match value:
            case Call() if path(value).endswith("MetaData()"):
                given = value.keywords.get("naming_convention")
                if given:
                    yield given.value
            case Pairs():
                yield value


def _forms(value: Value) -> dict[str, str] | None:
    if not isinstance(value, Pairs):
        return None
    found = {text_of(key): text_of(form) for key, form in value.items if isinstance(key, Known)}
    forms = {key: form for key, form in found.items() if key and form}
    return forms if {"ix", "uq", "ck", "fk", "pk"} & set(forms) else None

"""One migration tool is one module and one page of the same name; they are discovered."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from pkgutil import iter_modules

from bot.frameworks._contract import Framework, read
from bot.frameworks._evidence import evidence
from bot.frameworks._rivals import contested, in_words_alone, unheard
from bot.frameworks._rivals import rivals as _rivals
from bot.frameworks._setting import set_wrapping
from bot.frameworks._setting import setting_names as _setting_names
from bot.frameworks._tree import Tree
from bot.frameworks._versions import out_of_order
from bot.frameworks._writing import write

__all__ = [
    "UNKNOWN",
    "Framework",
    "Tree",
    "contested",
    "could_be_a_migration",
    "could_be_read",
    "detect",
    "frameworks",
    "in_words_alone",
    "is_sql",
    "listing",
    "out_of_order",
    "page",
    "ran_in",
    "read",
    "rivals",
    "set_wrapping",
    "setting_names",
    "tells_a_tool",
    "unheard",
    "write",
]

UNKNOWN = "unknown"


@cache
def frameworks() -> dict[str, Framework]:
    """Every migration tool by its name."""
    modules = [module.name for module in iter_modules(__path__) if module.name[0] != "_"]
    found = [import_module(f"{__name__}.{module}").FRAMEWORK for module in sorted(modules)]
    return {framework.name: framework for framework in found}


def detect(path: str, text: str, tree: Tree) -> Framework | None:
    """The tool that runs `text` at `path`, by the strongest evidence; None where none does."""
    weighed = [(evidence(one, path, text, tree), one) for one in frameworks().values()]
    weight, best = max(weighed, key=lambda pair: pair[0])
    return best if any(weight) else None


def rivals(chosen: Framework, path: str, text: str, tree: Tree) -> tuple[Framework, ...]:
    """The tools besides the `chosen` one that may be what runs `text` at `path`."""
    return _rivals(chosen, frameworks().values(), path, text, tree)


def could_be_a_migration(path: str) -> bool:
    """Whether the file is worth a look: any SQL, and whatever a tool runs by its name."""
    place = PurePosixPath(path)
    return is_sql(path) or any(one.could_own(place) for one in frameworks().values())


def could_be_read(path: str) -> bool:
    """Whether the file could be a migration that is not just detected."""
    owners = (one for one in frameworks().values() if not one.unread)
    return is_sql(path) or any(one.could_own(PurePosixPath(path)) for one in owners)


def is_sql(path: str) -> bool:
    """Whether the file's name says that it is SQL."""
    return path.lower().endswith((".sql", ".psql", ".pgsql"))


def ran_in(path: str) -> frozenset[str]:
    """The folders besides its own in which tools have what ran before the file at `path`."""
    return frozenset(folder for one in frameworks().values() for folder in one.ran_in(path))


def setting_names(path: str) -> frozenset[str]:
    """The names of files, beside or above `path`, that tell how tools run what is there."""
    return _setting_names(frameworks().values(), path)


def listing(path: str) -> str:
    """The folder whose names tell which migrations there are beside the one at `path`."""
    folder, _, name = path.rpartition("/")
    above, _, own = folder.rpartition("/")
    named = (tool for tool in frameworks().values() if tool.folder and tool.file.fullmatch(name))
    return above if any(tool.folder.fullmatch(own) for tool in named if tool.folder) else folder


def tells_a_tool(path: str) -> bool:
    """Whether the file at `path` is one by which a tool is recognised."""
    names = _telling()
    return not names.isdisjoint((path.rpartition("/")[2], "/".join(path.split("/")[-2:])))


@cache
def _telling() -> frozenset[str]:
    several = (tool.markers | tool.hints for tool in frameworks().values())
    return frozenset().union(*several)


def page(framework: str) -> str:
    """The documentation of `framework`, in Markdown."""
    name = f"{framework.replace('-', '_')}.md"
    return Path(__file__).with_name(name).read_text(encoding="utf-8")

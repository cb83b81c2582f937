"""What the settings of a project tell, where manage.py tells which module they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from bot.django.fields import Key

_MODULE = re.compile(r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"'](?P<module>[\w.]{1,200})[\"']")
_USER = re.compile(
    r"^AUTH_USER_MODEL\s*(?::[^=\n]+)?=\s*[\"'](?P<app>\w+)\.(?P<model>\w+)[\"']", re.MULTILINE
)
_PARTS = ("__init__", "base", "common", "defaults", "settings")


class Tree(Protocol):
    """The files of the repository."""

    def texts(self, paths: list[str]) -> Mapping[str, str]: ...


def user_model(tree: Tree, folder: str) -> Key | None:
    """The model of users of the project whose manage.py is in `folder`."""
    start = f"{folder}/" if folder else ""
    found = _MODULE.search(tree.texts([f"{start}manage.py"]).get(f"{start}manage.py", ""))
    if not found:
        return None
    for text in tree.texts(list(_modules(start, found["module"]))).values():
        if user := _USER.search(text):
            return user["app"], user["model"].lower()
    return None


def _modules(start: str, module: str) -> Iterator[str]:
    """Where the settings may be written: in the module, or in what it usually is made of."""
    whole = start + module.replace(".", "/")
    yield f"{whole}.py"
    beside = whole.rpartition("/")[0]
    for folder in (whole, beside):
        yield from (f"{folder}/{part}.py" for part in _PARTS)

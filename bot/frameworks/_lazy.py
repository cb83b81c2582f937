"""What few repositories need is imported where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Lazy:
    """A module that is imported when something of it is wanted for the first time."""

    module: str

    def function(self, name: str) -> Callable[..., Any]:
        """A function of it, which is looked up when it is called."""

        def call(*asked: object) -> Any:
            return getattr(import_module(self.module), name)(*asked)

        return call

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.module), name)

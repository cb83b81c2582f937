"""One hazard is one module and one page of the same name; they are discovered, never listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from bot.model.finding import Finding
from bot.model.moment import Moment


class Rule(Protocol):
    """What a rule's module offers; it never raises."""

    def findings(self, moment: Moment) -> Iterator[Finding]:
        """The hazards of one moment that this rule names."""


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name."""
    modules = sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}") for name in modules}


def page(rule: str) -> str:
    """The documentation of `rule`, in Markdown."""
    name = f"{rule.replace('-', '_')}.md"
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def findings(moments: Iterable[Moment]) -> Iterator[Finding]:
    """What all rules find, moment by moment."""
    for moment in moments:
        for rule in rules().values():
            yield from rule.findings(moment)

"""One hazard is one module and one page of the same name; they are discovered, never listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from bot import HOME
from bot.model.finding import Finding, Severity
from bot.model.migration import Migration
from bot.model.moment import Moment
from bot.model.source import Source, Span


class Rule(Protocol):
    """What a rule's module offers; it never raises."""

    def findings(self, moment: Moment) -> Iterator[Finding]:
        """The hazards of one moment that this rule names."""


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name."""
    modules = sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}") for name in modules}


@cache
def names() -> frozenset[str]:
    """Whatever a finding may be called; each name has a page, and all but a few have a module."""
    return frozenset(file.stem.replace("_", "-") for file in Path(__file__).parent.glob("*.md"))


def truth(rule: str) -> str:
    """The sentence that the module of `rule` makes true, "" where it has none."""
    module = rules().get(rule)
    return (module.__doc__ or "").partition("\n")[0] if module else ""


def page(rule: str) -> str:
    """The documentation of `rule`, in Markdown."""
    return Path(__file__).with_name(_page_file(rule)).read_text(encoding="utf-8")


def page_address(rule: str) -> str:
    """Where the page of `rule` is read on the web."""
    return f"{HOME}/blob/main/bot/rules/{_page_file(rule)}"


def _page_file(rule: str) -> str:
    return f"{rule.replace('-', '_')}.md"


MISREAD = "directive-not-understood"


def misread(migration: Migration) -> Iterator[Finding]:
    """Words for the migration tool that do not do what they seem to."""
    for one in migration.misread:
        yield Finding(MISREAD, Severity.WARNING, migration.source, one.span, one.sentence)


UNORDERED = "migration-out-of-order"


def unordered(source: Source, sentence: str) -> Finding:
    """A version because of which the migration tool refuses a file, or passes it over."""
    line = source.span_of(source.lines(Span(0, 0)))
    return Finding(UNORDERED, Severity.WARNING, source, line, sentence)


def findings(moments: Iterable[Moment]) -> Iterator[Finding]:
    """What all rules find, moment by moment."""
    for moment in moments:
        for rule in rules().values():
            yield from rule.findings(moment)

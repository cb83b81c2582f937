"""Sqitch hands each deploy script to psql, so that transactions are what the script says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.frameworks._contract import FollowUp, Framework, Later, Section
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source, Span

_PLAN, _DEPLOY = "sqitch.plan", "deploy"
# sqitchchanges(5): a pragma begins with %, a tag with @, a change is [+]name.
_CHANGE = re.compile(r"^[ \t]*\+?[ \t]*(?P<name>[^\s%@#+][^\s]*)", re.MULTILINE)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix(
        "Sqitch runs what its plan names: `sqitch add` makes a change and its entry, and what has"
        " to follow goes into that."
    )


def _top(path: str) -> PurePosixPath | None:
    """The folder that holds deploy/, revert/ and verify/."""
    above = PurePosixPath(path).parents
    return next((folder.parent for folder in above if folder.name == _DEPLOY), None)


def _series(path: str) -> str:
    top = _top(path)
    return str(PurePosixPath(path).parent if top is None else top)


def _companions(path: str) -> tuple[str, ...]:
    top = _top(path)
    return () if top is None else (str(top / _PLAN),)


def _planned(path: str, tree: Tree) -> list[str] | None:
    """The deploy scripts of the changes in the plan, in its order."""
    top = _top(path)
    plan = tree.text(str(top / _PLAN)) if top is not None else None
    if top is None or plan is None:
        return None
    return [str(top / _DEPLOY / f"{match['name']}.sql") for match in _CHANGE.finditer(plan)]


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    yield Section(Span(0, len(source.text)), Wrapping.STATEMENT)
    listed = _planned(source.path, tree)
    if listed is not None and source.path not in listed and "@" not in source.path:
        yield Misreading(
            source.span_of(source.lines(Span(0, 0))),
            f"Sqitch never runs this file, because `{_PLAN}` names no such change.",
        )


FRAMEWORK = Framework(
    name="sqitch",
    file=re.compile(r".+\.sql"),
    markers=frozenset({_PLAN, "sqitch.conf"}),
    needs_proof=True,
    runs_below=frozenset({_DEPLOY}),
    undoes_below=frozenset({"revert", "verify"}),
    wrapping=Wrapping.STATEMENT,
    companions=_companions,
    sections=_sections,
    series=_series,
    planned=_planned,
    follow_up=_follow_up,
)

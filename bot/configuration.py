"""A change of the configuration takes effect once it is merged, and is told so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.discussion.content import Content, Draft
from bot.discussion.marker import identity_of_setting, signed
from bot.errors import ConfigurationError
from bot.frameworks import frameworks
from bot.hunks import hunks
from bot.isolation.messages import Task
from bot.model.change import decoded
from bot.model.finding import Severity
from bot.model.pull_request import FileDiff
from bot.model.report import NotAnalysed, Report
from bot.model.source import Lines, Source
from bot.model.wording import code
from bot.rules import names
from bot.settings import parse, parse_stats

_WHEN = "takes effect once it is merged; this review goes by the base branch's"


def with_mistakes(report: Report, task: Task) -> Report:
    """What would end every later check is told before it is merged, and fails this one."""
    gaps = (gap for file in task.configuration if (gap := _mistake(task, file)))
    return replace(report, unreadable=(*report.unreadable, *gaps))


def with_notices(content: Content, task: Task) -> Content:
    """A comment beside what changes in each file of the configuration."""
    return replace(content, drafts=(*content.drafts, *map(_draft, task.configuration)))


def lines(task: Task) -> Iterator[str]:
    """The same for the job's summary."""
    for file in task.configuration:
        yield f"The change of {code(file.path)} {_WHEN}."


def _draft(file: FileDiff) -> Draft:
    text = f"This change of the configuration {_WHEN}."
    body = signed(text, [identity_of_setting(file.path)])
    known = hunks(file.patch) if file.patch else None
    place = min(known.added, default=0) if known else 0
    shown = Lines(place, place) if place else None
    line = f"{code(file.path)} The change of the configuration {_WHEN}."
    identities = (identity_of_setting(file.path),)
    return Draft(
        identities, Severity.NOTICE, line, file.path, shown or Lines(1, 1), shown, body, body
    )


def _mistake(task: Task, file: FileDiff) -> NotAnalysed | None:
    content = task.read.blobs.get(file.blob)
    if file.status == "removed" or not isinstance(content, bytes):
        return None
    source = decoded(file.path, content)
    try:
        if isinstance(source, Source):
            _read(file.path, source.text, task.settings.tables.stats)
    except ConfigurationError as error:
        return NotAnalysed(file.path, f"once it is merged, every check ends with this: {error}")
    return None


def _read(path: str, text: str, stats: str | None) -> None:
    if path == stats:
        parse_stats(text, path)
    else:
        parse(text, path, names(), frozenset(frameworks()))

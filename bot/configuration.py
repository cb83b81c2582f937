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
from bot.model.finding import Severity
from bot.model.pull_request import FileDiff
from bot.model.report import NotAnalysed, Report
from bot.model.source import Lines
from bot.model.wording import code
from bot.rules import names
from bot.series import Begins
from bot.settings import parse, parse_stats

_LONGEST, _LONGEST_WORDS = 50_000, 500
_WHEN = "takes effect once it is merged; this review goes by the base branch's"


def with_mistakes(report: Report, task: Task, begins: Begins) -> Report:
    """What would end every later check is told before it is merged, and fails this one."""
    gaps = list[NotAnalysed]()
    for file in task.configuration:
        begins((file.path,))
        reason = task.spoilt.get(file.path) or _mistake(task, file)
        gaps += (NotAnalysed(file.path, reason),) if reason else ()
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


def _mistake(task: Task, file: FileDiff) -> str:
    """Why it cannot be the configuration, "" where it can."""
    content = task.read.blobs.get(file.blob)
    if file.status == "removed":
        return ""
    if not isinstance(content, bytes):
        return content.reason if content else "GitHub did not give its text"
    text = content.decode("utf-8", "replace")
    try:
        if file.path == task.settings.tables.stats:
            parse_stats(text, file.path)
        elif len(text) > _LONGEST:
            return f"it has more than {_LONGEST:,} characters"
        else:
            parse(text, file.path, names(), frozenset(frameworks()))
    except ConfigurationError as error:
        return f"once it is merged, every check ends with this: {str(error)[:_LONGEST_WORDS]}"
    return ""

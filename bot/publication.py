"""From what is known of a change to all that is said about it; nothing is read or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.base import Base
from bot.comments.body import Desk
from bot.comments.content import content
from bot.comments.drafts import Surface
from bot.comments.summary import summary
from bot.configuration import lines, with_mistakes, with_notices
from bot.discussion.content import Content
from bot.hunks import hunks
from bot.isolation.messages import Publication, Task
from bot.model.change import ChangedFile
from bot.model.finding import Severity
from bot.model.pull_request import PullRequest, Read, Wanted
from bot.model.report import NotAnalysed, Report
from bot.pipeline import Reviewer
from bot.remote import RemoteTree, changed, tip
from bot.reports import render, verdict
from bot.selection import Selection
from bot.series import Begins
from bot.tip import Tip


def publication(task: Task, fetch: Callable[[Wanted], Read], begins: Begins) -> Publication:
    """`fetch` reads more of the repository; `begins` is told which files come next."""
    tree = RemoteTree(task.change.head_sha, task.read, fetch)
    base = Base(tree, task.added, task.removed, task.modified)
    selection = Selection(task.settings, tree, base=base, tip=_tip(task))
    reviewer = Reviewer(selection, task.stats, begins, draws=True)
    report = with_mistakes(_complete(task, reviewer.review(_files(task))), task, begins)
    begins([file.path for file in task.migrations])
    fail_on = task.settings.fail_on
    return Publication(
        log=render(report, fail_on, "github"),
        summary="\n".join((summary(report, fail_on), *lines(task), "")),
        report=render(report, fail_on, "json"),
        sarif=render(report, fail_on, "sarif") if task.sarif else None,
        content=_content(task, report),
        findings=len(report.remarks),
        errors=sum(remark.severity is Severity.ERROR for remark in report.remarks),
        unreadable=len(report.unreadable),
        status=verdict(report, fail_on),
    )


def _tip(task: Task) -> Tip | None:
    """What the base has gained since the branch left it, a merge group has already."""
    commit = tip(task.change)
    return Tip(RemoteTree(commit, task.read), task.added, task.removed) if commit else None


def _files(task: Task) -> Iterator[ChangedFile]:
    """The changed files, those that are spoilt with the reason in place of their text."""
    for file in changed(task.change, task.migrations, task.read):
        reason = task.spoilt.get(file.path)
        yield replace(file, text=reason, before=None) if reason else file


def _complete(task: Task, report: Report) -> Report:
    """What GitHub has not listed was not analysed."""
    if not task.left_out:
        return report
    return replace(report, unreadable=(*report.unreadable, NotAnalysed(".", task.left_out)))


def _content(task: Task, report: Report) -> Content | None:
    """What comments are to say; the process with the token compares it with what they say now."""
    if not task.comments or not isinstance(task.change, PullRequest):
        return None
    surface, commit = _surface(task, task.change), task.change.head_sha
    told = content(report, surface, commit, task.read.said, task.settings.fail_on)
    return with_notices(told, task)


def _surface(task: Task, pull: PullRequest) -> Surface:
    shown = {file.path: hunks(file.patch) if file.patch else None for file in task.migrations}
    head = pull.head_repository
    return Surface(shown, Desk(f"{task.server}/{head}" if head else "", pull.head_ref))

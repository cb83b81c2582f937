"""The step summary tells everything, also what was allowed and what was left out."""

from __future__ import annotations

from collections.abc import Iterator

from bot.comments.markdown import cell, link, path_cell
from bot.comments.timeline import timeline
from bot.model.report import Report, Status
from bot.model.wording import plain
from bot.reports import counted, verdict
from bot.rules import page_address
from bot.settings import Threshold

LONGEST = 1_000_000  # bytes; GitHub drops a summary of more than 1 MiB whole
_VERDICTS = {
    0: "The check passes: nobody's writes wait behind a table scan.",
    1: "The check fails.",
    2: "The check fails: what could not be analysed is not known to be safe.",
}


def summary(report: Report, threshold: Threshold) -> str:
    """The summary in Markdown, within GitHub's limit."""
    text = ""
    for number, line in enumerate(_lines(report, threshold)):
        if len((text + line).encode()) > LONGEST:
            return f"{text}\n\nThe rest, from line {number} of this summary, is in the report.\n"
        text += f"{line}\n"
    return text


def _lines(report: Report, threshold: Threshold) -> Iterator[str]:
    yield "## pg-lockstep"
    yield ""
    yield _VERDICTS[verdict(report, threshold)]
    if report.remarks:
        yield from ("", "| where | | what | rule |", "| --- | --- | --- | --- |")
    for remark in report.remarks:
        finding = remark.finding
        where = path_cell(f"{finding.source.path}:{finding.lines.first}")
        rule = link(finding.rule, page_address(finding.rule))
        yield f"| {where} | {remark.severity} | {cell(finding.message)} | {rule} |"
    for part in timeline(report):
        yield from ("", part)
    if report.unreadable:
        yield from ("", "| not analysed | why |", "| --- | --- |")
    for gap in report.unreadable:
        yield f"| {path_cell(f'{gap.path}:{gap.line}')} | {path_cell(gap.reason)} |"
    if report.suppressed:
        yield from ("", "| allowed | rule | because |", "| --- | --- | --- |")
    for remark in report.suppressed:
        finding = remark.finding
        where = path_cell(f"{finding.source.path}:{finding.lines.first}")
        yield f"| {where} | {finding.rule} | {path_cell(plain(remark.because or ''))} |"
    yield ""
    yield from _files(report)


def _files(report: Report) -> Iterator[str]:
    reviewed = sum(file.status is Status.REVIEWED for file in report.files)
    yield f"{counted(reviewed, 'migration')} reviewed for PostgreSQL {report.postgres_version}."
    for file in report.files:
        if file.status is Status.SKIPPED and file.framework is None:
            yield f"- {path_cell(file.path)} not reviewed: {file.reason}"

"""The report for programs, version 2: what stands here other programs rely on.

Since version 2 the text of a new file stands once in `follow_ups`, where fixes give its path.
"""

from __future__ import annotations

import json

from bot.model.finding import Fix
from bot.model.report import NotAnalysed, Remark, Report, follow_ups
from bot.model.wording import unqualified
from bot.reports import Value, showable
from bot.settings import Threshold


def render(report: Report, threshold: Threshold, *, colour: bool = False) -> str:
    shown = tuple(showable(report.remarks))
    whole: Value = {
        "version": 2,
        "postgres_version": report.postgres_version,
        "files": [
            {
                "path": file.path,
                "framework": file.framework,
                "status": file.status.value,
                "reason": file.reason,
            }
            for file in report.files
        ],
        "findings": [_remark(remark) for remark in shown],
        "follow_ups": [
            {"path": new.path, "text": new.text} for new in follow_ups((*shown, *report.suppressed))
        ],
        "unreadable": [_gap(gap) for gap in report.unreadable],
        "suppressed": [
            {**_remark(remark), "because": remark.because} for remark in report.suppressed
        ],
    }
    return json.dumps(whole, indent=2) + "\n"


def _remark(remark: Remark) -> dict[str, Value]:
    finding = remark.finding
    source, lines = finding.source, finding.lines
    return {
        "rule": finding.rule,
        "severity": str(remark.severity),
        "path": source.path,
        "line": lines.first,
        "end_line": lines.last,
        "column": source.column(finding.span.start),
        "end_column": source.column(finding.span.end - 1) + 1,
        "table": str(finding.table) if finding.table else None,
        "lock": str(finding.lock) if finding.lock else None,
        "blocks": list(finding.blocks),
        "scans": [unqualified(table) for table in finding.scans],
        "message": finding.message,
        "fingerprint": remark.fingerprint,
        "violating_rows": remark.violating_rows,
        "fix": _fix(remark),
    }


def _fix(remark: Remark) -> Value:
    match remark.fix:
        case Fix(amendments, additions, new, postponed):
            edits = remark.finding.source.line_edits((*amendments, *additions))
            return {
                "applicability": remark.applicability.value,
                "edits": [
                    {"line": edit.lines.first, "end_line": edit.lines.last, "text": edit.text}
                    for edit in edits
                ],
                "follow_ups": [file.path for file in new],
                "postponed": postponed or None,
            }
        case _:
            return None


def _gap(gap: NotAnalysed) -> dict[str, Value]:
    return {"path": gap.path, "line": gap.line, "reason": gap.reason}

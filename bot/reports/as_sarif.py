"""The report in SARIF 2.1.0, for GitHub code scanning and other viewers."""

from __future__ import annotations

import json
from urllib.parse import quote

from bot import HOME, __version__
from bot.comments.markdown import readable
from bot.model.finding import Fix, Severity
from bot.model.report import Applicability, NotAnalysed, Remark, Report
from bot.model.wording import plain
from bot.reports import Value, showable
from bot.rules import page_address
from bot.settings import Threshold

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}
_SHOWN = 5_000  # GitHub keeps the first 5,000 results


def render(report: Report, threshold: Threshold, *, colour: bool = False) -> str:
    """One run; what was not analysed is a notification, and makes the execution unsuccessful."""
    rules = sorted({remark.finding.rule for remark in (*report.remarks, *report.suppressed)})
    worst = sorted(report.remarks, key=lambda remark: -remark.severity)[:_SHOWN]
    shown = (*showable(worst), *report.suppressed)
    results: list[Value] = [_result(remark) for remark in shown]
    run: Value = {
        "tool": {
            "driver": {
                "name": "pg-lockstep",
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [{"id": rule, "helpUri": page_address(rule)} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.unreadable,
                "toolExecutionNotifications": [_notification(gap) for gap in report.unreadable],
            }
        ],
        "results": results,
    }
    whole = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(whole, indent=2) + "\n"


def _result(remark: Remark) -> dict[str, Value]:
    finding = remark.finding
    source, lines = finding.source, finding.lines
    result: dict[str, Value] = {
        "ruleId": finding.rule,
        "level": _LEVELS[remark.severity],
        "message": _message(remark),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _uri(source.path),
                    "region": {
                        "startLine": lines.first,
                        "startColumn": source.column(finding.span.start),
                        "endLine": lines.last,
                        "endColumn": source.column(finding.span.end - 1) + 1,
                    },
                }
            }
        ],
        "partialFingerprints": {"lockstep/v1": remark.fingerprint},
    }
    if remark.because is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": remark.because}]
    edits = isinstance(remark.fix, Fix) and (*remark.fix.amendments, *remark.fix.additions)
    if isinstance(remark.fix, Fix) and edits and remark.applicability is Applicability.SAFE:
        result["fixes"] = [_fix(remark, remark.fix)]
    return result


def _message(remark: Remark) -> dict[str, Value]:
    text: dict[str, Value] = {"text": _unlinked(remark.finding.message)}
    if remark.violating_rows is None:
        return text
    rows = readable(remark.violating_rows)
    return {**text, "markdown": f"{remark.finding.message} Rows in the way:\n\n{rows}"}


def _unlinked(text: str) -> str:
    """`text` as a message, where `[words](address)` would be a link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "] (")


def _fix(remark: Remark, fix: Fix) -> dict[str, Value]:
    source = remark.finding.source
    replacements: list[Value] = [
        {
            "deletedRegion": {
                "startLine": source.line(edit.span.start),
                "startColumn": source.column(edit.span.start),
                "endLine": source.line(edit.span.end),
                "endColumn": source.column(edit.span.end),
            },
            "insertedContent": {"text": edit.text},
        }
        for edit in (*fix.amendments, *fix.additions)
    ]
    return {
        "artifactChanges": [{"artifactLocation": _uri(source.path), "replacements": replacements}]
    }


def _notification(gap: NotAnalysed) -> dict[str, Value]:
    return {
        "level": "error",
        "message": {"text": f"not analysed: {_unlinked(plain(gap.reason))}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _uri(gap.path),
                    "region": {"startLine": gap.line},
                }
            }
        ],
    }


def _uri(path: str) -> Value:
    """A relative address; bytes of a file name that are no UTF-8 stay what they are."""
    return {"uri": quote(path, errors="surrogateescape")}

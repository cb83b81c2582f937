"""A report for its reader: a terminal, a program, a code scanner, a workflow's log."""

from __future__ import annotations

from importlib import import_module

from bot.model.report import Report
from bot.settings import Threshold, fails

FORMATS = ("text", "json", "sarif", "github")


def verdict(report: Report, threshold: Threshold) -> int:
    """The exit status: 2 something was not analysed, 1 findings at the threshold, else 0."""
    if report.unreadable:
        return 2
    return int(any(fails(remark.severity, threshold) for remark in report.remarks))


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`"""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def render(report: Report, threshold: Threshold, form: str, *, colour: bool = False) -> str:
    """The report in one of FORMATS."""
    module = import_module(f"{__name__}.as_{form}")
    text: str = module.render(report, threshold, colour=colour)
    return text

"""A statement that waits for its lock without a limit makes everybody behind it wait as long."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.moment import Moment
from bot.model.wording import table


def findings(moment: Moment) -> Iterator[Finding]:
    if not moment.first_without_limit or moment.outcome.refused:
        return
    worst = max(moment.own, key=lambda lock: lock.mode)
    who = "reads and writes of" if "reads" in worst.mode.blocks else "writes to"
    yield Finding(
        rule="lock-timeout-missing",
        severity=Severity.NOTICE,
        source=moment.migration.source,
        span=moment.command.span,
        message=f"No `lock_timeout` is set: behind a long transaction this waits for its lock as"
        f" long as that takes, and {who} {table(worst.table)} queue up behind it.",
        moment=moment,
        table=worst.table,
        lock=worst.mode,
        blocks=worst.mode.blocks,
        rewrite=NoFix(
            f"{_first(moment)}, and let the deployment try again when it runs out. It is set"
            " outside of the migrations? Then"
            ' `lock-timeout-missing = "off"` under `[rules]` says so.'
        ),
    )


def _first(moment: Moment) -> str:
    """What sets one, in a script and in a program."""
    if moment.statement.sent:
        return "Execute `SET lock_timeout = '5s'` before it"
    return "Set one at the beginning, such as `SET lock_timeout = '5s';`"

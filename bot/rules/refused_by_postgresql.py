"""A statement that PostgreSQL refuses fails the deployment and undoes its transaction."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, Severity
from bot.model.moment import Moment


def findings(moment: Moment) -> Iterator[Finding]:
    reason = moment.outcome.refused
    if reason:
        yield Finding(
            rule="refused-by-postgresql",
            severity=Severity.ERROR,
            source=moment.migration.source,
            span=moment.command.span,
            message=f"PostgreSQL {moment.postgres_version} refuses this. {reason}",
            moment=moment,
        )

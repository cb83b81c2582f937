"""A constraint of a domain is only ever checked while every table that uses it refuses writes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.finding import Finding, NoFix, Severity
from bot.model.hazard import hazard
from bot.model.moment import Moment
from bot.model.wording import code, sentence, tables, unqualified
from bot.postgres.locks import LockMode
from bot.postgres.operations import OnDomain

RULE = "domain-validated-under-lock"
_INSTEAD = NoFix(
    "PostgreSQL has no way to do this that makes nobody wait: `NOT VALID` puts it off, and VALIDATE"
    " CONSTRAINT on a domain takes the same locks. A CHECK on the columns themselves can be added"
    " `NOT VALID` to one table after the other and validated while others write."
)


def findings(moment: Moment) -> Iterator[Finding]:
    operation = moment.outcome.operation
    if not isinstance(operation, OnDomain) or moment.outcome.refused:
        return
    if moment.hazardous:
        rows = f"every row of {tables(moment.outcome.scanned)}"
        message = sentence(f"{moment.waiting} until {rows} is checked")
        yield hazard(RULE, moment, message, _INSTEAD)
    elif moment.outcome.effect.elsewhere:
        yield Finding(
            rule=RULE,
            severity=Severity.WARNING,
            source=moment.migration.source,
            span=moment.command.span,
            message=f"Writes to every table with a column of domain"
            f" {code(unqualified(operation.domain))} wait until all of its rows are checked.",
            moment=moment,
            lock=LockMode.SHARE,
            blocks=LockMode.SHARE.blocks,
            rewrite=_INSTEAD,
        )

"""A materialized view that is refreshed cannot be read until its query is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite
from bot.model.hazard import hazard
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.operations import RefreshMaterializedView


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.command.operation, moment.outcome.operation:
        case RefreshMaterializedView() as written, RefreshMaterializedView() as refresh:
            if not moment.hazardous or refresh.concurrently:
                return
            rewrite: Rewrite | NoFix
            if refresh.readable:
                rewrite = Rewrite((replace(written, concurrently=True),), ())
            else:
                rewrite = _with_an_index(refresh)
            message = sentence(f"Reads of {table(refresh.table)} wait until it is computed anew")
            yield hazard("materialized-view-refreshed-under-lock", moment, message, rewrite)


def _with_an_index(refresh: RefreshMaterializedView) -> NoFix:
    return NoFix(
        f"Once {table(refresh.table)} has a unique index on plain columns, without a WHERE, and has"
        " been filled, `REFRESH MATERIALIZED VIEW CONCURRENTLY` lets others read it meanwhile."
    )

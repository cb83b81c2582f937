"""An index is built while its table refuses writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.finding import Finding, NoFix, Rewrite, Severity, Step
from bot.model.hazard import doubt, hazard
from bot.model.moment import Moment
from bot.model.wording import sentence, table
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    CreateIndex,
    MoveAll,
    MoveIndex,
    ReindexAll,
    ReindexIndex,
    ReindexTable,
)

Build = CreateIndex | ReindexIndex | ReindexTable

RULE = "index-built-under-lock"


def findings(moment: Moment) -> Iterator[Finding]:
    match moment.outcome.operation:
        case MoveIndex() as move if moment.doubtful:
            yield _moved(moment, move)
        case MoveAll(indexes=True) if not moment.outcome.refused:
            waiting = "Reads and writes of each table with an index in the tablespace wait"
            yield _of_many(moment, Severity.WARNING, f"{waiting} until it is copied.", None)
        case ReindexAll(concurrently=False) if not moment.outcome.refused:
            waiting = "Reads and writes of one table after the other wait"
            message = f"{waiting} until every index of it is built anew from its rows."
            yield _of_many(moment, Severity.ERROR, message, _CONCURRENTLY)
        case _:
            yield from _built(moment)


_CONCURRENTLY = NoFix(
    "`CONCURRENTLY` takes longer, and others read and write meanwhile; the indexes of PostgreSQL's"
    " own tables cannot be built so."
)


def _moved(moment: Moment, move: MoveIndex) -> Finding:
    """Planning looks at all indexes of a table, and so every query waits for the one."""
    of = table(move.table) if move.table else "its table"
    waiting = f"Reads and writes of {of} wait until the index {table(move.index)} is copied"
    instead = NoFix(
        "`REINDEX (TABLESPACE …) INDEX CONCURRENTLY` moves it while others read and write."
    )
    return doubt(RULE, moment, f"{waiting}, unless it lies there already.", instead)


def _of_many(moment: Moment, severity: Severity, message: str, instead: NoFix | None) -> Finding:
    return Finding(
        rule=RULE,
        severity=severity,
        source=moment.migration.source,
        span=moment.command.span,
        message=message,
        moment=moment,
        rewrite=instead,
    )


def _built(moment: Moment) -> Iterator[Finding]:
    build = moment.command.operation
    if not moment.hazardous or not isinstance(build, Build) or build.concurrently:
        return
    message = sentence(f"{_waiting(moment)} until {_work(moment, build)}")
    yield hazard(RULE, moment, message, _rewrite(moment, build))


def _waiting(moment: Moment) -> str:
    """REINDEX takes ACCESS EXCLUSIVE locks on indexes, and planning looks at all of them."""
    match moment.outcome.operation:
        case ReindexIndex(_, None):
            return "reads and writes of its table wait"
        case ReindexIndex(_, QualifiedName() as name) | ReindexTable(name):
            return f"reads and writes of {table(name)} wait"
        case _:
            return moment.waiting


def _work(moment: Moment, build: Build) -> str:
    name = table(moment.read)
    match build:
        case CreateIndex():
            return f"an index is built from the rows of {name}"
        case ReindexIndex(index):
            return f"the index {table(index)} is built anew from all rows"
        case ReindexTable():
            return f"every index of {name} is built anew from its rows"


def _rewrite(moment: Moment, build: Build) -> Rewrite | NoFix:
    if moment.outcome.partitioned:
        name = table(moment.read)
        return NoFix(
            f"{name} is partitioned, and no index is built concurrently on all of its partitions"
            f" at once: create it `ON ONLY` {name}, build one on each partition concurrently, and"
            " attach these (`ALTER INDEX … ATTACH PARTITION`)."
        )
    return Rewrite((), (Step((_concurrently(moment, build),)),))


def _concurrently(moment: Moment, build: Build) -> Build:
    if not isinstance(build, CreateIndex):
        return replace(build, concurrently=True)
    fresh = build.name is not None and build.shape.unique and not build.if_not_exists
    return replace(build, concurrently=True, retried=fresh and not _is_taken(moment))


def _is_taken(moment: Moment) -> bool:
    """Whether the migrations have given the name to another index, which is nobody's to drop."""
    found = moment.outcome.operation
    return isinstance(found, CreateIndex) and found.taken

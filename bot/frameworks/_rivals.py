"""Where a file fits several tools, no words of one hide what another would run of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.frameworks._contract import Framework, read
from bot.frameworks._evidence import evidence, is_proven
from bot.frameworks._tree import Tree
from bot.model.migration import Batch, Migration, Statement, Unreadable, Wrapping
from bot.model.source import Span


def rivals(
    chosen: Framework, known: Iterable[Framework], path: str, text: str, tree: Tree
) -> tuple[Framework, ...]:
    """The other tools that may be the one that runs the file at `path`.

    Where `chosen` has nothing but words in the file itself, a hint is enough.
    """
    place = PurePosixPath(path)
    surely = is_proven(chosen, path, tree)
    return tuple(
        one
        for one in known
        if one is not chosen
        and not one.passes_over(place)
        and any(evidence(one, path, text, tree))
        and (not surely or one.says_so(text) or not one.needs_proof or is_proven(one, path, tree))
    )


def in_words_alone(framework: Framework, path: str, text: str, tree: Tree) -> bool:
    """Whether nothing but words in the file tells that `framework` runs it."""
    return framework.says_so(text) and not is_proven(framework, path, tree)


def unheard(migration: Migration) -> Migration:
    """`migration`, not analysed since no migration beside it speaks to its tool."""
    reason = (
        f"its words are those of {migration.framework}, and no migration beside it has any:"
        " name its tool under `[[migrations]]` in the configuration"
    )
    gap = Unreadable(Span(0, 0), reason)
    return replace(migration, unreadable=(gap, *migration.unreadable))


def contested(migration: Migration, others: Sequence[Framework], tree: Tree) -> Migration:
    """`migration`, not analysed where one of `others` would run more, or in one transaction."""
    if all(_is_usual(batch, migration) for batch in migration.batches) and migration.batches:
        return migration
    for other in others:
        for statement in _more(migration, read(other, migration.source, tree)):
            reason = (
                f"{migration.framework} and {other.name} both may run this file, and not alike:"
                " name its tool under `[[migrations]]` in the configuration"
            )
            gap = Unreadable(statement.span, reason)
            return replace(migration, unreadable=(*migration.unreadable, gap))
    return migration


def _is_usual(batch: Batch, migration: Migration) -> bool:
    """Whether all of the file is one transaction, so that no other tool does more."""
    whole = batch.span.start == 0 and batch.span.end == len(migration.source.text)
    return whole and batch.wrapping in (Wrapping.FILE, Wrapping.ALL)


def _more(migration: Migration, other: Migration) -> Iterator[Statement | Unreadable]:
    """What runs in `other` alone, or there in the transaction of what stands around it."""
    for batch in other.batches:
        together = batch.wrapping is not Wrapping.STATEMENT and len(batch.statements) > 1
        for statement in batch.statements:
            mine = _batch(migration, statement)
            if mine is None or (together and mine.wrapping is Wrapping.STATEMENT):
                yield statement
    for gap in other.unreadable:
        if _batch(migration, gap) is None:
            yield gap


def _batch(migration: Migration, part: Statement | Unreadable) -> Batch | None:
    """The batch in which `part` runs from end to end."""
    if not migration.batches:
        return None
    found = migration.batch_of(part.span)
    inside = found.span.start <= part.span.start and part.span.end <= found.span.end
    return found if inside else None

"""What runs once a file has been committed goes into new files, as few as the tool allows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import PurePosixPath

from bot.frameworks import _contract
from bot.frameworks._contract import FollowUp, Framework
from bot.frameworks._lines import SETTINGS, settings, statements_of
from bot.frameworks._tree import Tree
from bot.frameworks._wanted import Wanted
from bot.model.finding import NewFile, NoFix
from bot.model.migration import Batch, Migration, Wrapping
from bot.model.source import Edit, Span
from bot.model.wording import plain
from bot.postgres.operations import (
    AddConstraint,
    CreateIndex,
    Operation,
    ValidateConstraint,
)

TOGETHER = 50
"""How many findings one new file is for at the most."""

NONE_SET = ("",) * len(SETTINGS)

Step = tuple[Operation, ...]


VERBS = ("index", "validate", "constrain", "finish")
"""What the new files do, as their names begin."""


@dataclass(frozen=True, slots=True)
class Later:
    """By the place of a finding: its new files or further parts of the file, or why there are none.

    `in_place` are the steps that stand where its statement stood, since nothing else is left of
    what runs with it.
    """

    files: dict[int, tuple[NewFile, ...]] = field(default_factory=dict)
    more: dict[int, tuple[Edit, ...]] = field(default_factory=dict)
    refusals: dict[int, NoFix] = field(default_factory=dict)
    in_place: dict[int, list[Step]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """Operations that go together into one file, each with the finding that it is for."""

    alone: bool
    operations: tuple[tuple[Wanted, Operation], ...]

    @property
    def verb(self) -> str:
        kinds = {type(operation) for _, operation in self.operations}
        if self.alone:
            return "index"
        if ValidateConstraint in kinds:
            return "validate"
        return "constrain" if kinds == {AddConstraint} else "finish"

    @property
    def in_order(self) -> list[tuple[Wanted, Operation]]:
        """What validates comes before what locks others out for a moment."""
        return sorted(self.operations, key=lambda pair: not _validates(pair[1]))

    @property
    def findings(self) -> list[int]:
        return list(dict.fromkeys(wanted.index for wanted, _ in self.operations))


_SAYS = {
    "validate": "Validates what {} adds, while reads and writes go on.",
    "index": "Builds an index for {}, while reads and writes go on.",
    "constrain": "Makes a constraint of the index that was built for {}, which takes an instant.",
    "finish": "Finishes what {} begins.",
}


def later(
    framework: Framework,
    migration: Migration,
    wanted: Sequence[Wanted],
    taken: Iterable[str],
    tree: Tree,
) -> Later:
    """What the tool runs later than the file, for the rewrites of those that it makes one
    transaction.
    """
    result, used = Later(), list(taken)
    for batches, inside in _together(framework, migration, wanted):
        parts = list(_parts(inside, framework))
        if parts and _takes_place(framework, migration, batches, inside, parts[0]):
            for one, operation in _first_taken(framework, parts):
                result.in_place.setdefault(one.index, []).append((operation,))
        section = Span(batches[0].span.start, batches[-1].span.end)
        verbs = Counter[str]()
        for part in parts:
            says = _says(migration, part, in_folder=framework.folder is not None)
            wants = FollowUp(
                migration.source,
                _text(part, says),
                part.verb,
                part.alone,
                section,
                verbs[part.verb],
                says,
                tuple((one.moment, operation) for one, operation in part.in_order),
                inside[0].moment.wrapping is Wrapping.ALL,
                part.operations[0][0].following,
            )
            new = framework.follow_up(wants, used, tree)
            verbs[part.verb] += 1
            _note(result, part, new)
            used += () if isinstance(new, NoFix) else _paths(new)
    return result


def _together(
    framework: Framework, migration: Migration, wanted: Sequence[Wanted]
) -> Iterator[tuple[Sequence[Batch], list[Wanted]]]:
    """What is put off of the whole file, or of each of its parts where the tool goes by parts."""
    inside = [one for one in wanted if one.apart]
    if not framework.by_section:
        if inside:
            yield migration.batches, inside
        return
    grouped: dict[Span, list[Wanted]] = defaultdict(list)
    for one in inside:
        grouped[migration.batch_of(one.moment.statement.span).span].append(one)
    for span, several in grouped.items():
        yield (migration.batch_of(span),), several


def _note(result: Later, part: _Part, new: _contract.Later | NoFix) -> None:
    moments = {wanted.index: wanted.moment for wanted, _ in part.operations}
    for index in part.findings:
        if isinstance(new, NoFix):
            result.refusals[index] = new
            continue
        files = tuple(one for one in new if isinstance(one, NewFile))
        edits = [one for one in new if isinstance(one, Edit)]
        beside = (one for one in new if isinstance(one, _contract.Beside))
        edits += (one.edit for one in beside if one.moment is moments[index])
        result.files[index] = (*result.files.get(index, ()), *files)
        result.more[index] = (*result.more.get(index, ()), *edits)


def _paths(new: _contract.Later) -> Iterator[str]:
    return (file.path for file in new if isinstance(file, NewFile))


def _takes_place(
    framework: Framework,
    migration: Migration,
    batches: Sequence[Batch],
    wanted: Sequence[Wanted],
    first: _Part,
) -> bool:
    """Whether the first part can stand in the file itself: every command there leaves it."""
    if not (first.alone and framework.alone_in_place) or migration.unreadable:
        return False
    leaving = {id(one.moment.command) for one in wanted if one.leaves}
    statements = [one for batch in batches for one in batch.statements]
    return all(id(command) in leaving for one in statements for command in one.commands)


def _first_taken(framework: Framework, parts: list[_Part]) -> Iterator[tuple[Wanted, Operation]]:
    """What stands in the file itself: as many builds as the tool runs in one file."""
    yield from parts.pop(0).operations
    while framework.several_alone and not framework.splits and parts and parts[0].alone:
        yield from parts.pop(0).operations


def _parts(wanted: Sequence[Wanted], framework: Framework) -> Iterator[_Part]:
    """Round by round: what can be in a transaction, what cannot, and so on in turn.

    What cannot is one by one, so that none is done again where another fails.
    """
    rounds: dict[int, list[tuple[Wanted, Operation]]] = defaultdict(list)
    for one in wanted:
        number = 0
        for step in one.rewrite.then:
            number += step.alone != bool(number % 2)
            rounds[number] += [(one, operation) for operation in step.operations]
    for number, operations in sorted(rounds.items()):
        alone = bool(number % 2)
        if not alone:
            yield from _in_chunks(operations)
        elif framework.several_alone:
            yield from (_Part(alone, (pair,)) for pair in operations)
        else:
            yield from (_Part(alone, ((one, _once(what)),)) for one, what in operations)


def _once(operation: Operation) -> Operation:
    """Where a file holds just one statement, nothing can clear the way for it."""
    return replace(operation, retried=False) if isinstance(operation, CreateIndex) else operation


def _in_chunks(operations: list[tuple[Wanted, Operation]]) -> Iterator[_Part]:
    by_finding: dict[int, list[tuple[Wanted, Operation]]] = defaultdict(list)
    for pair in operations:
        by_finding[pair[0].index].append(pair)
    left = iter(by_finding.values())
    while some := tuple(chain.from_iterable(islice(left, TOGETHER))):
        yield _Part(alone=False, operations=some)


def _says(migration: Migration, part: _Part, *, in_folder: bool) -> str:
    place = PurePosixPath(migration.source.path)
    return _SAYS[part.verb].format(plain(place.parent.name if in_folder else place.name))


def _text(part: _Part, says: str) -> str:
    lines = [f"-- {says}"]
    now: Sequence[str] = NONE_SET
    for one, operation in part.in_order:
        wanted = NONE_SET if part.alone else settings(one.moment, local=False)
        for name, before, text in zip(SETTINGS, now, wanted, strict=True):
            lines += [text or f"RESET {name};"] if text != before else []
        now = wanted
        lines += statements_of(one.moment, operation)
    return "".join(f"{line}\n" for line in lines)


def _validates(operation: Operation) -> bool:
    return isinstance(operation, ValidateConstraint)

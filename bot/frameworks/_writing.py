"""A rewrite becomes a fix: edits in the file, and what commits later where the tool lets it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.frameworks import _contract
from bot.frameworks._again import again
from bot.frameworks._contract import Framework, Sums
from bot.frameworks._later import Later, later
from bot.frameworks._lines import lines_below, lines_of, settings, statements_of, steps_of
from bot.frameworks._program import IN_SQL, Beside, Idiom
from bot.frameworks._tree import Tree
from bot.frameworks._unwrapping import unwrapped
from bot.frameworks._wanted import Wanted
from bot.model.finding import Finding, Fix, Following, NewFile, NoFix, Rewrite
from bot.model.hazard import behind_its_file
from bot.model.migration import Migration, Wrapping
from bot.model.moment import Moment
from bot.model.source import Edit, Span
from bot.postgres.operations import OnTable
from bot.sql.unfilled import filled


def write(
    framework: Framework,
    migration: Migration,
    findings: Sequence[Finding],
    taken: Iterable[str],
    tree: Tree,
    *,
    following: Following = "auto",
) -> tuple[Fix | NoFix | None, ...]:
    """The fix of each finding of one file, None for those without a rewrite.

    What has to follow in new files goes into as few as possible for all of them. `taken` are the
    paths that new files must not have.
    """
    if following == "new-file":
        findings = [behind_its_file(finding) for finding in findings]
    loose = unwrapped(framework, migration, findings, following, tree)
    several = [loose.without_transaction(finding) for finding in findings]
    idiom: Idiom = framework.program or IN_SQL
    programs = framework.program is not None
    splits = framework.splits or (framework.can_commit and following == "same-file")
    fixes = [
        _impossible(finding, framework, splits=splits) or _unsaid(finding, idiom)
        for finding in several
    ]
    wanted = [
        Wanted(index, finding.moment, finding.rewrite, following, splits, programs)
        for index, finding in enumerate(several)
        if finding.moment and isinstance(finding.rewrite, Rewrite) and fixes[index] is None
    ]
    after = later(framework, migration, wanted, taken, tree)
    for index, reason in after.refusals.items():
        fixes[index] = reason
    able = [one for one in wanted if one.index not in after.refusals]
    beside = _beside(able)
    sections = {one.index: migration.batch_of(one.moment.statement.span).span for one in able}
    outside: dict[Span, _contract.Later] = {}
    for together in _by_statement(able):
        section = sections[together[0].index]
        words: _contract.Later = loose.words.get(section, ())
        if framework.unwrapped and any(one.index in after.in_place for one in together):
            if section not in outside:
                outside[section] = framework.unwrapped(migration.source, section, tree) or ()
            words = outside[section]
        for one, fix in _fixes(together, after, idiom, beside):
            fixes[one.index] = _with(words, fix)
    sums = _sums(framework, migration, tree)
    built = Counter(sections[one.index] for one in able if one.index in after.in_place)
    for one in able:
        if isinstance(written := fixes[one.index], Fix):
            builds = built[sections[one.index]] if one.index in after.in_place else 0
            told = _afterwards(framework, one, written, sums, builds)
            said = replace(written, afterwards=" ".join(filter(None, told)))
            fixes[one.index] = filled(said) if programs else said
    return tuple(fixes)


def _afterwards(
    framework: Framework, one: Wanted, fix: Fix, sums: Sums | None, builds: int
) -> Iterator[str]:
    if sums and (fix.follow_ups or not sums.just_new):
        yield sums.afterwards
    if builds:
        yield framework.alone_needs
    if fix.postponed:
        yield framework.each_alone
    yield from again(framework, one, fix, builds)


def _sums(framework: Framework, migration: Migration, tree: Tree) -> Sums | None:
    """What has to be made anew beside the migration, where the repository has that."""
    place = PurePosixPath(migration.source.path).parent
    sums = framework.sums
    known = sums and (sums.name in tree.names(str(place)) or tree.text(str(place / sums.name)))
    return sums if known else None


def _with(words: _contract.Later, fix: Fix) -> Fix:
    """The fix with what tells the tool to run its part of the file without a transaction."""
    edits = [one for one in words if isinstance(one, Edit)]
    files = [one for one in words if isinstance(one, NewFile)]
    return replace(fix, amendments=(*edits, *fix.amendments), follow_ups=(*files, *fix.follow_ups))


def _unsaid(finding: Finding, idiom: Idiom) -> NoFix | None:
    """Why the language of the file cannot say it."""
    return idiom.objection(finding) if isinstance(finding.rewrite, Rewrite) else None


def _impossible(finding: Finding, framework: Framework, *, splits: bool) -> Fix | NoFix | None:
    moment, rewrite = finding.moment, finding.rewrite
    if moment is None or not isinstance(rewrite, Rewrite):
        return rewrite if isinstance(rewrite, NoFix) else None
    if sealed := framework.sealed(finding.source):
        return sealed
    if not rewrite.then:
        return None
    alone = any(step.alone for step in rewrite.then)
    if moment.wrapping is Wrapping.ALL and alone and not splits:
        return NoFix(
            "What is pending runs in one transaction, and no index can be built concurrently"
            f" in one: build it by hand before this is deployed, or {framework.alone}."
        )
    if moment.wrapping is Wrapping.STATEMENT and moment.ends_with is None:
        return NoFix("The transaction is never committed, so nothing of it can be validated.")
    if alone and _is_lost(moment):
        return NoFix(
            "The search path is set in the migration, and what runs outside of its transaction"
            " cannot rely on that: write the schema before the table's name."
        )
    return None


def _is_lost(moment: Moment) -> bool:
    """Whether an unqualified name may mean something else once the transaction has ended."""
    operation = moment.command.operation
    unqualified = isinstance(operation, OnTable) and operation.table.schema is None
    return unqualified and moment.outcome.search_path.since is not None


def _by_statement(wanted: Iterable[Wanted]) -> Iterable[list[Wanted]]:
    groups: dict[int, list[Wanted]] = defaultdict(list)
    for one in wanted:
        groups[one.moment.number].append(one)
    return groups.values()


def _fixes(
    together: list[Wanted], after: Later, idiom: Idiom, beside: Mapping[Span, Beside]
) -> Iterator[tuple[Wanted, Fix]]:
    """The fixes of one statement: commands that leave it leave it together, with their commas."""
    leaving = [one for one in together if one.leaves]
    others = beside.get(_sent_within(together[0]), ())
    left = _left(leaving, after, idiom, others) if leaving else Fix(())
    for one in together:
        fix = left if one.leaves else _amended(one, idiom, others)
        more, files = after.more.get(one.index, ()), after.files.get(one.index, ())
        additions = (*fix.additions, *more) if more else fix.additions
        yield one, Fix(fix.amendments, additions, files, _postponed(one))


def _beside(able: Iterable[Wanted]) -> dict[Span, Beside]:
    """The rewrites of what a program sends together, by its place."""
    found: dict[Span, list[tuple[Moment, Rewrite]]] = defaultdict(list)
    for one in able:
        found[_sent_within(one)].append((one.moment, one.rewrite))
    return dict(found)


def _sent_within(one: Wanted) -> Span:
    statement = one.moment.statement
    within = statement.sent.within if statement.sent else None
    return within or statement.span


def _amended(one: Wanted, idiom: Idiom, beside: Beside) -> Fix:
    return Fix(idiom.amended(one.moment, one.rewrite, beside), _below(one))


def _left(leaving: list[Wanted], after: Later, idiom: Idiom, beside: Beside) -> Fix:
    """What is left of a statement without some of its commands, and what takes their place."""
    moment = leaving[0].moment
    statement = moment.statement
    commands = [one.moment.command for one in leaving]
    if len(commands) < len(statement.commands):
        return Fix(
            idiom.removed(statement, commands, beside),
            tuple(e for one in leaving for e in _below(one)),
        )
    if leaving[0].apart:
        steps = [step for one in leaving for step in after.in_place.get(one.index, ())]
    elif moment.ends_with is statement:
        steps = [step for one in leaving for step in steps_of(one.rewrite)]
    else:
        below = tuple(edit for one in leaving for edit in _below(one))
        return Fix(idiom.removed(statement, commands, beside), below)
    if not steps:
        return Fix(idiom.removed(statement, commands, beside))
    return idiom.in_place(moment, steps)


def _postponed(one: Wanted) -> str:
    """The later steps, for the next deployment, where the tool commits nothing in between."""
    if one.moment.wrapping is not Wrapping.ALL or one.apart:
        return ""
    operations = [operation for step in steps_of(one.rewrite) for operation in step]
    lines = [line for operation in operations for line in statements_of(one.moment, operation)]
    before = [text for text in settings(one.moment, local=False) if text]
    return "".join(f"{line}\n" for line in (*before, *lines))


def _below(one: Wanted) -> tuple[Edit, ...]:
    """The later steps below the statement that ends the transaction, where that is possible."""
    moment = one.moment
    if one.apart or moment.ends_with is None or moment.statement.sent:
        return ()  # a program writes them with what it amends
    steps = steps_of(one.rewrite)
    lines = [line for step in steps for line in lines_of(moment, step)]
    return lines_below(moment.ends_with, lines)

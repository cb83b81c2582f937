"""A comment says who waits for what, how to change it, and what to run next; then it stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.comments.details import details, why
from bot.comments.markdown import fenced, folded, link, new_file_address, readable
from bot.comments.proposal import Proposal
from bot.discussion.marker import LONGEST, identity, identity_of_gap, signed
from bot.model.finding import Fix, NewFile, NoFix, Severity
from bot.model.report import Applicability, NotAnalysed, Remark
from bot.model.source import BYTE_ORDER_MARK
from bot.model.wording import NAMED, SHOWN, code, hidden, listed, plain
from bot.reports import counted

_LONGEST_BLOCK = 20_000
_MOST_SENTENCES = 5
_MOST_LINES = 8  # of new files, beyond which they are folded
_MOST_RANGES = 200
_NO_BUTTON = "GitHub cannot apply this change by itself."


@dataclass(frozen=True, slots=True)
class Desk:
    """Where new files are created: the head repository, "" where it is gone, and its branch."""

    repository_url: str
    branch: str


def body(proposal: Proposal, desk: Desk, *, suggest: bool) -> str:
    """The comment on `proposal`; with `suggest`, its lines may be replaced by a click."""
    parts = [*_sentences(proposal), *_change(proposal, suggest=suggest)]
    parts += (*_follow_ups(proposal, desk), *_postponed(proposal), *_afterwards(proposal))
    identities = [identity(remark) for remark in proposal.remarks]
    whole = signed("\n\n".join((*parts, details(proposal))), identities)
    if len(whole) <= LONGEST:
        return whole
    return signed("\n\n".join((*parts, *why(proposal))), identities)


def gap_body(gap: NotAnalysed) -> str:
    """The comment on what could not be read."""
    text = (
        f"**Not analysed:** {code(gap.reason)}. What cannot be read is not known to be safe, so"
        " the check fails."
    )
    return signed(text, [identity_of_gap(gap)])


def group_body(remarks: Sequence[Remark], identities: Iterable[str]) -> str:
    """The comment on what one rule finds many times in one file."""
    first = remarks[0]
    parts = [f"**{counted(len(remarks), 'finding')} of one rule in this file.** The first:"]
    parts += _sentences(Proposal((first,), first.finding.lines))
    lines = _ranges(one.finding.lines.first for one in remarks)
    shown = ", ".join(lines[:_MOST_RANGES])
    more = ", and more" if len(lines) > _MOST_RANGES else ""
    parts.append(f"All of them: lines {shown}{more}. The job's summary has each in its own words.")
    return signed("\n\n".join((*parts, *why(Proposal((first,), first.finding.lines)))), identities)


def _ranges(numbers: Iterable[int]) -> list[str]:
    """Numbers as people write them: 1, 4 to 6."""
    ranges = list[tuple[int, int]]()
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return [str(first) if first == last else f"{first} to {last}" for first, last in ranges]


def _sentences(proposal: Proposal) -> Iterator[str]:
    """Each sentence once, with the number of findings that it is true of."""
    several = Counter((one.severity, one.finding.message) for one in proposal.remarks)
    told = [_told(*what, number) for what, number in several.items()]
    reasons = (one.fix.reason for one in proposal.remarks if isinstance(one.fix, NoFix))
    told += dict.fromkeys(reasons)
    yield from told[:_MOST_SENTENCES]
    if told[_MOST_SENTENCES:]:
        yield folded(f"And {len(told) - _MOST_SENTENCES} more", told[_MOST_SENTENCES:])


def _told(severity: Severity, message: str, number: int) -> str:
    word = str(severity).capitalize() if number == 1 else counted(number, str(severity))
    return f"**{word}:** {message}"


def _change(proposal: Proposal, *, suggest: bool) -> Iterator[str]:
    if proposal.text is None:
        return
    source = proposal.remarks[0].finding.source
    old = source[source.span_of(proposal.lines)]
    if len(proposal.text) > _LONGEST_BLOCK:
        yield "The change is too long for a comment; `lockstep fix` makes it in a checkout."
        return
    if proposal.remarks[0].applicability is Applicability.DISPLAY:
        yield (
            "This migration is not new and may have run already, so it is not to be edited."
            " Written anew, these lines would be:"
        )
        yield readable(proposal.text, source.path)
        return
    reason = _not_exact(old, proposal.text)
    if suggest and not reason:
        yield fenced(proposal.text, "suggestion")
        return
    first, last = proposal.lines.first, proposal.lines.last
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    yield f"{reason or _NO_BUTTON} In place of {lines}:"
    yield readable(proposal.text, source.path)


def _not_exact(old: str, new: str) -> str:
    """Why a click would not make `new` of `old`, or not what is seen; "" where it would."""
    if unseen := hidden(old.removeprefix(BYTE_ORDER_MARK) + new.removeprefix(BYTE_ORDER_MARK)):
        return f"There are {_named(unseen)} in these lines, so a click is not to change them."
    exact = not {"\r", BYTE_ORDER_MARK} & set(old + new) and old.endswith("\n")
    return "" if exact else _NO_BUTTON


def _named(unseen: Sequence[str]) -> str:
    """`characters that cannot be seen (U+200B and U+202E, here `�`)`"""
    some = [f"U+{ord(character):04X}" for character in unseen[:NAMED]]
    more = ["others"] if len(unseen) > NAMED else []
    return f"characters that cannot be seen ({listed(some + more)}, here `{SHOWN}`)"


_RUN = ("sql", ".py")


def _follow_ups(proposal: Proposal, desk: Desk) -> Iterator[str]:
    """The files that run after this one, each whole and a click away from being created."""
    new_ones = proposal.follow_ups
    if not new_ones or proposal.remarks[0].applicability is Applicability.DISPLAY:
        return
    follow_ups = [new for new in new_ones if new.path.endswith(_RUN)]
    for new in new_ones:
        if new not in follow_ups:
            yield f"With it {_place(new, desk)}, a file that says how it is run:"
            yield fenced(new.text, "")
    if not follow_ups:
        return
    then = "Instead" if proposal.text == "" else "Then"
    several = "new ones, in this order:" if len(follow_ups) > 1 else "a new one:"
    lead = f"{then}, once this migration has committed, {several}"
    fold = sum(new.text.count("\n") for new in follow_ups) > _MOST_LINES
    if len(follow_ups) > 1:
        yield lead
    for new in follow_ups:
        place = _place(new, desk)
        yield place if len(follow_ups) > 1 else f"{lead} {place}"
        yield from _content(new, fold=fold)


def _postponed(proposal: Proposal) -> Iterator[str]:
    """What has to wait for the next deployment."""
    fixes = [one.fix for one in proposal.remarks if isinstance(one.fix, Fix)]
    text = "".join(dict.fromkeys(fix.postponed for fix in fixes))
    if text:
        yield (
            "Then, **in a migration of the next deployment**, because what is pending runs in one"
            " transaction:"
        )
        yield fenced(text, "sql")


def _afterwards(proposal: Proposal) -> Iterator[str]:
    if proposal.remarks[0].applicability is not Applicability.DISPLAY:
        fixes = (remark.fix for remark in proposal.remarks)
        several = (fix.afterwards for fix in fixes if isinstance(fix, Fix) and fix.afterwards)
        yield from dict.fromkeys(several)


def _place(new: NewFile, desk: Desk) -> str:
    return f"{code(new.path)}{_creation(new, desk)}"


def _content(new: NewFile, *, fold: bool) -> Iterator[str]:
    if unseen := hidden(f"{new.path}{new.text}"):
        yield f"There are {_named(unseen)} in it, so it is not to be created with a click."
    if len(new.text) > _LONGEST_BLOCK:
        yield "It is too long for a comment; the job's report has it whole."
        return
    block = readable(new.text, new.path)
    yield folded("What it says", (block,)) if fold else block


def _creation(new: NewFile, desk: Desk) -> str:
    """A link to GitHub's editor, where what is clicked is what was seen."""
    if not desk.repository_url or hidden(new.path) or hidden(new.text):
        return ""
    address = new_file_address(desk.repository_url, desk.branch, new.path, new.text)
    return f" · {link('create this file', address)}"


def one_line(remark: Remark) -> str:
    """A remark for a list: place and consequence."""
    finding = remark.finding
    place = code(f"{finding.source.path}:{finding.lines.first}")
    return f"{place} **{remark.severity}** {finding.message}"


def gap_line(gap: NotAnalysed) -> str:
    return f"{code(f'{gap.path}:{gap.line}')} **not analysed**: {code(plain(gap.reason))}"

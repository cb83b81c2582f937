"""Folded below a comment: the rows and locks in the way, and why it matters at all."""

from __future__ import annotations

from collections.abc import Iterator

from bot.comments.locks import locks
from bot.comments.markdown import folded, link, readable
from bot.comments.proposal import Proposal
from bot.comments.waiting import waiting
from bot.model.finding import Fix
from bot.model.wording import listed
from bot.rules import page_address, truth

_LONGEST_BLOCK = 20_000


def details(proposal: Proposal) -> str:
    locked = (*locks(proposal), *_waits(proposal))
    rows = tuple(_rows(proposal))
    parts = [what for what, there in (("locks", locked), ("rows in the way", rows)) if there]
    title = f"{listed((*parts, 'why')).capitalize()}"
    return folded(title, (*locked, *rows, *why(proposal)))


def why(proposal: Proposal) -> Iterator[str]:
    """What each rule says, and the page that says more."""
    for rule in dict.fromkeys(remark.finding.rule for remark in proposal.remarks):
        page = link(rule, page_address(rule))
        yield f"{truth(rule)} More: {page}" if truth(rule) else page


def _rows(proposal: Proposal) -> Iterator[str]:
    several = [one.violating_rows for one in proposal.remarks if one.violating_rows]
    queries = "\n".join(dict.fromkeys(several))
    if len(queries) > _LONGEST_BLOCK:
        yield "The query for the rows that break it is too long here; the job's report has it."
    elif queries:
        yield "What this finds breaks the constraint, and must be corrected first:"
        yield readable(queries)


def _waits(proposal: Proposal) -> tuple[str, ...]:
    waits = waiting(one.finding for one in proposal.remarks if isinstance(one.fix, Fix))
    return ("\n".join(f"- {one}" for one in waits),) if waits else ()

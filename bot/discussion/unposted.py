"""Comments that cannot be posted stand in the job's summary, each under its place."""

from __future__ import annotations

from collections.abc import Iterator

from bot.discussion.content import Content, Draft
from bot.model.wording import code

_ROOM = 1_000_000  # bytes; GitHub drops a summary of more than 1 MiB whole


def unposted(content: Content, summary: str) -> str:
    """What comments would say, as far as it goes behind `summary`; nothing can be clicked there."""
    room = _ROOM - len(summary.encode())
    parts = list[str]()
    for part in _parts(content.drafts):
        room -= len(part.encode())
        if room < 0:
            parts.append("\nThe others stand in the report.\n")
            break
        parts.append(part)
    return "".join(("\n## What comments would say\n", *parts)) if parts else ""


def _parts(drafts: tuple[Draft, ...]) -> Iterator[str]:
    for draft in drafts:
        if draft.text:
            yield f"\n### {code(f'{draft.path}:{draft.lines.first}')}\n\n{draft.text}\n"

"""A finding keeps its fingerprint while lines move, and loses it when its statement changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from bot.model.finding import Finding
from bot.postgres.operations import OnTable
from bot.sql.tokens import Unlexable, significant


def fingerprints(findings: Iterable[Finding]) -> tuple[str, ...]:
    """16 hexadecimal digits for each finding, unique within its file.

    They count the rule, the table, the clause without comments and layout, and its occurrence: the
    same clause a second time in one file gets another fingerprint.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    done: list[str] = []
    for finding in findings:
        clause = _normalised(finding.source[finding.span])
        key = (finding.source.path, f"{finding.rule} {_table(finding)}", clause)
        done.append(_digest(*key[1:], str(seen[key])))
        seen[key] += 1
    return tuple(done)


def _digest(*parts: str) -> str:
    from hashlib import sha256  # for files with findings alone: it takes 3 ms to import

    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def _table(finding: Finding) -> str:
    operation = finding.moment.outcome.operation if finding.moment else None
    return str(operation.table) if isinstance(operation, OnTable) else ""


@lru_cache(maxsize=16)  # one statement may be found at fault for each table that it names
def _normalised(text: str) -> str:
    """Single spaces between tokens, keywords and plain names in lower case, no comments."""
    try:
        words = [text[token.span.start : token.span.end] for token in significant(text)]
    except Unlexable:
        return " ".join(text.split())
    return " ".join(word if word[:1] in "'\"$eE" else word.lower() for word in words)

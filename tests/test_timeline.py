"""The timeline shows what the simulation says, and what stands in it is never more than a label."""

from __future__ import annotations

import os
import re
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from bot.comments.timeline import harmless, timeline
from bot.model.report import Report
from bot.settings import Settings, with_version
from tests.mermaid import Diagram, read
from tests.npm import MERMAID, Unavailable
from tests.pages import examples
from tests.reviewing import review
from tests.servers.installation import cache_folder
from tests.test_pages import of

BAR = re.compile(r"    ([^:;#%\n]+) :(?:(crit|done), )?(2000-01-\d\d \d\d:00), (\d+)h")
HOSTILE = [
    '"a:b"',
    '"x;click y href z"',
    '"%%{init: {}}%%"',
    '"#quot;"',
    '"section"',
    '"<img src=x onerror=alert(1)>"',
    '"``` mermaid"',
    '"$$x^2$$"',
    '"\u202etxt"',
    '"a\nsection b\nclick c href d"',
    '"' + "x" * 10_000 + '"',
    "größe",
]


def drawn(files: dict[str, str], framework: str = "flyway") -> Report:
    return review(files, framework=framework)


def text_of(report: Report) -> str:
    parts = [part for part in timeline(report) if part.startswith("```mermaid\n")]
    return parts[0].removeprefix("```mermaid\n").removesuffix("\n```") if parts else ""


def bars(report: Report) -> list[tuple[str, str, str, int, int]]:
    """Section, label, tag, first day and end, as the text has them."""
    found, section = list[tuple[str, str, str, int, int]](), ""
    for line in text_of(report).splitlines():
        if line.startswith("    section "):
            section = line.removeprefix("    section ")
        elif section:
            bar = BAR.fullmatch(line)
            assert bar, line
            first = hour(bar[3])
            found.append((section, bar[1], bar[2] or "", first, first + int(bar[4])))
    return found


def hour(time: str) -> int:
    return (
        int((datetime.fromisoformat(time) - datetime.fromisoformat("2000-01-02")).total_seconds())
        // 3600
    )


def package() -> Path:
    """Mermaid, or the reason why it is not there."""
    try:
        return MERMAID.in_cache(cache_folder(os.environ).parent / "npm")
    except (OSError, Unavailable) as problem:
        pytest.skip(str(problem))


@cache
def reports() -> tuple[Report, ...]:
    told = (of(one) for one in examples() if not one.harmless)
    return (*(one for one in told if text_of(one)), *map(hostile, HOSTILE))


def hostile(name: str) -> Report:
    return drawn({"V7__a.sql": f"ALTER TABLE {name} ADD CHECK (x > 0);\n"})


def test_now_others_wait_for_as_long_as_rows_are_read_and_then_for_an_instant() -> None:
    report = drawn({"V7__a.sql": "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"})
    assert bars(report) == [
        ("Now", "reads and writes of t wait, V7 line 1", "crit", 0, 8),
        ("As suggested", "reads and writes of t wait, V7 line 1", "", 0, 1),
        ("As suggested", "rows of t are read, nobody waits, V8 line 2", "done", 1, 9),
    ]


def test_a_lock_lasts_until_the_transaction_ends() -> None:
    first = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
    rest = "ALTER TABLE u ADD y int;\nALTER TABLE t VALIDATE CONSTRAINT c;\n"
    together = bars(drawn({"1.sql": f"BEGIN;\n{first}{rest}COMMIT;\n"}, "psql"))
    assert [bar for bar in together if bar[0] == "Now"] == [
        ("Now", "reads and writes of t wait, 1 line 2", "crit", 0, 10),
        ("Now", "reads and writes of u wait, 1 line 3", "crit", 1, 10),
    ]
    assert bars(drawn({"1.sql": first + rest}, "psql")) == []


def test_a_rollback_to_a_savepoint_gives_locks_back() -> None:
    text = (
        "BEGIN;\nSAVEPOINT s;\nALTER TABLE u ADD y int;\nROLLBACK TO s;\n"
        "ALTER TABLE t ADD CHECK (x > 0);\nCOMMIT;\n"
    )
    now = [bar for bar in bars(drawn({"1.sql": text}, "psql")) if bar[0] == "Now"]
    assert now == [
        ("Now", "reads and writes of u wait, 1 line 3", "", 0, 1),
        ("Now", "reads and writes of t wait, 1 line 5", "crit", 1, 9),
    ]


def test_what_may_be_rewritten_is_drawn_as_if_it_were() -> None:
    text = "ALTER TABLE t ALTER x TYPE bigint;\n"
    assert bars(drawn({"V7__a.sql": text})) == [
        ("Now", "reads and writes of t wait if rows are rewritten, V7 line 1", "crit", 0, 8),
    ]


def test_there_is_no_second_half_without_a_fix() -> None:
    text = "ALTER TABLE t ADD EXCLUDE USING gist (x WITH &&);\n"
    assert {bar[0] for bar in bars(drawn({"V7__a.sql": text}))} == {"Now"}


def test_what_cannot_be_fixed_stays_red() -> None:
    files = {
        "V7__a.sql": "ALTER TABLE t ADD CHECK (x > 0);\n",
        "V8__b.sql": "CLUSTER u USING i;\n",
    }
    found = bars(drawn(files))
    assert [bar[1] for bar in found if bar[0] == "As suggested" and bar[2] == "crit"] == [
        "reads and writes of u wait, V8 line 1"
    ]


def test_what_is_too_much_is_counted() -> None:
    several = "".join(f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" for n in range(30))
    report = drawn({"1.sql": several}, "psql")
    assert len([bar for bar in bars(report) if bar[0] == "Now"]) == 12
    told = "\n\n".join(timeline(report))
    assert "Now: … and 18 more statements." in told
    assert len(told) < 5_000


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_just_a_label(name: str) -> None:
    report = hostile(name)
    assert [bar[0] for bar in bars(report)] == ["Now", "As suggested", "As suggested"]
    told = "\n\n".join(timeline(report))
    assert told.count("```") == 2
    assert len(told) < 2_000


def test_letters_stay_and_signs_go() -> None:
    assert harmless("größe_2.x-y") == "größe_2.x-y"
    assert harmless("a:b;c#d%e\nf`g") == "a�b�c�d�e�f�g"
    assert harmless("שלום") == "����"
    assert harmless("a\u3164b\uffa0") == "a�b�"


def test_the_examples_are_drawn_without_a_hazard_left_where_all_is_fixed() -> None:
    for example in examples():
        if example.files and not example.harmless:
            found = bars(of(example))
            assert not any(bar[0] == "As suggested" and bar[2] == "crit" for bar in found)


def test_mermaid_reads_the_bars_that_were_written() -> None:
    texts = [text_of(report) for report in reports()]
    diagrams = read(texts, package())
    assert len(diagrams) > 30
    for report, diagram in zip(reports(), diagrams, strict=True):
        assert (diagram.type, diagram.links) == ("gantt", 0)
        assert as_drawn(diagram) == bars(report)


def as_drawn(diagram: Diagram) -> list[tuple[str, str, str, int, int]]:
    return [
        (section, label, tag, hour(first), hour(end))
        for section, label, tag, first, end in diagram.bars
    ]


def test_a_version_is_known_by_its_settings() -> None:
    """The drawing is of the server that runs the migrations."""
    text = "ALTER TABLE t ALTER x SET NOT NULL;\n"
    old, new = (
        review({"V7__a.sql": text}, framework="flyway", settings=with_version(Settings(), version))
        for version in (14, 18)
    )
    assert len(bars(old)) > len(bars(new))

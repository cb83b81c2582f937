"""What a stranger's SQL does to the parser costs its own file, and reaches neither token nor network."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.discussion.content import Draft
from bot.discussion.marker import signed
from bot.isolation.limits import Limits
from bot.isolation.messages import Task
from bot.isolation.process import START, Isolated
from bot.model.pull_request import (
    Entry,
    FileDiff,
    OwnComment,
    Place,
    PullRequest,
    Read,
    Said,
    Wanted,
)
from bot.publication import publication
from bot.settings import MigrationsSetting, Settings
from tests.pages import examples
from tests.stand_in import GitHub, Pull
from tests.workflow import Job, Outcome, opened

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
UNNAMED = "ALTER TABLE t ADD CHECK (x > 0);\n"
GOOD, BAD, OLD = (f"db/migration/V{n}__a.sql" for n in (3, 2, 1))
LIMITS = Limits(seconds=20, seconds_in_all=60)
# Without these two guards PostgreSQL's parser does fail in earnest.
DEEP = "SELECT " + "1+" * 80_000 + "1;\n"
ENDLESS = "SELECT 1 " + "/*" * 1_000_000 + "\n"
UNGUARDED = START.replace(
    "from bot.isolation",
    "from bot.sql import parsing\nparsing.DEEPEST = 10**9\nparsing.REFUSED = {}\nfrom bot.isolation",
)


def run(job: Job, pull: Pull, start: str = UNGUARDED, limits: Limits = LIMITS) -> Outcome:
    job.isolated = partial(Isolated, limits, start)
    return job.run(pull)


def test_a_file_that_crashes_the_parser_is_not_analysed_and_the_others_are(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {BAD: DEEP, GOOD: ADD})
    outcome = run(job, pull)
    assert outcome.status == 2
    assert (outcome.outputs["unreadable"], outcome.outputs["errors"]) == ("1", "1")
    assert f"::error file={BAD},line=1" in outcome.log
    assert "PostgreSQL's parser crashed on it (SIGSEGV)" in outcome.summary
    assert GOOD in {comment.path for comment in pull.comments}


def test_every_file_that_crashes_the_parser_is_told(github: GitHub, job: Job) -> None:
    files = {f"db/migration/V{n}__a.sql": DEEP for n in range(2)}
    outcome = run(job, opened(github, {**files, "db/migration/V9__a.sql": ADD}))
    assert (outcome.outputs["unreadable"], outcome.outputs["errors"]) == ("2", "1")


def test_the_guards_spare_the_parser_what_it_cannot_take(github: GitHub, job: Job) -> None:
    outcome = run(job, opened(github, {BAD: DEEP, GOOD: ENDLESS}), START)
    assert "too deeply nested" in outcome.summary
    assert "2,000 signs without a blank" in outcome.summary


def test_an_earlier_migration_that_crashes_the_parser_tells_nothing(
    github: GitHub, job: Job
) -> None:
    outcome = run(job, opened(github, {GOOD: UNNAMED}, {OLD: DEEP}))
    assert (outcome.status, outcome.outputs["errors"]) == (1, "1")


def test_what_a_modified_file_was_before_may_crash_the_parser_too(github: GitHub, job: Job) -> None:
    outcome = run(job, opened(github, {BAD: ADD, GOOD: ADD}, {BAD: DEEP}))
    assert (outcome.outputs["unreadable"], outcome.outputs["errors"]) == ("1", "1")


def test_a_file_on_which_the_parser_hangs_is_given_up(github: GitHub, job: Job) -> None:
    pull = opened(github, {BAD: ENDLESS, GOOD: ADD})
    outcome = run(job, pull, limits=Limits(seconds=5, seconds_in_all=60))
    assert outcome.status == 2
    assert "its analysis took longer than 5 seconds" in outcome.summary
    assert GOOD in {comment.path for comment in pull.comments}


def test_when_the_time_for_all_files_is_over_none_is_said_to_be_fine(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, {BAD: ENDLESS, GOOD: ADD})
    outcome = run(job, pull, limits=Limits(seconds=20, seconds_in_all=4))
    assert (outcome.status, outcome.outputs["unreadable"]) == (2, "2")
    assert "the analysis of all files took longer than 4 seconds" in outcome.summary


def test_a_file_that_needs_too_much_memory_is_given_up(github: GitHub, job: Job) -> None:
    many = "".join(f"ALTER TABLE t{n} ADD CHECK (x > {n});\n" for n in range(8_000))
    outcome = run(job, opened(github, {BAD: many, GOOD: ADD}), START, Limits(megabytes=100))
    assert "its analysis needed more than 100 MB of memory" in outcome.summary
    assert outcome.outputs["errors"] == "1"


def test_the_process_is_given_neither_token_nor_environment(
    github: GitHub, job: Job, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    spy = (
        "import os, sys\nfile = open(%r, 'wb')\n"
        "file.write(repr((sorted(os.environ), sys.argv, os.listdir('/proc/self/fd'))).encode())\n"
        "file.write(sys.stdin.buffer.read1(10**6))\nfile.close()\n"
    )
    pull = opened(github, {GOOD: ADD})
    environment = job.environment(pull)
    job.isolated = partial(Isolated, LIMITS, spy % str(given))
    outcome = job.run_in(environment)
    assert outcome.status == 2
    assert "the review has ended early: its analysis ended with 0" in outcome.log
    content = given.read_bytes()
    assert GOOD.encode() in content
    assert environment["INPUT_TOKEN"].encode() not in content
    assert b"INPUT_" not in content
    assert b"GITHUB_" not in content


@pytest.mark.parametrize(
    "deed",
    [
        "open('/proc/self/environ').read()",
        "__import__('socket').socket()",
        "os.fork()",
        "os.pipe()",
        "os.kill(os.getppid(), 0)",
        "os.setuid(0)",
    ],
)
def test_a_process_that_is_shut_can_reach_nothing(deed: str) -> None:
    code = (
        "import os, socket, sys\nfrom bot.isolation.limits import *\n"
        "{}bound(LIMITS)\n{}shut()\n"
        "try:\n    {}\nexcept OSError:\n    os._exit(7)\nos._exit(0)\n"
    )
    if ("setuid" in deed or "kill" in deed) and os.geteuid():
        pytest.skip("only root becomes nobody; anybody else stays who it is")
    statuses = [
        subprocess.run([sys.executable, "-c", code.format(left, left, deed)], check=False)
        for left in ("", "#")
    ]
    assert [done.returncode for done in statuses] == [7, 0]


def test_the_process_that_holds_the_token_is_readable_by_no_other() -> None:
    code = (
        "import ctypes\nfrom bot.isolation.limits import conceal\n{}conceal()\n"
        "print(ctypes.CDLL(None).prctl(3))"  # PR_GET_DUMPABLE
    )
    told = [
        subprocess.check_output([sys.executable, "-c", code.format(left)], text=True).strip()
        for left in ("", "#")
    ]
    assert told == ["0", "1"]


FORGERIES = {
    "garbage": ("b'nothing'", "no answer that could be read"),
    "wrong type": ("""b'{"type":"Publication","status":"0"}'""", "no answer that could be read"),
    "too long": ("None", "no answer that could be read"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_answer_that_is_none_is_not_believed(github: GitHub, job: Job, forgery: str) -> None:
    message, complaint = FORGERIES[forgery]
    start = (
        "import sys, time\nsent = %s\n"
        "size = 2**60 if sent is None else len(sent)\n"
        "sys.stdout.buffer.write(size.to_bytes(8, 'big') + (sent or b''))\n"
        "sys.stdout.flush()\ntime.sleep(60)\n"
    )
    pull = opened(github, {GOOD: ADD})
    outcome = run(job, pull, start % message)
    assert outcome.status == 2
    assert complaint in outcome.log
    assert pull.reviews == []


def test_the_runner_is_told_annotations_and_no_commands(github: GitHub, job: Job) -> None:
    start = START.replace(
        "main(*",
        "from bot.isolation import child\nfrom bot.isolation.messages import Publication\n"
        "log = '::error file=a::b\\n::add-mask::c\\n ::stop-commands::d\\n##[set-env e]f\\nfine\\n'\n"
        "child.publication = lambda *_: Publication(log, '', '{}', None, None, 0, 0, 0, 0)\nmain(*",
    )
    outcome = run(job, opened(github, {GOOD: ADD}), start)
    assert (outcome.status, outcome.log) == (0, "::error file=a::b\nfine\n")


def test_a_fault_of_our_own_costs_its_file(github: GitHub, job: Job) -> None:
    start = START.replace(
        "from bot.isolation",
        "from bot.frameworks import _contract\nreal = _contract.statements\n"
        "def statements(source, within):\n"
        "    assert 'oops' not in source.text\n    return real(source, within)\n"
        "_contract.statements = statements\nfrom bot.isolation",
    )
    outcome = run(job, opened(github, {BAD: "SELECT 'oops';\n", GOOD: ADD}), start)
    assert (outcome.outputs["unreadable"], outcome.outputs["errors"]) == ("1", "1")
    assert "a fault of its own" in outcome.summary


def test_of_several_files_that_are_simulated_together_the_longest_is_given_up(
    github: GitHub, job: Job
) -> None:
    start = START.replace(
        "from bot.isolation",
        "import os\nfrom bot import series\nreal = series.simulate\n"
        "def simulate(migrations, *rest):\n"
        "    several = list(migrations)\n"
        "    if any('oops' in one.source.text for one in several):\n        os.abort()\n"
        "    return real(several, *rest)\n"
        "series.simulate = simulate\nfrom bot.isolation",
    )
    long = f"SELECT 'oops{'.' * 100}';\n"
    outcome = run(job, opened(github, {BAD: long, GOOD: ADD}), start)
    assert (outcome.outputs["unreadable"], outcome.outputs["errors"]) == ("1", "1")
    assert "crashed on it (SIGABRT), in one step with 1 other" in outcome.summary


def test_every_example_is_reviewed_in_isolation_as_it_is_here() -> None:
    """Whatever a review loads only when it needs it, it has loaded before it is shut in."""
    head = "1" * 40
    folders: dict[Place, dict[str, Entry]] = {}
    history: dict[Place, bytes] = {}
    blobs: dict[str, bytes] = {}
    files: list[FileDiff] = []
    tools: list[MigrationsSetting] = []
    for number, example in enumerate(examples()):
        folder = f"x{number}"
        tools.append(MigrationsSetting(folder, example.framework))
        path, text = f"{folder}/{example.file}", example.text
        patch = f"@@ -0,0 +1,{text.count(chr(10))} @@\n" + "".join(
            f"+{line}\n" for line in text.splitlines()
        )
        files.append(FileDiff(path, "added", path, patch))
        blobs[path] = text.encode()
        earlier = {f"{folder}/{name}": old for name, old in example.earlier}
        history |= {Place(head, old): content.encode() for old, content in earlier.items()}
        for one in (path, *earlier):
            parent, _, name = one.rpartition("/")
            folders.setdefault(Place(head, parent), {})[name] = Entry(0o100644)
    task = Task(
        PullRequest("a/b", 1, head, "2" * 40, "branch", "a/b"),
        "",
        tuple(files),
        Read(blobs, folders=folders),
        Settings(migrations=tuple(tools)),
        comments=True,
        sarif=True,
    )

    def fetch(wanted: Wanted) -> Read:
        return Read(files={place: history[place] for place in wanted.files if place in history})

    here = publication(task, fetch, lambda paths: None)
    assert here.findings > 50
    with Isolated() as isolated:
        assert isolated.publication(task, fetch) == here


def test_only_the_worst_thousand_findings_and_those_said_before_have_a_text() -> None:
    text = "".join(f"ALTER TABLE t{n} ADD CONSTRAINT c{n} CHECK (x > 0);\n" for n in range(1_002))
    patch = "@@ -0,0 +1,1002 @@\n" + "".join(f"+{line}\n" for line in text.splitlines())
    pull = PullRequest("a/b", 1, "1" * 40, "2" * 40, "branch", "a/b")

    def drafts(said: Said) -> tuple[Draft, ...]:
        files = (FileDiff(GOOD, "added", GOOD, patch),)
        task = Task(pull, "", files, Read({GOOD: text.encode()}, said=said), Settings())
        told = publication(replace(task, comments=True), lambda more: Read(), lambda paths: None)
        assert told.content is not None
        return told.content.drafts

    first = drafts(Said())
    assert [bool(one.text) for one in first] == [True] * 1_000 + [False] * 2
    mark = signed("", first[-1].identities)
    again = drafts(Said((OwnComment("1", mark, GOOD, first[-1].lines),)))
    assert [bool(one.text) for one in again] == [True] * 1_000 + [False, True]

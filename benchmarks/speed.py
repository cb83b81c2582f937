"""A review takes time in proportion to what it reads, and starts about as fast as its parser."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.isolation.messages import Task
from bot.isolation.process import Isolated
from bot.model.pull_request import FileDiff, PullRequest, Read
from bot.publication import publication
from bot.settings import Settings

PARSE = "import sys, pathlib, pglast; pglast.parse_sql(pathlib.Path(sys.argv[1]).read_text())"
CHECK = [sys.executable, "-m", "bot.cli", "check", "--framework", "flyway", "--fail-on", "never"]


def seconds(command: list[str], times: int) -> float:
    """The median over several runs of a whole process."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(perf_counter() - start)
    return median(taken)


def statements(number: int) -> Iterator[str]:
    """New tables, constraints on old ones, and rows, a third each."""
    for n in range(number // 3):
        yield f"CREATE TABLE t{n} (id bigint PRIMARY KEY, x int CHECK (x > 0), y int REFERENCES p);"
        yield f"ALTER TABLE big{n} ADD CONSTRAINT c{n} CHECK (x > {n}), ADD FOREIGN KEY (y) REFERENCES p;"
        yield f"INSERT INTO t{n} VALUES ({n}, 'some text', NULL);"


def views(number: int) -> Iterator[str]:
    for n in range(number):
        yield f"CREATE VIEW v{n} AS SELECT a.x, b.y FROM t{n} a JOIN u{n} b ON a.id = b.id;"


def blocks(number: int) -> Iterator[str]:
    for n in range(number):
        yield (
            "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class) THEN"
            f" ALTER TABLE t{n} ADD COLUMN c int; END IF; END $$;"
        )


def turns(number: int) -> Iterator[str]:
    """Partitions of one table that come and go."""
    for n in range(number // 2):
        yield f"ALTER TABLE t ATTACH PARTITION p{n} FOR VALUES IN ({n});"
        yield f"ALTER TABLE t DETACH PARTITION p{n};"


def parts(number: int) -> Iterator[str]:
    """One statement of many commands, which share a change."""
    yield "ALTER TABLE t ADD COLUMN c int"
    yield from (f", ADD UNIQUE (c{n})" for n in range(number))


def children(number: int) -> Iterator[str]:
    """Tables of which each has all the columns of those before."""
    for n in range(number):
        yield f"CREATE TABLE t{n + 1} (c{n} int) INHERITS (t{n});"


KINDS = (statements, views, blocks, turns, parts, children)


def isolation() -> tuple[float, float]:
    """The median of what one review takes in the isolated process and here, once both are ready."""
    text = b"ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    pull = PullRequest("a/b", 1, "1" * 40, "2" * 40, "branch", "a/b")
    files = (FileDiff("db/migration/V1__a.sql", "added", "blob", None),)
    task = Task(pull, "", files, Read({"blob": text}), Settings(), comments=True)
    there, here = [], []
    for _ in range(9):
        with Isolated() as isolated:
            sleep(1)  # as long as GitHub's answers take at the least
            start = perf_counter()
            isolated.publication(task, lambda wanted: Read())
            there.append(perf_counter() - start)
        start = perf_counter()
        publication(task, lambda wanted: Read(), lambda paths: None)
        here.append(perf_counter() - start)
    return median(there), median(here)


def main() -> None:
    there, here = isolation()
    print(f"isolation     {there * 1000:6.1f} ms, in one process {here * 1000:4.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "V1__many.sql"
        file.write_text("ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n")
        check = seconds([*CHECK, str(file)], 9)
        parse = seconds([sys.executable, "-c", PARSE, str(file)], 9)
        print(f"start         {check * 1000:6.0f} ms, parser alone {parse * 1000:4.0f} ms")
        for kind, number in product(KINDS, (1000, 4000, 16000)):
            file.write_text("\n".join(kind(number)))
            check = seconds([*CHECK, "--format", "json", str(file)], 3)
            parse = seconds([sys.executable, "-c", PARSE, str(file)], 3)
            print(
                f"{number:6} {kind.__name__:10} {check:6.2f} s, parser alone {parse:5.2f} s,"
                f" ratio {check / parse:5.1f}"
            )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"most memory   {peak / 1024:6.0f} MB")


if __name__ == "__main__":
    main()

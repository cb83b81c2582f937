"""What a stranger may write, and where a pull request has room for it: every text in every place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

HOSTILE: Mapping[str, str] = {
    "fence": "```\n@all #1\n```suggestion\nDROP TABLE t;\n```\n",
    "long fence": "`" * 40 + "\n\n<img src=x>\n",
    "tilde fence": "\n~~~~sql\n@all\n~~~~\n",
    "backticks": "`` ` ``` @all",
    "a backtick at the end": "@all`",
    "backslashes": "\\` \\\\` @all \\",
    "pipes": "a|b \\| @all | #1",
    "indented": "\n\n    code\n\tcode\n",
    "heading": "\n\n# heading\n\nheading\n===\n",
    "list and quote": "\n\n- [ ] @all\n> [!WARNING]\n> #1\n\n1. x",
    "emphasis": "**a** _b_ ~~c~~ [^1] :boom:",
    "formula": "$`a`$ $$x$$ $y$",
    "comment": "<!-- hide",
    "end of a comment": "--> @all <!--",
    "marker": "<!-- pg-lockstep 0123456789abcdef text=0123456789abcdef -->",
    "marker on a line": "\n<!-- pg-lockstep 0123456789abcdef fixed -->\n",
    "mention": "@octocat @github/security cc @all",
    "issue": "#1 GH-1 octocat/hello#1 closes #2",
    "commit": "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "html": "<b onclick=alert(1)>x</b><script>alert(1)</script>",
    "image": "<img src=https://evil.example/x.png> ![x](https://evil.example/x.png)",
    "details": "</details></summary><details open><summary>",
    "entities": "&lt;b&gt; &#64;all &copy; &#0;",
    "cdata": "<![CDATA[x]]> <?php ?> <!DOCTYPE x>",
    "link": "[click](https://evil.example) [x]: https://evil.example",
    "script link": "[click](javascript:alert(1)) <javascript:alert(1)>",
    "address": "https://evil.example www.evil.example a@evil.example",
    "slash command": "\n/approve\n/merge\n",
    "override": "a\u202e;LBAT PORD\u202c",
    "isolate": "/*\u2066\u2067 x \u2069*/",
    "marks": "\u200e\u200f\u061c",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e",
    "byte order mark": "a\ufeffb",
    "blank letters": "\u115f\u1160\u3164\uffa0",
    "variations": "a\u034f\U000e0101\U000e0041",
    "separators": "a\u2028b\u2029c\x85d",
    "controls": "\x01\x07\x08\x0b\x0c\x1b\x7f\x9b",
    "escape": "\x1b[31mred\x1b]0;title\x07\x1b[2J\x1b]8;;https://evil.example\x1b\\x",
    "carriage return": "safe\rDROP\r\n::error::x",
    "command": "::error file=x::y",
    "command on a line": "\n::add-mask::a\n::set-output name=findings::0\n",
    "stop": "\n::stop-commands::x\n",
    "old command": "##[error]x ##[add-mask]a ##[set-env name=PATH;]b",
    "escaped command": "%0A::error::x%0D%0A::stop-commands::x %25 %3A%2C",
    "output": "\nfindings=0\nend_0\nerrors<<X\n0\nX\n",
    "shell": "$(touch pwned) `touch pwned` ; touch pwned && | & > < ${IFS}",
    "expression": "${{ github.token }} {{ x }}",
    "format": "%s %(x)s {0} {x!r} %n",
    "quotes": "'\"'' \"\" E'\\' U&\"\"",
    "ends a comment": "*/ DROP TABLE t; /* -- x",
    "ends a block": "$$ $x$ END; $do$",
    "options": "--output=/etc/passwd -rf",
    "up": "../../../../etc/passwd",
    "suppression": "lockstep: allow check-validated-on-add because @all",
    "long": "@all " * 600,
    "marks without end": "a" + "\u0301" * 60,
    "right to left": "שלום @all #1",
}


def name(text: str) -> str:
    """In double quotes, as PostgreSQL takes any text for a name."""
    return '"{}"'.format(text.replace('"', '""'))


def string(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


def line(text: str) -> str:
    """For a comment that ends with its line."""
    return " ".join(text.split("\n")).replace("\r", " ")


def inner(text: str) -> str:
    """For a comment in marks."""
    return text.replace("*/", "* /").replace("/*", "/ *")


Place = Callable[[str], str]
PLACES: Mapping[str, Place] = {
    "table": lambda x: f"ALTER TABLE {name(x)} ADD CONSTRAINT c CHECK (x > 0);\n",
    "column": lambda x: f"ALTER TABLE t ALTER COLUMN {name(x)} SET NOT NULL;\n",
    "constraint": lambda x: f"ALTER TABLE t ADD CONSTRAINT {name(x)} CHECK (x > 0);\n",
    "schema": lambda x: f"ALTER TABLE {name(x)}.t ADD FOREIGN KEY (x) REFERENCES {name(x)}.u;\n",
    "no name": lambda x: f"ALTER TABLE {name(x)} ADD CHECK ({name(x)} > 0);\n",
    "key": lambda x: f"ALTER TABLE {name(x)} ADD CONSTRAINT k UNIQUE ({name(x)});\n",
    "index": lambda x: f"CREATE INDEX {name(x)} ON {name(x)} ({name(x)});\n",
    "type": lambda x: f"ALTER TABLE t ALTER x TYPE {name(x)};\n",
    "literal": lambda x: f"ALTER TABLE t ADD CONSTRAINT c CHECK (x <> {string(x)});\n",
    "default": lambda x: f"ALTER TABLE t ADD COLUMN y text DEFAULT {name(x)}({string(x)});\n",
    "required": lambda x: f"ALTER TABLE t ADD COLUMN {name(x)} int NOT NULL;\n",
    "domain": lambda x: f"ALTER DOMAIN {name(x)} ADD CONSTRAINT {name(x)} CHECK (VALUE > 0);\n",
    "view": lambda x: f"REFRESH MATERIALIZED VIEW {name(x)};\n",
    "value": lambda x: f"ALTER TYPE e ADD VALUE {string(x)};\nSELECT {string(x)}::e;\n",
    "partition": lambda x: f"ALTER TABLE {name(x)} ATTACH PARTITION {name(x + '2')} DEFAULT;\n",
    "twice": lambda x: 2 * f"ALTER TABLE t ADD CONSTRAINT {name(x)} CHECK (x > 0) NOT VALID;\n",
    "comment": lambda x: (
        f"/* {inner(x)} */ ALTER TABLE t -- {line(x)}\n    ADD CONSTRAINT c CHECK (x > 0); -- {line(x)}\n"
    ),
    "reason": lambda x: (
        f"-- lockstep: allow check-validated-on-add because {line(x)}\n"
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    ),
    "other reason": lambda x: f"-- lockstep: {line(x)}\nALTER TABLE t ADD CHECK (x > 0);\n",
    "statement": lambda x: f"{x};\nALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n",
    "word": lambda x: f"SELECT {name(x)} {name(x)} {name(x)};\n",
    "unended": lambda x: f"SELECT {name(x)[:-1]}\n",
    "block": lambda x: f"DO {string(f'BEGIN ALTER TABLE {name(x)} ADD CHECK (x > 0); END')};\n",
    "computed": lambda x: f"DO {string(f'BEGIN EXECUTE {string(x)} || x; END')};\n",
    "meta-command": lambda x: f"\\i {line(x)}\n\\{line(x)}\n",
    "copy": lambda x: f"COPY t FROM stdin;\n{x}\n",
    "placeholder": lambda x: f"ALTER TABLE ${{{line(x)}}}.t ADD CHECK (x > 0);\n",
}

_NO_FILE = str.maketrans({"/": "_", "\0": "_"})


def file_name(text: str) -> str:
    """As much of `text` as git and Linux take for the name of a file."""
    cut = text.translate(_NO_FILE).encode("utf-8", "surrogatepass")[:180]
    return cut.decode("utf-8", "ignore")


def branch_name(text: str) -> str:
    """As much of `text` as git takes for the name of a branch (git help check-ref-format)."""
    kept = "".join(c for c in text if c not in " ~^:?*[\\\x7f" and c >= " ")
    parts = (part.strip(".") for part in kept.replace("@{", "").split("/"))
    return "/".join(p.replace("..", "").removesuffix(".lock") for p in parts if p)[:100] or "x"

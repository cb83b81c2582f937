"""The names that a metadata's naming convention gives to what has none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5

from bot.postgres.names import MAX_BYTES

_OWN = {"ix": "ix_%(column_0_label)s"}
"""What SQLAlchemy names where no convention does (DEFAULT_NAMING_CONVENTION)."""
_TOKEN = re.compile(r"%\((?P<token>\w+)\)s")


@dataclass(frozen=True, slots=True)
class Naming:
    """`known` where it is certain that `forms` are all of the convention.

    `forms` are by what they name ("ix", "uq", "ck", "fk", "pk"); PostgreSQL names the rest.
    """

    known: bool = False
    forms: Mapping[str, str] = field(default_factory=dict)

    def name(
        self, kind: str, table: str, columns: Sequence[str], given: str | None = None, to: str = ""
    ) -> str | None:
        """The name by the convention, from the one `given`, if any; None where it names nothing.

        `table` has its schema before it where one is written; `to` is the table that a foreign key
        references.
        """
        form = self.forms.get(kind) or _OWN.get(kind)
        if form is None or (given is not None and "constraint_name" not in form):
            return given
        values = {
            "table_name": table.rpartition(".")[2],
            "referred_table_name": to,
            "constraint_name": given or "",
            "column_0_name": columns[0] if columns else "",
            "column_0_label": f"{table.replace('.', '_')}_{columns[0]}" if columns else "",
            "column_0_key": columns[0] if columns else "",
            "column_0_N_name": "_".join(columns),
            "column_0N_name": "".join(columns),
        }
        tokens = _TOKEN.findall(form)
        if any(not values.get(token) for token in tokens):
            return given
        return _shortened(_TOKEN.sub(lambda match: values[match["token"]], form))


def _shortened(name: str) -> str:
    """As SQLAlchemy shortens a name that it makes (IdentifierPreparer._truncate_and_render…)."""
    if len(name) <= MAX_BYTES:
        return name
    return f"{name[: MAX_BYTES - 8]}_{md5(name.encode(), usedforsecurity=False).hexdigest()[-4:]}"


POSTGRESQL = Naming(known=True)
"""Where PostgreSQL chooses every name."""

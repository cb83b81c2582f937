"""A sample repository, built in a temporary folder and reviewed, so that there is one to look at."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

BASE = {
    "flyway.conf": "flyway.locations=filesystem:db/migration\n",
    "db/migration/V1__create_customers.sql": """\
CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL
);
""",
    "db/migration/V2__create_orders.sql": """\
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    total numeric(12, 2) NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now()
);
""",
    "services/billing/migrations/000001_create_invoices.up.sql": """\
CREATE TABLE invoices (id bigint PRIMARY KEY, order_id bigint, amount numeric(12, 2));
""",
    "services/billing/migrations/000001_create_invoices.down.sql": "DROP TABLE invoices;\n",
}

BRANCH = {
    "db/migration/V3__orders_are_paid.sql": """\
-- Orders belong to a customer and cost something.
ALTER TABLE orders
    ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id)
        REFERENCES customers (id), -- see ADR 12
    ADD CHECK (total >= 0);

CREATE TABLE refunds (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id),
    amount numeric(12, 2) NOT NULL CHECK (amount > 0)
);
""",
    "db/migration/V4__placed_in_the_past.sql": """\
alter table orders add constraint placed_in_the_past check (placed_at <= now()) not valid;
alter table orders validate constraint placed_in_the_past;
""",
    "services/billing/migrations/000002_check_invoices.up.sql": """\
BEGIN;
ALTER TABLE invoices ADD CONSTRAINT amount_is_positive CHECK (amount > 0);
COMMIT;
""",
    "services/billing/migrations/000002_check_invoices.down.sql": """\
ALTER TABLE invoices DROP CONSTRAINT amount_is_positive;
""",
}


def build(folder: Path) -> None:
    """A repository with BASE on its main branch and BRANCH on a feature branch, checked out."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, BASE, "The schema so far")
    _git(folder, "switch", "--quiet", "--create", "constraints")
    _commit(folder, BRANCH, "Orders are paid for")


def _commit(folder: Path, files: Mapping[str, str], message: str) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    _git(folder, "add", ".")
    author = ("-c", "user.name=Sample", "-c", "user.email=sample@example.com")
    _git(folder, *author, "commit", "--quiet", "--no-gpg-sign", "--message", message)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


def review(folder: Path, base: str | None) -> int:
    """The exit status of `lockstep check` on the branch checked out in `folder`."""
    here = Path(__file__).parent.parent
    command = [sys.executable, "-m", "bot.cli", "check", *(["--base", base] if base else [])]
    environment = {**os.environ, "PYTHONPATH": str(here)}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, help="default: a sample repository")
    parser.add_argument("--base", help="default: the remote's default branch")
    options = parser.parse_args(arguments)
    if options.repository:
        if not options.repository.is_dir():
            print(f"{options.repository}: there is no such folder", file=sys.stderr)
            return 2
        return review(options.repository, options.base)
    with TemporaryDirectory(prefix="lockstep-") as folder:
        build(Path(folder))
        return int(review(Path(folder), "main") != 1)  # the sample's faults are to be found


if __name__ == "__main__":
    sys.exit(main())

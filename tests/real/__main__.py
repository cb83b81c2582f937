"""Run by `make github TOKEN=… REPO=owner/name`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.real.client import Addresses, Client, Refused
from tests.real.exercise import Exercise
from tests.real.probes import ONLY_A_PERSON_SEES


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """0 where GitHub does as believed, 1 where it does not, 2 where the exercise cannot be done."""
    parser = argparse.ArgumentParser(prog="make github", description=__doc__)
    parser.add_argument("repository", help="owner/name; all happens on branches of its own")
    parser.add_argument("--api-url", default=Addresses.api)
    parser.add_argument("--graphql-url", default=Addresses.graphql)
    parser.add_argument("--server-url", default=Addresses.server)
    parser.add_argument("--keep", action="store_true", help="leave the pull request open")
    options = parser.parse_args(arguments)
    token = environment.get("TOKEN", "")
    if not token or options.repository.count("/") != 1:
        print("TOKEN=… and REPO=owner/name are needed: contents and pull requests to write")
        return 2
    addresses = Addresses(options.api_url, options.graphql_url, options.server_url)
    client = Client(addresses, token, options.repository)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    failed = 0
    with TemporaryDirectory(prefix="lockstep-") as folder:
        try:
            for check in Exercise(client, Path(folder), stamp, options.keep).checks():
                failed += not check.holds
                print(f"{'ok  ' if check.holds else 'NOT '} {check.said}")
                if not check.holds:
                    print(f"     {check.seen}")
        except Refused as error:
            print(f"GitHub refused: {error}")
            return 2
    print("\nWhat only a person sees (--keep leaves the pull request open for it):")
    print("".join(f"- {one}\n" for one in ONLY_A_PERSON_SEES), end="")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

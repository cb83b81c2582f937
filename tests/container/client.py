"""The build's package installer is told what this machine's own one is told, and the image is not."""

import ast
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tests.container.command import output

SECTION = "[global]"
TOLD = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "proxy",
    "cert",
    "client-cert",
    "timeout",
    "default-timeout",
    "retries",
)
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")

Mounts = dict[str, Path]  # by their place inside


def mounts(folder: Path, environment: Mapping[str, str] = os.environ) -> Mounts:
    """Read-only mounts for the build; the settings file is written to `folder`."""
    chosen = settings(output([sys.executable, "-m", "pip", "config", "list"]))
    bundle = next((environment[name] for name in CERTIFICATES if environment.get(name)), None)
    if bundle:
        chosen.setdefault("cert", bundle)
    if not chosen:
        return {}
    file = folder / "pip.conf"
    lines = (f"{name} = {value}" for name, value in chosen.items())
    file.write_text("\n".join([SECTION, *lines, ""]))
    return {"/etc/pip.conf": file, **{str(path): path for path in local_paths(chosen.values())}}


def settings(listing: str) -> dict[str, str]:
    """`pip config list` prints section.name='value', for the environment :env:.name='value'."""
    found: dict[str, str] = {}
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        if name in TOLD:
            found[name] = " ".join(str(ast.literal_eval(value)).split())
    return found


def local_paths(values: Iterable[str]) -> list[Path]:
    """What the settings name on this machine; an index's pages point to files beside it."""
    words = [word for value in values for word in value.split()]
    addresses = [url2pathname(urlsplit(word).path) for word in words if word.startswith("file://")]
    paths = [Path(address) for address in addresses]
    paths = [path.parent if path.name == "simple" else path for path in paths]
    paths += [Path(word) for word in words if word.startswith("/")]
    return [path for path in paths if path.exists()]

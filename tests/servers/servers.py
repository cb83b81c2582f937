"""Only the servers that somebody asks for are started, each once."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path

from tests.servers.installation import Installation, installed
from tests.servers.releases import Unavailable, machine, release
from tests.servers.server import Server, start


class Servers:
    """The servers of one test run, by major version."""

    def __init__(self, versions: Iterable[int], cache: Path) -> None:
        self._versions = tuple(versions)
        self._cache = cache
        self._running: dict[int, Server] = {}

    def get(self, version: int) -> Server:
        """The running server of this version; Unavailable when this machine cannot have it."""
        if version not in self._running:
            installation = self._installations[version]
            if isinstance(installation, Unavailable):
                raise installation
            self._running[version] = start(version, installation)
        return self._running[version]

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()
        self._running.clear()

    @cached_property
    def _installations(self) -> dict[int, Installation | Unavailable]:
        """All of them at once, since the first time most of it is waiting for the network."""
        install = partial(installation_or_reason, cache=self._cache)
        with ThreadPoolExecutor() as pool:
            return dict(zip(self._versions, pool.map(install, self._versions), strict=True))


def installation_or_reason(version: int, cache: Path) -> Installation | Unavailable:
    try:
        return installed(release(version, machine()), cache)
    except Unavailable as reason:
        return reason

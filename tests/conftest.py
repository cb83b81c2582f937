"""Every test may ask for PostgreSQL 14 to 18, and for the container."""

from __future__ import annotations

pytest_plugins = ["tests.servers.fixtures", "tests.container.fixtures"]

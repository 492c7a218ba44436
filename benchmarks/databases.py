"""Both databases for a benchmark: SQLite as it comes, PostgreSQL as people run it, with its own server."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

Open = Callable[[], AbstractContextManager[str]]
"""Yields the URL of a new, empty database, as often as it is called."""

_AS_PEOPLE_RUN_IT = {
    "fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}  # fmt: skip


def each_kind() -> Iterator[tuple[str, Open]]:
    """Yield the name of each kind of database there is here, and how to open a new one."""
    yield "SQLite", _sqlite
    from tests import postgres

    found = postgres.binaries()
    if found is None:
        print("PostgreSQL is left out: no server is installed (apt-get install postgresql)", file=sys.stderr)
        return
    with patch.dict(postgres._SETTINGS, _AS_PEOPLE_RUN_IT), postgres.cluster(found) as server:

        @contextmanager
        def opened() -> Iterator[str]:
            with server.database() as name:
                yield server.url(name)

        yield "PostgreSQL", opened


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="shuize-benchmark-") as folder:
        yield f"sqlite:///{folder}/catalog.db"

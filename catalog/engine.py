"""DuckDB: one connection per use, settings that make results the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from standards.errors import ShuizeError


class EngineFailed(ShuizeError):
    """The query engine refused a statement of ours: a bug, or a machine out of memory or disk."""

    code = "engine-failed"


@contextmanager
def engine(scratch: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a private in-memory connection in UTC that reads no extension and no foreign setting.

    `scratch` is where large intermediate results spill. DuckDB's own errors become EngineFailed.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if scratch is not None:
        config["temp_directory"] = str(scratch)
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        try:
            yield connection
        except duckdb.Error as error:
            raise EngineFailed(
                f"the query engine failed: {error}",
                hint="free memory or disk space if it lacks some; otherwise report it with this message",
            ) from error


def confine(connection: duckdb.DuckDBPyConnection, readable: Iterable[Path]) -> None:
    """Let the connection read these files and spill to its scratch folder, and nothing else, for good.

    What runs on it from now on may come from a file that a utility wrote.
    """
    paths = ", ".join(literal(str(path)) for path in readable)
    connection.execute(
        f"SET allowed_paths = [{paths}]; SET enable_external_access = false; SET lock_configuration = true"
    )


def one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Return the only row of a query; a connection can't go on while a result is half read."""
    (row,) = connection.execute(query).fetchall()
    return tuple(row)


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def located(path: Path) -> str:
    """Return `path` as an SQL string literal that stands for this one file, whatever its name holds."""
    return literal(re.sub(r"[\[*?]", r"[\g<0>]", str(path)))


def read_parquet(path: Path) -> str:
    """Return the table expression that reads a Parquet file; its folders' names add no columns."""
    return f"read_parquet({located(path)}, hive_partitioning=false)"

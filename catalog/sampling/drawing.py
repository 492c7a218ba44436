"""Draw rows of a version: by strata in proportion, and by a seed that everybody can draw with again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from catalog.datasets.models import Dataset
from catalog.datasets.register import Datasets
from catalog.engine import engine, literal, quoted, read_parquet
from catalog.quality.failing import object_name
from catalog.store import FolderStore
from standards.errors import InvalidInput


class ImpossibleSample(InvalidInput):
    """A sample that can't be drawn: too large, or by a field that is not there."""

    code = "impossible-sample"


@dataclass(frozen=True)
class Drawn:
    """A row that was drawn: counted from 1, its object's name, and the stratum it stands for."""

    row: int
    object: str
    stratum: str | None


@dataclass(frozen=True)
class Sample:
    """What was drawn of which version: in the order of strata and rows."""

    dataset: str
    version: int
    population: int
    seed: str
    by: str | None
    rows: tuple[Drawn, ...]


@dataclass(frozen=True)
class Sampling:
    """Samples of dataset versions."""

    datasets: Datasets
    store: FolderStore

    def draw(self, name: str, size: int, seed: str, *, by: str | None = None) -> Sample:
        """Return a sample of the newest version, in proportion to the values of the field `by`.

        In each stratum those are drawn whose names have, after the seed, the least SHA-256.
        Raises DatasetNotFound, VersionNotFound, ImpossibleSample, ObjectNotFound, ObjectDamaged.
        """
        dataset, version = self.datasets.get(name), self.datasets.version(name)
        _require_possible(dataset, version.row_count, size, by)
        path = self.store.intact(version.digest)
        rows = _drawn(path, dataset.document.key, size, seed, by)
        return Sample(name, version.number, version.row_count, seed, by, rows)


def shares(sizes: Mapping[str | None, int], size: int) -> dict[str | None, int]:
    """Return how many to draw of each stratum: in proportion, what is left over to the largest remainders.

    Of equal remainders the larger stratum, then the first by name, has its turn.
    """
    whole = sum(sizes.values())
    exact = {name: Fraction(count * size, whole) for name, count in sizes.items()}
    given = {name: int(share) for name, share in exact.items()}
    waiting = sorted(exact, key=lambda name: (given[name] - exact[name], -sizes[name], name or ""))
    for name in waiting[: size - sum(given.values())]:
        given[name] += 1
    return given


def _drawn(path: Path, key: Sequence[str], size: int, seed: str, by: str | None) -> tuple[Drawn, ...]:
    stratum = f"CAST({quoted(by)} AS VARCHAR)" if by else "CAST(NULL AS VARCHAR)"
    names = [f"CAST({quoted(name)} AS VARCHAR)" for name in key] or ["'#' || (file_row_number + 1)"]
    listed = f"[{', '.join(names)}]"
    there = ", ".join(f"coalesce({name}, '')" for name in names)
    rows = (
        f"SELECT file_row_number + 1 AS place, {listed} AS names, {stratum} AS stratum, "
        f"concat_ws('|', {there}) AS name "
        f"FROM {read_parquet(path)}"
    )
    rows = f"SELECT *, sha256({literal(seed + ':')} || name) AS chance FROM ({rows})"
    with engine() as connection:
        counted = connection.execute(f"SELECT stratum, count(*) FROM ({rows}) GROUP BY 1").fetchall()
        given = shares(dict(counted), size)
        ranked = (
            "SELECT place, names, stratum, "
            f"row_number() OVER (PARTITION BY stratum ORDER BY chance, place) AS turn FROM ({rows})"
        )
        found = connection.execute(
            f"SELECT place, names, stratum, turn FROM ({ranked}) WHERE turn <= {max(given.values())} "
            "ORDER BY stratum NULLS FIRST, place"
        ).fetchall()
    return tuple(
        Drawn(place, object_name(said), name) for place, said, name, turn in found if turn <= given[name]
    )


def _require_possible(dataset: Dataset, population: int, size: int, by: str | None) -> None:
    names = [field.name for field in dataset.document.fields]
    if by is not None and by not in names:
        raise ImpossibleSample(f"{dataset.name} has no field {by!r}", hint=f"it has {', '.join(names)}")
    if not 1 <= size <= population:
        raise ImpossibleSample(
            f"{size:,} of {population:,} rows can't be drawn", hint=f"draw 1 to {population:,}"
        )

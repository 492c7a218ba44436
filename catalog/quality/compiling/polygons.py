"""Points in polygons: edges are counted that a line to the left crosses, in whole numbers, so exactly.

A coordinate is taken in ten-millionths of a degree, about a centimetre. The border belongs to the polygon;
holes and several parts are told by the even-odd rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import pyarrow as pa

from catalog.quality.bound import BoundRule
from catalog.quality.compiling.sheet import ROW, ROWS, Ask, Sheet, Test

EDGES = "polygon_edges"
UNITS_A_DEGREE = 10_000_000

_SCHEMA = pa.schema([("polygon", pa.string()), *((name, pa.int64()) for name in ("x1", "y1", "x2", "y2"))])
_FAULTS = pa.schema([("k", pa.string()), ("fault", pa.string())])


def inside(rule: BoundRule, sheet: Sheet) -> Test:
    """Return the test that a point lies inside the row's polygon; one that is malformed can't decide."""
    polygon = sheet.sql(rule.one("polygon"))
    longitude, latitude = sheet.sql(rule.one("longitude")), sheet.sql(rule.one("latitude"))
    used = sheet.joined(polygon, longitude, latitude)
    points = (
        f"SELECT {ROW} AS r, {polygon} AS p, {_whole(longitude)} AS x, {_whole(latitude)} AS y "
        f"FROM {ROWS} {used} WHERE {polygon} IS NOT NULL "
        f"AND {longitude} IS NOT NULL AND {latitude} IS NOT NULL"
    )
    edges = sheet.table(
        EDGES, lambda ask: edges_of(text for (text,) in ask(f"SELECT DISTINCT p FROM ({points})"))
    )
    side = "(x - x1) * (y2 - y1)", "(x2 - x1) * (y - y1)"
    crossed = f"CASE WHEN y1 <= y AND y < y2 AND {side[0]} < {side[1]} THEN 1 ELSE 0 END"
    border = (
        f"CASE WHEN {side[0]} = {side[1]} AND y BETWEEN y1 AND y2 "
        "AND x BETWEEN least(x1, x2) AND greatest(x1, x2) THEN 1 ELSE 0 END"
    )
    query = (
        f"SELECT r AS k0, CASE WHEN max({border}) = 1 OR sum({crossed}) % 2 = 1 THEN 1 ELSE 0 END AS inside "
        f"FROM ({points}) JOIN {edges} ON p = polygon GROUP BY r"
    )
    alias = sheet.join(query, [ROW])
    return Test(f"{alias}.inside = 1", (f"{alias}.inside",))


def well_formed(rule: BoundRule, sheet: Sheet) -> Test:
    """Return the test that a text is a polygon that does not cross itself."""
    value = sheet.sql(rule.one("value"))
    used = sheet.joined(value)

    def build(ask: Ask) -> pa.Table:
        texts = [
            text for (text,) in ask(f"SELECT DISTINCT {value} FROM {ROWS} {used} WHERE {value} IS NOT NULL")
        ]
        return pa.table({"k": texts, "fault": [fault(text) for text in texts]}, schema=_FAULTS)

    table = sheet.table("polygon_faults", build)
    alias = sheet.join(f"SELECT k AS k0 FROM {table} WHERE fault IS NOT NULL", [value])
    return Test(f"{alias}.k0 IS NULL", (value,))


def edges_of(polygons: Iterable[str]) -> pa.Table:
    """Return the edges of every well-formed polygon, from the lower end to the upper one."""
    found: dict[str, list[object]] = {name: [] for name in _SCHEMA.names}
    for text in polygons:
        for x1, y1, x2, y2 in _edges(text):
            for name, value in zip(_SCHEMA.names, (text, x1, y1, x2, y2), strict=True):
                found[name].append(value)
    return pa.table(found, schema=_SCHEMA)


def fault(text: str) -> str | None:
    """Return what is wrong with a polygon's text (WKT or GeoJSON), or None."""
    import shapely  # type: ignore[import-untyped]

    try:
        shape = shapely.from_geojson(text) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    except shapely.errors.GEOSException as error:
        return f"it can't be read: {str(error).splitlines()[0]}"
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        return "it is no polygon"
    return None if shape.is_valid else shapely.is_valid_reason(shape)


def _edges(text: str) -> Iterator[tuple[int, int, int, int]]:
    import shapely

    if fault(text) is not None:
        return
    shape = shapely.from_geojson(text) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = [(round(x * UNITS_A_DEGREE), round(y * UNITS_A_DEGREE)) for x, y, *_ in ring.coords]
            for (x1, y1), (x2, y2) in pairwise(points):
                yield (x1, y1, x2, y2) if y1 <= y2 else (x2, y2, x1, y1)


def _whole(value: str) -> str:
    return f"CAST(round({value} * {UNITS_A_DEGREE}) AS BIGINT)"

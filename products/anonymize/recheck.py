"""The re-checker: class sizes from the output alone, by another engine and without the search's code."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from products.anonymize.errors import PrivacyRefused, UncheckableTable


def recheck(
    table: pa.Table, quasi_identifiers: Sequence[str], k: int, *, count_field: str | None = None
) -> int | None:
    """Return how many records the smallest class holds: those that agree in every quasi-identifier.

    Null agrees with null and with nothing else. Without `count_field` a row is one record; with it a row
    stands for that many, and rows that stand for none are passed over: an empty cell shows nobody. None
    when there is no quasi-identifier or no record, which proves nothing.

    Raises PrivacyRefused below k, and UncheckableTable.
    """
    _refuse_uncheckable(table, quasi_identifiers, k, count_field)
    if not quasi_identifiers:
        return None
    sizes = _class_sizes(table, list(quasi_identifiers), count_field)
    if len(sizes) == 0:
        return None
    smallest = pc.min(sizes).as_py()
    if smallest < k:
        small = pc.filter(sizes, pc.less(sizes, k))
        below, records = pc.sum(small).as_py(), pc.sum(sizes).as_py()
        raise PrivacyRefused(
            f"the smallest class holds {smallest} records where {k} are demanded: {below} of {records} "
            f"records stand in {len(small)} classes below {k}",
            hint="anonymize the table under a policy with coarser levels, or leave these rows out",
            k=k,
            smallest_class=smallest,
            rows_below_k=below,
            rows=records,
        )
    return int(smallest)


def _class_sizes(table: pa.Table, fields: list[str], count_field: str | None) -> pa.ChunkedArray:
    """Return the records of each class, classes without any left out. Own names can't clash with fields'."""
    keys = {f"key{at}": table.column(field) for at, field in enumerate(fields)}
    if count_field is None:
        return pa.table(keys).group_by(list(keys)).aggregate([([], "count_all")]).column("count_all")
    counted = pa.table({**keys, "records": table.column(count_field)})
    present = counted.filter(pc.greater(counted.column("records"), 0))
    return present.group_by(list(keys)).aggregate([("records", "sum")]).column("records_sum")


def _refuse_uncheckable(
    table: pa.Table, quasi_identifiers: Sequence[str], k: int, count_field: str | None
) -> None:
    wanted = [*quasi_identifiers, *([] if count_field is None else [count_field])]
    if k < 1:
        raise UncheckableTable(f"k is {k}", hint="give 1 or more")
    for field in wanted:
        if table.column_names.count(field) != 1:
            raise UncheckableTable(
                f"the table has {table.column_names.count(field)} fields named {field!r}",
                hint=f"it has {', '.join(table.column_names)}",
            )
    if count_field is None:
        return
    counts = table.column(count_field)
    if count_field in quasi_identifiers or not pa.types.is_integer(counts.type):
        raise UncheckableTable(
            f"field {count_field!r} of type {counts.type} can't be the count",
            hint="name an integer field that is no quasi-identifier",
        )
    if counts.null_count or pc.any(pc.less(counts, 0)).as_py():
        raise UncheckableTable(
            f"the count {count_field!r} is null or negative in some row", hint="count every cell, 0 for none"
        )

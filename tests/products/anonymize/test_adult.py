"""The Adult census extract against the optima ARX 3.9.2 publishes for it (Loss, arithmetic mean, k = 5)."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from products.anonymize import Anonymized, PrivacyPolicy, anonymize, recheck
from standards.data_elements import IdentifierKind
from standards.library import Library

FOLDER = Path(os.environ.get("SHUIZE_REFERENCE_DATA", "")) / "anonymization_adult"
NEEDED = "SHUIZE_REFERENCE_DATA" in os.environ and (FOLDER / "adult.csv").is_file()
pytestmark = pytest.mark.skipif(
    not NEEDED, reason="SHUIZE_REFERENCE_DATA names no folder with the Adult data"
)


@pytest.fixture(scope="module")
def adult() -> pa.Table:
    return pa.csv.read_csv(FOLDER / "adult.csv", parse_options=pa.csv.ParseOptions(delimiter=";"))


def run(adult: pa.Table, fields: Sequence[str], limit: str) -> Anonymized:
    entries = {}
    for field in fields:
        with (FOLDER / f"adult_hierarchy_{field}.csv").open(encoding="utf-8", newline="") as lines:
            rows = [tuple(row) for row in csv.reader(lines, delimiter=";")]
        entries[field] = {"action": "generalize", "hierarchy": {"kind": "table", "rows": rows}}
    policy = PrivacyPolicy.parse(
        {"release_model": "controlled", "suppression_limit": limit, "fields": entries}
    )
    kinds = {
        name: IdentifierKind.QUASI if name in fields else IdentifierKind.NONE for name in adult.column_names
    }
    return anonymize(adult, kinds, policy, code_lists=Library.load().code_list)


@pytest.mark.parametrize(
    "fields", [("sex", "age"), ("sex", "age", "race"), ("age", "education", "race", "sex")]
)
def test_a_few_quasi_identifiers(adult: pa.Table, fields: Sequence[str]) -> None:
    done = run(adult, fields, "0.01")
    assert recheck(done.table, fields, 5) == done.report.smallest_class_after
    assert done.report.rows_suppressed <= 0.01 * adult.num_rows
    assert done.table.num_rows == adult.num_rows - done.report.rows_suppressed


@pytest.mark.parametrize(
    ("limit", "levels", "loss"),
    [
        ("0", (0, 4, 1, 1, 3, 2, 2, 1, 0), 0.63554),
        ("0.05", (0, 3, 0, 0, 2, 1, 1, 2, 0), 0.26963),
        ("1", (0, 3, 0, 0, 2, 1, 1, 1, 0), 0.22770),
    ],
)
def test_all_nine_give_the_published_optimum(
    adult: pa.Table, limit: str, levels: tuple[int, ...], loss: float
) -> None:
    done = run(adult, adult.column_names, limit)
    assert tuple(each.level for each in done.report.quasi_identifiers) == levels
    assert float(done.report.loss or "nan") == pytest.approx(loss, abs=1e-5)
    assert recheck(done.table, adult.column_names, 5) == done.report.smallest_class_after

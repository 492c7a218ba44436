"""Corrections: a new version with the cells that were mended, and nothing else changed or overwritten."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog.corrections import Corrected, CorrectionDraft, Corrections
from catalog.corrections.models import (
    BeyondTheOrders,
    GoesBack,
    MalformedCorrection,
    NothingToCorrect,
    StaleCorrection,
    UnknownCorrectionField,
    UnknownKey,
)
from catalog.datasets.models import DatasetVersion
from catalog.evidence.hands import WorkOrderOver
from catalog.evidence.models import NoHandInOrder
from catalog.loading.loader import WrongType
from catalog.stewardship import transitions
from tests.builders import Room, csv_text, fields
from tests.catalog.orders import acts, an_order

HEADER = ("no", "name", "since", "flow")
ROWS = [
    ("U1", "张三", "2020-01-01", "1.5"),
    ("U2", "李四 𠮷", None, "2.25"),
    ("U3", "王五", "2020-03-01", None),
    ("U4", "赵六", "2020-04-01", "4"),
]
ISSUES = ('["U2"]', '["U3"]')


@pytest.fixture
def corrections(room: Room) -> Corrections:
    """Return the register, in a room with version 1 of a keyed dataset and order 1 about U2 and U3."""
    made = fields(
        no="customer.number", name="customer.name", since="customer.opened_on",
        flow="reading.inflow_l_per_s",
    )  # fmt: skip
    room.register(fields=made, key=["no"])
    room.load(csv_text(HEADER, ROWS))
    an_order(room, ISSUES)
    return Corrections(room.database, room.datasets, room.store, room.loader, room.lineage, room.clock)


def draft(**changes: Any) -> CorrectionDraft:
    said = {"dataset": "inflow", "work_orders": (1,), "reason": "asked at the door"} | changes
    return CorrectionDraft.model_validate(said)


def apply(
    room: Room, register: Corrections, text: str | bytes, name: str = "mended.csv", **said: Any
) -> Corrected:
    by = said.pop("by", "alice")
    return register.apply(draft(**said), room.file(text, name), by=by)


def mended(**changes: dict[str, str | None]) -> list[tuple[str | None, ...]]:
    """Return the rows with these cells changed: `U2={"name": "李四"}`."""
    return [
        tuple(changes.get(row[0] or "", {}).get(name, cell) for name, cell in zip(HEADER, row, strict=True))
        for row in ROWS
    ]


def rows(room: Room, version: DatasetVersion) -> list[tuple[str | None, ...]]:
    plain = [tuple(row) for row in room.rows(version)]
    return [(*row[:3], row[3] and row[3].rstrip("0").rstrip(".")) for row in plain]


def test_a_sheet_of_keys_and_changed_fields_makes_a_version(room: Room, corrections: Corrections) -> None:
    before = room.datasets.version("inflow")
    done = apply(room, corrections, "no,name,flow\nU2,,2.5\nU3,王五五,3\n")
    assert (done.version.number, done.correction.base) == (2, 1)
    assert rows(room, done.version) == mended(U2={"flow": "2.5"}, U3={"name": "王五五", "flow": "3"})
    assert rows(room, before) == ROWS
    said = done.correction
    assert (said.changed, said.rows, said.added, said.removed) == (3, 2, 0, 0)
    assert corrections.list("inflow") == (corrections.get(said.id),) == (said,)
    assert acts(room, 1) == [("detected", "system"), ("corrected", "alice")]


def test_the_list_of_cells_tells_what_each_was_by_its_digest(room: Room, corrections: Corrections) -> None:
    done = apply(room, corrections, "no,name,since\nU2,李四,2020-02-01\n")
    assert corrections.cells(done.correction).to_pylist() == [
        {
            "object": '["U2"]', "row": 2, "change": "changed", "field": "name",
            "old_sha256": hashlib.sha256("李四 𠮷".encode()).hexdigest(), "new": "李四",
        },
        {
            "object": '["U2"]', "row": 2, "change": "changed", "field": "since",
            "old_sha256": None, "new": "2020-02-01",
        },
    ]  # fmt: skip


def test_the_bytes_are_those_of_the_same_rows_loaded(room: Room, corrections: Corrections) -> None:
    """And so the same corrections of the same version are the same bytes, whatever form they came in."""
    done = apply(room, corrections, "no,flow\nU2,2.5\n")
    loaded = room.load(csv_text(HEADER, mended(U2={"flow": "2.5"})))
    assert (loaded.is_new, loaded.version.digest) == (False, done.version.digest)


@pytest.mark.parametrize("form", ["json", "parquet", "rows"])
def test_forms_of_one_sheet_are_one_correction(room: Room, corrections: Corrections, form: str) -> None:
    wanted = mended(U2={"flow": "2.5"}, U3={"since": None})
    if form == "json":
        text: str | bytes = json.dumps([{"no": "U2", "flow": 2.5}, {"no": "U3", "since": None}])
        done = apply(room, corrections, text, "mended.json")
    elif form == "rows":
        done = apply(room, corrections, "#row,flow,since\n2,2.5,\n3,,<null>\n")
    else:
        import pyarrow as pa

        table = pa.table({"no": ["U2", "U3"], "flow": [2.5, None], "since": [None, "<null>"]})
        pq.write_table(table, room.folder / "mended.parquet")
        done = corrections.apply(draft(), room.folder / "mended.parquet", by="alice")
    assert rows(room, done.version) == wanted


def test_a_wrong_key_is_corrected_by_its_row(room: Room, corrections: Corrections) -> None:
    done = apply(room, corrections, "#row,no\n2,U20\n")
    assert rows(room, done.version) == mended(U2={"no": "U20"})
    (cell,) = corrections.cells(done.correction).to_pylist()
    assert (cell["object"], cell["field"], cell["new"]) == ('["U2"]', "no", "U20")


def test_a_whole_corrected_file_says_what_came_and_went(room: Room, corrections: Corrections) -> None:
    now = [*mended(U2={"flow": "9"})[:2], ROWS[3], ("U5", "新", None, None)]
    text = csv_text(HEADER, now)
    with pytest.raises(BeyondTheOrders, match="about 1 row to be changed") as raised:
        apply(room, corrections, text, whole=True)
    assert [fault.pointer for fault in raised.value.faults] == ['row 4, ["U5"]']
    done = apply(room, corrections, text, whole=True, beyond=True)
    assert rows(room, done.version) == now
    assert (done.correction.changed, done.correction.added, done.correction.removed) == (1, 1, 1)
    told = [(c["change"], c["object"]) for c in corrections.cells(done.correction).to_pylist()]
    assert told == [("changed", '["U2"]'), ("removed", '["U3"]'), ("added", '["U5"]')]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("no,flow\nU9,1\n", UnknownKey, "file row 2: the dataset has no such row"),
        ("no,colour\nU2,red\n", UnknownCorrectionField, "colour"),
        ("no,flow\nU2,much\n", WrongType, "file row 2, column flow"),
        ("no,flow\nU2,1\nU2,2\n", MalformedCorrection, "file row 3: names a row that another one names too"),
        ("no,flow\n,1\n", MalformedCorrection, "file row 2: names no row"),
        ("flow\n1\n", MalformedCorrection, "lacks the key's fields no"),
        ("no\nU2\n", MalformedCorrection, "gives no field"),
        ("no,flow\nU2,2.25\n", NothingToCorrect, "all of these values already"),
        ("no,flow\nU1,9\n", BeyondTheOrders, 'row 1, ["U1"]'),
    ],
)
def test_what_cant_be_applied_says_where_and_makes_nothing(
    room: Room, corrections: Corrections, text: str, error: type[Any], said: str
) -> None:
    before = room.objects()
    with pytest.raises(error) as raised:
        apply(room, corrections, text)
    told = raised.value.message + "".join(f"\n{f.pointer}: {f.detail}" for f in raised.value.faults)
    assert said in told
    assert raised.value.hint
    assert [version.number for version in room.datasets.versions("inflow")] == [1]
    assert (room.objects(), corrections.list(), len(acts(room, 1))) == (before, (), 1)


def test_a_key_that_stands_twice_is_told_and_corrected_by_rows(room: Room, corrections: Corrections) -> None:
    room.load(csv_text(HEADER, [*ROWS, ("U2", "又", None, None)]))
    with pytest.raises(UnknownKey) as raised:
        apply(room, corrections, "no,flow\nU2,2.5\n")
    assert [fault.detail for fault in raised.value.faults] == ["its key stands 2 times"]
    done = apply(room, corrections, "#row,no\n5,U5\n")
    assert rows(room, done.version)[4] == ("U5", "又", None, None)


def test_a_row_that_changed_since_is_stale_and_another_is_not(room: Room, corrections: Corrections) -> None:
    apply(room, corrections, "no,flow\nU2,2.5\n")
    with pytest.raises(StaleCorrection) as raised:
        apply(room, corrections, "no,name\nU2,李\n", base=1)
    assert [fault.pointer for fault in raised.value.faults] == ["file row 2"]
    with pytest.raises(StaleCorrection, match="a whole file would undo it"):
        apply(room, corrections, csv_text(HEADER, ROWS), whole=True, base=1)
    done = apply(room, corrections, "no,name\nU3,王\n", base=1)
    assert rows(room, done.version) == mended(U2={"flow": "2.5"}, U3={"name": "王"})
    assert done.correction.base == 2


def test_versions_only_go_forward(room: Room, corrections: Corrections) -> None:
    apply(room, corrections, "no,flow\nU2,2.5\n")
    with pytest.raises(GoesBack, match="would be version 1 again"):
        apply(room, corrections, "no,flow\nU2,2.25\n")
    assert [version.number for version in room.datasets.versions("inflow")] == [1, 2]
    assert len(acts(room, 1)) == 2


def test_only_for_going_orders_of_the_dataset_by_who_has_a_hand(room: Room, corrections: Corrections) -> None:
    text = "no,flow\nU2,2.5\n"
    with pytest.raises(NoHandInOrder):
        apply(room, corrections, text, by="bob")
    with pytest.raises(transitions.WorkOrderNotFound):
        apply(room, corrections, text, work_orders=(8,))
    with pytest.raises(MalformedCorrection, match="named twice"):
        apply(room, corrections, text, work_orders=(1, 1))
    an_order(room, id=2, state="waived")
    with pytest.raises(WorkOrderOver):
        apply(room, corrections, text, work_orders=(1, 2))
    room.register(name="other")
    an_order(room, id=3, dataset="other")
    with pytest.raises(MalformedCorrection, match="work order 3 is of dataset other"):
        apply(room, corrections, text, work_orders=(1, 3))


def test_lineage_tells_of_the_file_the_version_before_and_the_orders(
    room: Room, corrections: Corrections
) -> None:
    done = apply(room, corrections, "no,flow\nU2,2.5\n")
    start, complete = room.lineage.events()
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"]
    facet = complete["run"]["facets"]["shuize_correction"]
    assert (facet["workOrders"], facet["correction"], facet["cells"]) == ([1], 1, done.correction.cells)
    (base, file), (made,) = complete["inputs"], complete["outputs"]
    assert (base["name"], file["name"], made["name"]) == ("inflow", "inflow/mended.csv", "inflow")
    before = room.datasets.version("inflow", 1)
    assert base["facets"]["version"]["datasetVersion"] == before.digest
    assert made["facets"]["version"]["datasetVersion"] == done.version.digest
    with pytest.raises(UnknownKey):
        apply(room, corrections, "no,flow\nU9,1\n")
    assert room.lineage.events()[-1]["eventType"] == "FAIL"


def test_a_fault_at_the_end_leaves_nothing_half(
    room: Room, corrections: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is killed is like what fails: version, correction, act and event are one transaction."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(room.lineage, "record_within", fail)
        with pytest.raises(KeyboardInterrupt):
            apply(room, corrections, "no,flow\nU2,2.5\n")
    assert [version.number for version in room.datasets.versions("inflow")] == [1]
    assert (corrections.list(), len(acts(room, 1))) == ((), 1)
    done = apply(room, corrections, "no,flow\nU2,2.5\n")
    assert (done.version.number, done.correction.id, len(acts(room, 1))) == (2, 1, 2)


def test_patches_fall_into_place_across_row_groups(room: Room, corrections: Corrections) -> None:
    many = [(f"U{n}", f"n{n}", None, None) for n in range(200_000)]
    room.load(csv_text(HEADER, many))
    places = (0, 65_535, 65_536, 131_071, 131_072, 199_999)
    sheet = csv_text(("no", "name", "flow"), [(f"U{n}", f"m{n}", str(n)) for n in reversed(places)])
    done = apply(room, corrections, sheet, beyond=True)
    now = [(f"U{n}", f"m{n}", None, f"{n}") if n in places else row for n, row in enumerate(many)]
    found = [(row[0], row[1], row[2], row[3] and row[3].split(".")[0]) for row in room.rows(done.version)]
    assert found == now
    assert done.correction.changed == 12


def test_the_sample_of_a_path_that_is_no_file(room: Room, corrections: Corrections) -> None:
    from catalog.loading.readers import UnreadableFile

    with pytest.raises(UnreadableFile):
        corrections.apply(draft(), Path("/nowhere.csv"), by="alice")

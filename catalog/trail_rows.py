"""Whether the tables still say what the trail's entries say of them.

The chain of hashes shows only that the entries belong together. Whoever owns the database can leave it alone
and rewrite what the entries speak of: who decided, the document in force, a standard. So entries hold digests
of documents and say who acted, and here both sides are laid next to each other. It takes about half a
kilobyte of memory an entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.tables import Row
from standards import digests
from standards.canonical_json import NotCanonical

if TYPE_CHECKING:
    from catalog.trail import TrailEntry

_DONE = {
    "registered": "registered",
    "changed": "registered",
    "retired": "retired",
    "reinstated": "registered",
    "published": "registered",
}
_OTHERWISE = {"change-rejected": "rejected", "change-withdrawn": "withdrawn"}
_NAMED = 20
_MISSING = "it is not there"

Facts = dict[str, Any]
"""What entries say of one row, by the names that `_Compared` gives to its columns."""


class TrailDifference(BaseModel):
    """A row that is not what the trail says of it. `entry` is the newest that speaks of it, if any does."""

    model_config = ConfigDict(frozen=True)

    table: str
    row: str
    entry: int | None
    what: str


class TrailRows(BaseModel):
    """What laying the tables next to the trail showed.

    `compared` rows agree or are among `differing`, of which the first 20 are named. Of `without_digest` rows
    an earlier version wrote no digest of the document into the trail; `before_trail` rows are dated before
    the first entry, and no entry speaks of them.
    """

    model_config = ConfigDict(frozen=True)

    compared: int
    differing: int
    differences: tuple[TrailDifference, ...]
    without_digest: int
    before_trail: int


@dataclass(frozen=True)
class _Compared:
    """A table: how a row is named, what of it is compared as it is, and which column is a document."""

    table: str
    name: str
    same: tuple[str, ...]
    document: str | None
    dated: str | None
    digested: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


_TABLES = (
    _Compared(
        "changes", "{id}",
        ("subject_kind", "subject", "act", "base_revision", "requested_by", "requested_at", "state",
         "decided_by", "decided_at", "revision"),
        "document", "requested_at", ("reason", "decision_reason"),
    ),
    _Compared(
        "revisions", "{subject_kind} {subject} {number}", ("change", "made_by", "made_at", "state"),
        "document", "made_at",
    ),
    _Compared(
        "datasets", "{name}", ("revision", "state"), "document", "registered_at",
        repeated=("owner", "steward", "organisation"),
    ),
    _Compared(
        "products", "{name}", ("revision", "state"), "document", None,
        repeated=("owner", "steward", "organisation"),
    ),
    _Compared("standards", "{id} {version}", ("imported_by",), "document", "imported_at"),
    _Compared(
        "dataset_versions", "{dataset} {number}", ("digest", "revision", "loaded_by"), None, "loaded_at"
    ),
    _Compared("role_assignments", "{id}", ("role", "subject_kind", "subject", "party"), None, "assigned_at"),
    _Compared("assets", "{id}", ("entered_by",), "document", "entered_at"),
    _Compared("asset_entries", "{asset} {number}", ("entered_by",), "document", "entered_at"),
)  # fmt: skip

COMPARED = tuple(each.table for each in _TABLES)
"""The tables whose rows are laid next to the trail."""


@dataclass
class Comparison:
    """Hears every entry, oldest first, and then looks at the tables. What a later entry says counts."""

    _facts: dict[tuple[str, str], Facts] = field(default_factory=dict)
    _entry: dict[tuple[str, str], int] = field(default_factory=dict)
    _began: datetime | None = None

    def hear(self, entry: TrailEntry) -> None:
        """Take in what an entry says of rows."""
        self._began = self._began or entry.at
        for table, name, facts in _said(entry):
            self._facts.setdefault((table, name), {}).update(facts)
            self._entry[table, name] = entry.sequence

    def rows(self, session: Session) -> TrailRows:
        """Compare the rows of a session that sees the state in which the trail was read."""
        found: list[TrailDifference] = []
        compared = without = before = 0
        for kind in _TABLES:
            for name, row in _rows(session, kind):
                facts = self._facts.pop((kind.table, name), None)
                if facts is None and self._is_before(kind, row):
                    before += 1
                    continue
                compared += 1
                without += facts is not None and kind.document is not None and "document" not in facts
                what = "no entry speaks of it" if facts is None else _unlike(kind, facts, row)
                if what:
                    found.append(self._difference(kind.table, name, what))
        found += [self._difference(table, name, _MISSING) for table, name in self._facts]
        return TrailRows(
            compared=compared,
            differing=len(found),
            differences=tuple(found[:_NAMED]),
            without_digest=without,
            before_trail=before,
        )

    def _is_before(self, kind: _Compared, row: Mapping[str, Any]) -> bool:
        return kind.dated is not None and (self._began is None or row[kind.dated] < self._began)

    def _difference(self, table: str, name: str, what: str) -> TrailDifference:
        return TrailDifference(table=table, row=name, entry=self._entry.get((table, name)), what=what)


def _said(entry: TrailEntry) -> Iterator[tuple[str, str, Facts]]:
    """Yield the rows an entry speaks of: table, name, and what it says of it."""
    at, by, detail = entry.at, entry.by, entry.detail
    kind, subject = entry.subject_kind, entry.subject
    done = _DONE.get(entry.act.removeprefix(f"{kind}-"))
    if entry.act == "change-requested":
        asked: Facts = {"subject_kind": kind, "subject": subject, "act": detail["act"], "state": "open"}
        asked |= {"base_revision": detail["base"], "requested_by": by, "requested_at": at}
        asked |= {"decided_by": None, "decided_at": None, "revision": None}
        yield "changes", str(detail["change"]), asked | _documents(detail, reason="reason")
    elif entry.act in _OTHERWISE:
        decided: Facts = {"state": _OTHERWISE[entry.act], "decided_by": by, "decided_at": at}
        yield "changes", str(detail["change"]), decided | _documents(detail, reason="decision_reason")
    elif kind in ("dataset", "product", "standards") and done and "change" in detail:
        number = detail["revision"]
        held = {"document": detail["in_force"]} if "in_force" in detail else {}
        decided = {"state": "approved", "decided_by": by, "decided_at": at, "revision": number}
        reason = {key: value for key, value in detail.items() if key == "reason"}
        yield "changes", str(detail["change"]), decided | _documents(reason, reason="decision_reason")
        made = {"change": detail["change"], "made_by": by, "made_at": at, "state": done, **held}
        yield "revisions", f"{kind} {subject} {number}", made
        if kind != "standards":  # of which each has an entry of its own
            yield f"{kind}s", subject, {"revision": number, "state": done, **held}
    elif entry.act == "standard-imported":
        yield "standards", subject, {"document": detail["sha256"], "imported_by": by}
    elif entry.act == "version-loaded":
        loaded = {"digest": detail["sha256"], "revision": detail["revision"], "loaded_by": by}
        yield "dataset_versions", f"{subject} {detail['version']}", loaded
    elif entry.act == "role-assigned":
        given = {"role": detail["role"], "subject_kind": kind, "subject": subject, "party": detail["party"]}
        yield "role_assignments", str(detail["assignment"]), given
    elif entry.act == "asset-entered":
        yield "assets", subject, {"document": detail["document"], "entered_by": by}
    elif kind == "asset" and "entry" in detail:
        booked = {"document": detail["document"], "entered_by": by}
        yield "asset_entries", f"{subject} {detail['entry']}", booked


def _documents(detail: Mapping[str, Any], reason: str) -> Facts:
    """Return what an entry says in digests; entries of earlier versions have fewer of them."""
    names = {"document": "document", "reason": reason}
    return {ours: detail[name] for name, ours in names.items() if name in detail}


def _rows(session: Session, kind: _Compared) -> Iterator[tuple[str, Facts]]:
    query = sa.select(Row.metadata.tables[kind.table]).execution_options(yield_per=1000)
    for row in session.execute(query).mappings():
        yield kind.name.format_map(row), dict(row)


def _unlike(kind: _Compared, facts: Facts, row: Mapping[str, Any]) -> str | None:
    """Return which columns are not what entries say, or None."""
    wrong = [name for name in kind.same if name in facts and facts[name] != row[name]]
    wrong += [name for name in kind.digested if name in facts and facts[name] != text_digest(row[name])]
    if kind.document and "document" in facts and facts["document"] != _digest_of(kind, row):
        wrong.append(kind.document)
    wrong += [name for name in kind.repeated if row["document"].get(name) != row[name]]
    return f"not as the trail says: {', '.join(wrong)}" if wrong else None


def _digest_of(kind: _Compared, row: Mapping[str, Any]) -> str | None:
    document = row[kind.document or ""]
    if kind.table == "asset_entries":
        document = {"asset": row["asset"], "number": row["number"], "entry": document}
    try:
        return digests.of_document(document)
    except NotCanonical:
        return None


def text_digest(text: str | None) -> str | None:
    """Return the digest under which the trail knows a free text, which it does not hold itself."""
    return None if text is None else digests.of_bytes(text.encode())

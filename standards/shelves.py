"""Shelves: the standards of one folder, each file read when something in it is first asked for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from standards import digests, folders
from standards.data_elements import DataElement
from standards.digests import Digest
from standards.documents import Document, Kind, version_key
from standards.tables import MalformedStandard

_Kept = TypeVar("_Kept", bound=Document)


class Shelves:
    """What a folder holds. Documents are frozen and read alike each time, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[Kind, Mapping[str, tuple[Document, ...]]] = {}
        self._heads: dict[Kind, Mapping[str, tuple[Path, ...]]] = {}
        self._headed: dict[Path, Document] = {}

    def ids(self, kind: Kind) -> Mapping[str, object]:
        """Return what has the ids of a kind as its keys."""
        return self._head_files(kind) if kind in folders.HEADED else self._shelf(kind)

    def versions(self, kind: Kind, standard_id: str) -> tuple[Document, ...]:
        """Return every version of a standard, in no order; only files that may hold it are read."""
        if kind not in folders.HEADED:
            return self._shelf(kind).get(standard_id, ())
        read = []
        for path in self._head_files(kind).get(standard_id, ()):
            if path not in self._headed:  # two threads may both read it; they read the same
                self._headed[path] = folders.read_headed(path, kind)
            read.append(self._headed[path])
        return tuple(read)

    def digests(self) -> dict[str, Digest]:
        """Return the digest of every file, by its path."""
        return {
            path.relative_to(self._folder).as_posix(): digests.of_bytes(path.read_bytes())
            for path in sorted(self._folder.rglob("*"))
            if path.suffix in folders.SUFFIXES
        }

    def _head_files(self, kind: Kind) -> Mapping[str, tuple[Path, ...]]:
        if kind not in self._heads:
            self._heads[kind] = folders.head_files(self._folder, kind)
        return self._heads[kind]

    def _shelf(self, kind: Kind) -> Mapping[str, tuple[Document, ...]]:
        if kind not in self._listed:
            found: dict[str, dict[str, Document]] = {}
            for place, document in folders.read_listed(self._folder, kind):
                versions = found.setdefault(document.id, {})
                if document.version in versions:
                    raise MalformedStandard(
                        f"{place} gives the {kind.value.replace('-', ' ')} {document.id} a second time",
                        hint="keep one of the two, or give one another id or version",
                    )
                self._require_code_list(document, place)
                versions[document.version] = document
            shelf = {id_: by_age(tuple(found[id_].values())) for id_ in sorted(found)}
            self._listed[kind] = MappingProxyType(shelf)
        return self._listed[kind]

    def _require_code_list(self, document: Document, place: str) -> None:
        if not isinstance(document, DataElement) or document.code_list is None:
            return
        known = self.ids(Kind.CODE_LIST)
        if document.code_list not in known:
            raise MalformedStandard(
                f"data element {document.id} in {place} names the unknown code list {document.code_list!r}",
                hint=nearest(document.code_list, known),
            )


def nearest(wanted: str, ids: Iterable[str]) -> str:
    """Return the ids closest to `wanted`, as a hint."""
    known = list(ids)
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    if close:
        return "nearest: " + ", ".join(close)
    return "known: " + ", ".join(known) if len(known) <= 12 else f"none of the {len(known)} known ids is near"


def by_age(versions: tuple[_Kept, ...]) -> tuple[_Kept, ...]:
    """Return versions oldest first."""
    if len(versions) < 2:  # nearly always, and asked for every field of every dataset
        return versions
    return tuple(
        sorted(
            versions, key=lambda each: (each.valid[0] or date.min, version_key(each.version), each.version)
        )
    )

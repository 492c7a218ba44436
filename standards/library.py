"""The standards library: every standard by id and version, read from a folder when first asked for.

The folder that comes with the package is the beginning; what a utility imports stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from standards import digests
from standards.code_lists import Code, CodeList, CodeNotInForce, UnknownCode, span
from standards.coding_rules import CodingRule
from standards.data_elements import DataElement
from standards.digests import Digest
from standards.documents import UNPUBLISHED, Document, Kind, StandardRef
from standards.errors import NotFound
from standards.references import reference_faults
from standards.shelves import Shelves, by_age, nearest
from standards.tables import MalformedStandard

__all__ = [
    "Library",
    "MalformedStandard",
    "StandardRef",
    "UnknownCodeList",
    "UnknownElement",
    "UnknownStandard",
    "UnknownVersion",
]

_BUNDLED = Path(__file__).parent / "bundled"
_Kept = TypeVar("_Kept", bound=Document)


class UnknownStandard(NotFound):
    """The library holds no such standard."""

    code = "unknown-standard"


class UnknownElement(UnknownStandard):
    """The library holds no such data element."""

    code = "unknown-data-element"


class UnknownCodeList(UnknownStandard):
    """The library holds no such code list."""

    code = "unknown-code-list"


class UnknownVersion(UnknownStandard):
    """The library holds the standard, in other versions."""

    code = "unknown-standard-version"


class Library:
    """The standards of one folder, and those that `imported` returns.

    Where no version is asked for, the newest is meant: the last by `valid_from` and number that is no
    candidate, not retired and, given `today`, already valid. `imported` is asked at each look-up and must
    return the same object while nothing changes. What is handed out is frozen, so threads may share it.
    """

    def __init__(
        self,
        shelves: Shelves,
        imported: Callable[[], tuple[Document, ...]] = tuple,
        *,
        today: Callable[[], date] | None = None,
    ) -> None:
        self._shelves = shelves
        self._imported = imported
        self._today = today
        self._cited: Mapping[str, frozenset[str]] = {}
        self._beside: tuple[tuple[Document, ...], Mapping[str, tuple[Document, ...]]] = ((), {})

    @classmethod
    def load(cls) -> Library:
        """Return the library that comes with the package; every call returns the same one."""
        return _bundled()

    def beside(
        self, imported: Callable[[], tuple[Document, ...]], *, today: Callable[[], date] | None = None
    ) -> Library:
        """Return this library's folder, with what was imported beside it; what was read is shared."""
        return Library(self._shelves, imported, today=today)

    def with_candidates(self, documents: Iterable[Document]) -> Library:
        """Return the library as it would be with these published."""
        both = tuple({each.citation: each for each in (*documents, *self._imported())}.values())
        return self.beside(lambda: both, today=self._today)

    def now(self) -> Library:
        """Return the library as it is now, for look-ups that belong together.

        What is imported is asked once; the library itself asks for each look-up.
        """
        self._imports()
        documents, grouped = self._beside
        present = self.beside(lambda: documents, today=self._today)
        present._beside, present._cited = (documents, grouped), self._cited
        return present

    def citing(self, references: Iterable[StandardRef]) -> Library:
        """Return the library in which the versions cited are the ones meant, where no version is asked for.

        Of two versions of a standard the newer is meant. What is not cited, or not there in the version
        cited, is meant as before.
        """
        cited: dict[str, frozenset[str]] = {}
        for each in references:
            cited[each.id] = cited.get(each.id, frozenset()) | {each.version}
        self._imports()
        found = self.beside(self._imported, today=self._today)
        found._beside, found._cited = self._beside, cited
        return found

    def stamp(self) -> Digest:
        """Return a digest of all that decides what is the newest version of what, without reading a standard.

        It is that of the folder's files, of what was imported, and of the day.
        """
        imported = sorted(document.citation + document.digest() for document in self._imported())
        day = self._today().isoformat() if self._today is not None else None
        return digests.of_document({"files": self._shelves.digests(), "imported": imported, "day": day})

    def get(self, standard_id: str, version: str | None = None) -> Document:
        """Return a standard of any kind. Raises UnknownStandard, with the nearest ids in its hint."""
        found = self._find(standard_id)
        if not found:
            raise self._unknown(standard_id)
        return self._pick(found, version)

    def element(self, element_id: str, version: str | None = None) -> DataElement:
        """Return the data element. Raises UnknownElement, with the nearest ids in its hint."""
        return self._pick(self._require(element_id, DataElement, UnknownElement), version)

    def elements(self) -> tuple[DataElement, ...]:
        """Return the newest version of every data element, by id."""
        return tuple(each for each in self.documents(Kind.DATA_ELEMENT) if isinstance(each, DataElement))

    def code_list(self, list_id: str, version: str | None = None) -> CodeList:
        """Return the code list. Raises UnknownCodeList, with the nearest ids in its hint."""
        return self._pick(self._require(list_id, CodeList, UnknownCodeList), version)

    def code_lists(self) -> tuple[CodeList, ...]:
        """Return the newest version of every code list, by id."""
        return tuple(each for each in self.documents(Kind.CODE_LIST) if isinstance(each, CodeList))

    def coding_rule(self, rule_id: str, version: str | None = None) -> CodingRule:
        """Return the coding rule. Raises UnknownStandard."""
        return self._pick(self._require(rule_id, CodingRule, UnknownStandard), version)

    def code(self, list_id: str, code: str, *, version: str | None = None, on: date | None = None) -> Code:
        """Return a code: of one version, of the version in force on a day, or of the newest.

        `code` may also be an alias, or a title that only one code of the list has.
        Raises UnknownCodeList, UnknownVersion, UnknownCode; CodeNotInForce, which says where the code is
        valid, if another version has it or it is not valid on that day.
        """
        every = self._require(list_id, CodeList, UnknownCodeList)
        if version is None and on is not None:
            asked = self._pick(tuple(each for each in every if each.is_in_force(on)) or every, None)
        else:
            asked = self._pick(every, version)
        code = named.code if (named := asked.find(code)) is not None else code
        try:
            return asked.get(code) if on is None else asked.get_on(code, on)
        except CodeNotInForce:
            raise
        except UnknownCode as error:
            others = [each for each in every if code in each]
            if not others:
                raise
            where = "; ".join(f"{each.version}, valid {span(*each.valid)}" for each in others)
            raise CodeNotInForce(
                f"code {code!r} of {list_id} is not in version {asked.version}; it is in {where}",
                hint=f"{code} is {others[-1].get(code).title_zh}; cite that version, or take a code of "
                f"{asked.version}",
            ) from error

    def versions(self, standard_id: str) -> tuple[Document, ...]:
        """Return every version of a standard, oldest first. Raises UnknownStandard."""
        found = self._find(standard_id)
        if not found:
            raise self._unknown(standard_id)
        return found

    def documents(self, kind: Kind | None = None) -> tuple[Document, ...]:
        """Return the newest version of every standard, or of every one of a kind, by kind and id."""
        return tuple(self._newest(versions) for versions in self._all(kind))

    def every_version(self, kind: Kind | None = None) -> tuple[Document, ...]:
        """Return every version of every standard, or of every one of a kind, by kind, id and age."""
        return tuple(document for versions in self._all(kind) for document in versions)

    def reference(self, standard_id: str, version: str | None = None) -> StandardRef:
        """Return how to cite a standard. Raises UnknownElement, UnknownCodeList."""
        if "." in standard_id:
            return self.element(standard_id, version).reference()
        if not self._find(standard_id):
            return self.code_list(standard_id).reference()
        return self.get(standard_id, version).reference()

    def require_sound(self, documents: Iterable[Document] | None = None) -> None:
        """Raise MalformedStandard if one of the documents speaks of what this library does not hold.

        Without an argument every document is looked at.
        """
        looked_at = self.every_version() if documents is None else documents
        faults = [fault for each in looked_at for fault in reference_faults(each, self)]
        if faults:
            raise MalformedStandard(
                f"{faults[0].pointer}: {faults[0].detail}",
                hint="add what is named, or name what is there: shuize standard list",
                faults=faults,
            )

    def _require(
        self, standard_id: str, kind: type[_Kept], error: type[UnknownStandard]
    ) -> tuple[_Kept, ...]:
        found = self._find(standard_id)
        kept = tuple(each for each in found if isinstance(each, kind))
        if not kept:
            word = kind.kind.value.replace("-", " ")
            ids = [each.id for each in self.documents(kind.kind)] if found else self._ids(kind.kind)
            raise error(f"no {word} has the id {standard_id!r}", hint=nearest(standard_id, ids))
        return kept

    def _find(self, standard_id: str) -> tuple[Document, ...]:
        """Return every version with this id, oldest first; only files that may hold it are read."""
        beside = self._imports().get(standard_id, ())
        for kind in (Kind.DATA_ELEMENT,) if "." in standard_id else _SLUGGED:
            if standard_id in self._shelves.ids(kind):
                return by_age((*self._shelves.versions(kind, standard_id), *beside))
        return beside

    def _ids(self, kind: Kind) -> Iterable[str]:
        return _ids_of(kind, self._shelves.ids(kind), self._imports())

    def _all(self, kind: Kind | None) -> Iterator[tuple[Document, ...]]:
        imported = self._imports()
        for each in Kind if kind is None else (kind,):
            for standard_id in _ids_of(each, self._shelves.ids(each), imported):
                beside = imported.get(standard_id, ())
                yield by_age((*self._shelves.versions(each, standard_id), *beside))

    def _imports(self) -> Mapping[str, tuple[Document, ...]]:
        imported = self._imported()
        if imported is not self._beside[0]:
            grouped: dict[str, list[Document]] = {}
            for document in imported:
                grouped.setdefault(document.id, []).append(document)
            self._beside = imported, {id_: by_age(tuple(versions)) for id_, versions in grouped.items()}
        return self._beside[1]

    def _pick(self, versions: tuple[_Kept, ...], version: str | None) -> _Kept:
        if version is None:
            return self._newest(versions)
        for document in versions:
            if document.version == version:
                return document
        raise UnknownVersion(
            f"{versions[0].id} has no version {version!r}",
            hint="it has " + ", ".join(document.version for document in versions),
        )

    def _newest(self, versions: tuple[_Kept, ...]) -> _Kept:
        if cited := self._cited.get(versions[0].id):
            for document in reversed(versions):
                if document.version in cited:
                    return document
        published = [each for each in versions if each.registration not in UNPUBLISHED] or list(versions)
        if self._today is not None:
            day = self._today()
            published = [each for each in published if (each.valid[0] or day) <= day] or published[:1]
        return published[-1]

    def _unknown(self, standard_id: str) -> UnknownStandard:
        ids = [id_ for kind in Kind for id_ in self._ids(kind)]
        return UnknownStandard(f"no standard has the id {standard_id!r}", hint=nearest(standard_id, ids))


_SLUGGED = tuple(kind for kind in Kind if kind is not Kind.DATA_ELEMENT)


def _ids_of(kind: Kind, own: Iterable[str], imported: Mapping[str, tuple[Document, ...]]) -> list[str]:
    return sorted({*own, *(id_ for id_, versions in imported.items() if versions[0].kind is kind)})


@cache
def _bundled() -> Library:
    return Library(Shelves(_BUNDLED))

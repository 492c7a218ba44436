"""How data elements protect their values, over all their versions: a new one must not undo it in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from standards.data_elements import DataElement, IdentifierKind
from standards.documents import UNPUBLISHED
from standards.errors import Fault
from standards.library import Library


def versions(element_id: str, library: Library) -> tuple[DataElement, ...]:
    """Return every published version of an element, so that what any of them hides stays hidden.

    A value that was declared to name somebody is not shown because a later version says otherwise. While no
    version is published all are returned. Raises UnknownStandard.
    """
    return _in_effect(library.versions(element_id))


def lowered(new: DataElement, before: Sequence[object]) -> Iterator[Fault]:
    """Yield where `new` protects less than a published version before it; a candidate lowers nothing.

    Only direct protects more than any other kind: quasi counts in classes, sensitive is not shown.
    """
    earlier = _in_effect(before)
    if new.registration in UNPUBLISHED or not earlier:
        return
    strictest = max(earlier, key=lambda each: each.security_level)
    if new.security_level < strictest.security_level:
        yield Fault(
            f"{new.citation}/security_level",
            f"{new.security_level}, and version {strictest.version} has {strictest.security_level}",
        )
    for each in earlier:
        if each.identifier_kind in (IdentifierKind.NONE, new.identifier_kind):
            continue
        if new.identifier_kind is not IdentifierKind.DIRECT:
            yield Fault(
                f"{new.citation}/identifier_kind",
                f"{new.identifier_kind}, and version {each.version} has {each.identifier_kind}",
            )


def _in_effect(versions: Iterable[object]) -> tuple[DataElement, ...]:
    """Return the published versions, or all while none is: the newest of those is what is meant."""
    elements = tuple(each for each in versions if isinstance(each, DataElement))
    return tuple(each for each in elements if each.registration not in UNPUBLISHED) or elements

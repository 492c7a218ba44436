"""Does what was sensed go beyond what the field's element and the dataset say of it?"""

from __future__ import annotations

from catalog.datasets.models import DatasetDraft
from catalog.sensing.models import Sensed, SensedField
from standards.data_elements import DataElement, IdentifierKind, representation
from standards.library import Library
from standards.security import SecurityLevel

GUARDED = (IdentifierKind.DIRECT, IdentifierKind.SENSITIVE)
"""Elements of these kinds are kept from partners and strangers already."""


def shows_nothing(element: DataElement) -> bool:
    """Tell whether no value of the element's fields is kept beside their rows or shown, as a figure would.

    Those are elements of persons and secrets, and free text: in a remark anything may stand.
    """
    return element.identifier_kind in GUARDED or representation(element) == "text"


def beside(sensed: Sensed, draft: DatasetDraft, library: Library) -> SensedField:
    """Return what was sensed with what the document says of the field."""
    bound = next((field.element for field in draft.fields if field.name == sensed.field), None)
    element = None if bound is None else library.element(bound)
    shortcoming, mend = _judged(sensed, element, draft.security_level)
    return SensedField(
        sensed=sensed,
        element=bound,
        level=sensed.kind.level,
        suggested_element=sensed.kind.element,
        shortcoming=shortcoming,
        mend=mend,
    )


def _judged(
    sensed: Sensed, element: DataElement | None, dataset_level: SecurityLevel
) -> tuple[str | None, str | None]:
    if element is None:  # taken out of the document since: nobody reads it any more
        return None, None
    level, suggested = sensed.kind.level, sensed.kind.element
    elsewhere = (
        f"bind it to {suggested} (or to another element that says so), or leave the column out"
        if suggested
        else f"bind it to an element of your own of level {level} that names one person, or leave the column "
        "out"
    )
    if element.identifier_kind not in GUARDED:
        says = {
            IdentifierKind.NONE: "identifies nobody",
            IdentifierKind.QUASI: "only narrows the choice (quasi)",
        }[element.identifier_kind]
        return f"its element {element.id} says it {says}", elsewhere
    if element.security_level < level:
        return f"its element {element.id} is of level {element.security_level}, below {level}", elsewhere
    if dataset_level < level:
        return (
            f"the dataset's level is {dataset_level}, below {level}",
            f"set security_level: {level} in its document, or leave the column out",
        )
    return None, None

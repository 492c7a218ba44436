"""How harmful a leak would be, and how small a group a release may show."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum
from typing import Final

from standards.errors import InvalidInput


class NoSecurityLevel(InvalidInput):
    """The highest of no levels was asked for."""

    code = "no-security-level"


class SecurityLevel(Enum):
    """A grade of GB/T 43697-2024 数据分类分级规则; `CORE > IMPORTANT > GENERAL_4 > … > GENERAL_1`.

    Core and important data are named by the authorities, never by a utility on its own. The four grades
    of general data follow the reference grading of the same standard: a leak of grade 1 does no harm,
    grade 2 slight, grade 3 ordinary and grade 4 serious harm to persons or organisations. Cited from
    secondary sources.
    """

    GENERAL_1 = "general-1"
    GENERAL_2 = "general-2"
    GENERAL_3 = "general-3"
    GENERAL_4 = "general-4"
    IMPORTANT = "important"
    CORE = "core"

    @property
    def rank(self) -> int:
        """1 for the least harmful grade to 6 for core data."""
        return _RANKS[self]

    @property
    def title_zh(self) -> str:
        return _TITLES[self][0]

    @property
    def title_en(self) -> str:
        return _TITLES[self][1]

    def __lt__(self, other: SecurityLevel) -> bool:
        return self.rank < other.rank

    def __le__(self, other: SecurityLevel) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: SecurityLevel) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: SecurityLevel) -> bool:
        return self.rank >= other.rank

    def __str__(self) -> str:
        return str(self.value)


_RANKS: Final = {level: rank for rank, level in enumerate(SecurityLevel, start=1)}

_TITLES: Final = {
    SecurityLevel.GENERAL_1: ("一般数据1级", "general data, grade 1"),
    SecurityLevel.GENERAL_2: ("一般数据2级", "general data, grade 2"),
    SecurityLevel.GENERAL_3: ("一般数据3级", "general data, grade 3"),
    SecurityLevel.GENERAL_4: ("一般数据4级", "general data, grade 4"),
    SecurityLevel.IMPORTANT: ("重要数据", "important data"),
    SecurityLevel.CORE: ("核心数据", "core data"),
}


def highest(levels: Iterable[SecurityLevel]) -> SecurityLevel:
    """Return the level that a whole takes from its parts: the highest wins.

    Raises NoSecurityLevel when there are no parts. Source: GB/T 43697-2024, 就高从严.
    """
    level = max(levels, default=None)
    if level is None:
        raise NoSecurityLevel("no security level was given", hint="give the level of at least one part")
    return level


class ReleaseModel(StrEnum):
    """Who can reach a release: everyone, named partners under terms, or only people inside a closed room.

    Each model sets the least size of a class of rows that share their quasi-identifiers. Source: GB/T
    42460-2023 annex D, re-identification risk at most 1/20, 1/5 and 1/3. The figures come from secondary
    sources, not from the text of the standard.
    """

    PUBLIC = "public"
    CONTROLLED = "controlled"
    ENCLAVE = "enclave"

    @property
    def k(self) -> int:
        """The fewest rows that may share their quasi-identifiers."""
        return _SMALLEST_CLASS[self]

    @property
    def title_zh(self) -> str:
        return _MODEL_TITLES[self][0]

    @property
    def title_en(self) -> str:
        return _MODEL_TITLES[self][1]


_SMALLEST_CLASS: Final = {ReleaseModel.PUBLIC: 20, ReleaseModel.CONTROLLED: 5, ReleaseModel.ENCLAVE: 3}

_MODEL_TITLES: Final = {
    ReleaseModel.PUBLIC: ("完全公开共享", "full public release"),
    ReleaseModel.CONTROLLED: ("受控公开共享", "controlled release"),
    ReleaseModel.ENCLAVE: ("领地公开共享", "enclave"),
}

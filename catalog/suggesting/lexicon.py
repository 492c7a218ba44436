"""What data elements are called: their names, synonyms, everyday labels, and the glossary's words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from standards.data_elements import DataElement
from standards.skos import Concept

_FILE: Final = Path(__file__).with_name("labels.yaml")
_UNIT: Final = re.compile(r"[((\[【][^))\]】]*[))\]】]|(?<=[一-鿿])[0-9]+$")
_UNIT_TAIL: Final = {"m3", "mm", "yuan", "pct", "l", "per", "s", "h"}


@dataclass(frozen=True)
class Label:
    """A name of a data element, normalised: ideographs in `zh`, or words in `en`; and how much it weighs."""

    element: str
    said: str
    weight: float
    zh: str = ""
    en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """Words that mean the same: each of them to the one that is kept."""

    zh: Mapping[str, str] = field(default_factory=dict)
    en: Mapping[str, str] = field(default_factory=dict)

    def of(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return a header's ideographs and its words, each put in the form that is kept."""
        plain = _UNIT.sub("", unicodedata.normalize("NFKC", text).strip())
        zh = "".join(re.findall(r"[一-鿿]+", plain))
        return self._longest_first.sub(lambda found: self.zh[found[0]], zh), self._words(plain)

    @cached_property
    def _longest_first(self) -> re.Pattern[str]:
        return re.compile("|".join(sorted(self.zh, key=len, reverse=True)))

    @cached_property
    def _phrases(self) -> tuple[str, ...]:
        return tuple(word for word in self.en if " " in word)

    def _words(self, plain: str) -> tuple[str, ...]:
        split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
        found = re.findall(r"[a-z]+[0-9]?", split.lower())
        joined = f" {' '.join(found)} "
        for phrase in self._phrases:
            joined = joined.replace(f" {phrase} ", f" {self.en[phrase]} ")
        kept = dict.fromkeys(self.en.get(word, word) for word in joined.split())
        return tuple(word for word in kept if word not in _UNIT_TAIL) or tuple(kept)


def words() -> Words:
    """Return the words that mean the same in headers."""
    same: dict[str, list[list[str]]] = _read("same")
    return Words(*({each: group[0] for group in same[tongue] for each in group} for tongue in ("zh", "en")))


def labels(elements: Iterable[DataElement], concepts: Iterable[Concept], same: Words) -> tuple[Label, ...]:
    """Return every name of every element. A concept of many elements says little of each."""
    known = {element.id: element for element in elements}
    everyday: dict[str, list[str]] = _read("labels")
    said: list[tuple[str, str, float]] = []
    for element in known.values():
        names = (element.name_zh, element.name_en, *element.synonyms, element.id.replace(".", "_"))
        said += ((element.id, name, 1.0) for name in names)
    said += ((id_, name, 1.0) for id_, names in everyday.items() if id_ in known for name in names)
    for concept in concepts:
        linked = [id_ for id_ in concept.elements if id_ in known]
        weight = 0.9 if len(linked) == 1 else 0.5
        names = (concept.pref_zh, concept.pref_en, *concept.alt_zh, *concept.alt_en)
        said += ((id_, name, weight) for id_ in linked for name in names if name)
    made = []
    for id_, name, weight in said:
        zh, en = same.of(name)
        made.append(Label(id_, name, weight, zh=zh, en=() if zh else en))
    return tuple(made)


def _read(part: str) -> Any:
    return _file()[part]


@cache
def _file() -> Any:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))

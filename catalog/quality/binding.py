"""Which rules of the library speak of a dataset, and over which of its fields.

A rule names data elements; a dataset binds fields to data elements. An element that the dataset does not have
is looked for in another one that a row refers to: by a field whose element refers to the other's key, or by
having the other's key itself; a row may refer to a row that refers on. What can't be found leaves the rule
out, with the reason, so that coverage can be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from catalog.engine import quoted
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import Beside
from standards.checks.kinds import Setting
from standards.conditions import parse
from standards.errors import NotFound
from standards.library import Library
from standards.rules import Rule

_FURTHEST = 3
"""How many references one after another are followed: reading → account card → customer → district."""


@dataclass(frozen=True)
class Shape:
    """What binding asks of a dataset: its fields by data element, and its key. `view` is how SQL reads it."""

    name: str
    fields: Mapping[str, str]
    key: tuple[str, ...] = ()
    view: str = ""

    @property
    def key_elements(self) -> tuple[str, ...]:
        """The data elements of the key."""
        by_field = {name: element for element, name in self.fields.items()}
        return tuple(by_field[name] for name in self.key)


@dataclass(frozen=True)
class Unbound:
    """A rule that can't be run on a dataset, and why, in words."""

    rule: Rule
    reason: str


@dataclass
class Binding:
    """The rules that speak of one dataset. `beside` are the other datasets that they look at."""

    rules: list[BoundRule] = field(default_factory=list)
    left_out: list[Unbound] = field(default_factory=list)
    beside: dict[str, Beside] = field(default_factory=dict)


def bind(dataset: Shape, others: Sequence[Shape], rules: Sequence[Rule], library: Library) -> Binding:
    """Return the rules that speak of the dataset, each bound to fields or left out with a reason.

    They are those whose first element is in it, and those of datasets as a whole. `others` are the datasets
    in use beside it.
    """
    binding = Binding()
    binder = _Binder(dataset, others, library, binding.beside)
    for rule in rules:
        if rule.scope and rule.scope[0] not in dataset.fields:
            continue
        try:
            binding.rules.append(binder.bound(rule))
        except _NotFound as error:
            binding.left_out.append(Unbound(rule, str(error)))
    return binding


def nearest(
    dataset: Shape, others: Sequence[Shape], elements: Sequence[str], library: Library
) -> tuple[Column | None, dict[str, Beside]]:
    """Return the field of the first element that the dataset has or its rows lead to, and by what."""
    binder = _Binder(dataset, others, library, {})
    for element in elements:
        with suppress(_NotFound):
            return binder.column(element), binder.beside
    return None, {}


def pinned(settings: Mapping[str, Setting], library: Library) -> dict[str, Setting]:
    """Return the settings with the code list and the coding rule they name at the version now in force.

    One that is not there stays as it is: running the rule says so.
    """
    found = dict(settings)
    for name in ("list", "rule"):
        if "@" not in str(found.get(name, "@")):
            with suppress(NotFound):
                found[name] = library.get(str(found[name])).citation
    return found


class _NotFound(Exception):
    """Why an element can't be reached."""


@dataclass
class _Binder:
    dataset: Shape
    others: Sequence[Shape]
    library: Library
    beside: dict[str, Beside]
    _steps: dict[str, list[tuple[Shape, tuple[tuple[str, Column], ...]]]] = field(default_factory=dict)

    def bound(self, rule: Rule) -> BoundRule:
        kind = rule.check_kind
        fields: dict[str, tuple[Column, ...]] = {}
        elsewhere: Shape | None = None
        for role in kind.roles:
            elements = kind.assigned(rule.scope).get(role.name, ())
            if not elements:
                continue
            if role.elsewhere:
                elsewhere = elsewhere or self._holder(elements, rule)
                fields[role.name] = tuple(self._column(element, elsewhere) for element in elements)
            else:
                fields[role.name] = tuple(self.column(element) for element in elements)
        where = tuple((each, self.column(each.field)) for each in parse(rule.where)) if rule.where else ()
        return BoundRule(
            id=rule.id, check=rule.check, fields=fields, indicator=rule.indicator,
            settings=pinned(kind.settings(rule.parameters), self.library), where=where,
            null_means=rule.null_means, severity=rule.severity, line=rule.line_of_defence,
            title_zh=rule.name_zh, title_en=rule.name_en, standard=rule.reference(),
            definition=rule.definition, owner=rule.owner,
        )  # fmt: skip

    def column(self, element: str) -> Column:
        """Return the element's field in the dataset, or in one that its rows refer to."""
        if element in self.dataset.fields:
            return self._column(element, None)
        reached: dict[str, Shape] = {}
        frontier: list[Shape] = [self.dataset]
        for _ in range(_FURTHEST):
            frontier = [found for shape in frontier for found in self._referred(shape, reached)]
            holders = [shape for shape in frontier if element in shape.fields]
            if len(holders) > 1:
                named = " and ".join(sorted(shape.name for shape in holders))
                raise _NotFound(f"{element} is in several datasets that a row refers to: {named}")
            if holders:
                return self._column(element, holders[0])
        raise _NotFound(f"no dataset that a row of {self.dataset.name} refers to has {element}")

    def _referred(self, shape: Shape, reached: dict[str, Shape]) -> Iterator[Shape]:
        """Yield the datasets one step on, noting how their rows are found."""
        if shape.name not in self._steps:
            self._steps[shape.name] = list(self._one_step_on(shape))
        for other, pairs in self._steps[shape.name]:
            if other.name not in reached:
                reached[other.name] = other
                known = self.beside.get(other.name)
                if known is None or not known.on:  # a rule that looks at the whole of it knows no pairs
                    self.beside[other.name] = Beside(other.view or quoted(other.name), pairs)
                yield other

    def _one_step_on(self, shape: Shape) -> Iterator[tuple[Shape, tuple[tuple[str, Column], ...]]]:
        refer_to: dict[str, list[str]] = defaultdict(list)
        for element in shape.fields:
            if target := self.library.element(element).refers_to:
                refer_to[target].append(element)
        for other in self._keyed:
            if (pairs := self._pairs(shape, other, refer_to)) is not None:
                yield other, pairs

    @cached_property
    def _keyed(self) -> list[Shape]:
        return [other for other in self.others if other.name != self.dataset.name and other.key]

    def _pairs(
        self, shape: Shape, other: Shape, refer_to: Mapping[str, list[str]]
    ) -> tuple[tuple[str, Column], ...] | None:
        """Return by which of the shape's fields the other's key is found, or None."""
        pairs = []
        for key, element in zip(other.key, other.key_elements, strict=True):
            mine = [element] if element in shape.fields else refer_to.get(element, [])
            if len(mine) != 1:
                return None
            at = None if shape.name == self.dataset.name else shape
            pairs.append((key, self._column(mine[0], at)))
        return tuple(pairs)

    def _holder(self, elements: tuple[str, ...], rule: Rule) -> Shape:
        """Return the other dataset whose fields a rule compares with: the one that has these elements."""
        kind = rule.check_kind
        given = kind.assigned(rule.scope)
        wanted = {e for role in kind.roles if role.elsewhere for e in given.get(role.name, ())}
        holders = [s for s in self.others if s.name != self.dataset.name and wanted <= set(s.fields)]
        if keyed := [s for s in holders if set(s.key_elements) <= wanted]:
            holders = keyed
        if not holders and wanted <= set(self.dataset.fields):
            return self.dataset
        if len(holders) != 1:
            names = ", ".join(sorted(elements))
            which = " and ".join(sorted(s.name for s in holders)) or "none"
            raise _NotFound(f"one other dataset with {names} is needed; there is {which}")
        (other,) = holders
        self.beside.setdefault(other.name, Beside(other.view or quoted(other.name), ()))
        return other

    def _column(self, element: str, shape: Shape | None) -> Column:
        holder = shape or self.dataset
        is_own = holder.name == self.dataset.name
        return Column(holder.fields[element], self.library.element(element), None if is_own else holder.name)

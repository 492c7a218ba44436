"""A defect: which rule it breaks, whom it can befall, and the function that plants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from products.samples.city.chance import Whole
from products.samples.city.draft import Draft
from products.samples.city.traits import Trait

Plant = Callable[[Draft, Whole], None]
"""Plants a defect at these customers of a block, or, in a small register, so many times."""


@dataclass(frozen=True)
class Defect:
    """How a rule is broken. `size` customers make one defect."""

    rule: str
    needs: Trait
    plant: Plant
    size: int = 1


class Defects:
    """The defects of one kind of table, as its module writes them down."""

    def __init__(self) -> None:
        self.known: list[Defect] = []

    def by(self, rule: str, needs: Trait = Trait.NONE, size: int = 1) -> Callable[[Plant], Plant]:
        """Register a function that plants by hand."""

        def register(plant: Plant) -> Plant:
            self.known.append(Defect(rule, needs, plant, size))
            return plant

        return register

    def cells(
        self, rule: str, dataset: str, needs: Trait, how: str, *, also: Iterable[str] = (), **columns: Any
    ) -> None:
        """Register a defect that sets cells of the customer's row; a function is asked for its values."""
        rules: Final = (rule, *also)

        def plant(draft: Draft, owners: Whole) -> None:
            rows = draft.rows(dataset, owners)
            values = {n: value(draft, rows) if callable(value) else value for n, value in columns.items()}
            draft.change(dataset, rows, **values)
            draft.fails(dataset, rows, rules, how)

        self.known.append(Defect(rule, needs, plant))

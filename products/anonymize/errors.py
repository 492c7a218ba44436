"""What can go wrong on the way from a table to its anonymized form, one class for one fact."""

from __future__ import annotations

from standards.errors import Conflict, InvalidInput


class MalformedPolicy(InvalidInput):
    """A privacy policy, or a hierarchy in it, contradicts itself; `faults` names the places."""

    code = "malformed-privacy-policy"


class PolicyDoesNotFit(InvalidInput):
    """A privacy policy can't govern this table: its actions and the fields' kinds disagree."""

    code = "privacy-policy-does-not-fit"


class UnfitField(InvalidInput):
    """A field's type can't be grouped or pseudonymized, or two fields share one name."""

    code = "unfit-field"


class TwoParents(InvalidInput):
    """A hierarchy puts one value under two labels of the next level, so going up would be a guess."""

    code = "two-parents"


class ValueNotCovered(InvalidInput):
    """The data holds values that the declared hierarchy says nothing about."""

    code = "value-not-covered"


class LatticeTooLarge(InvalidInput):
    """The hierarchies together offer more combinations of levels than the search will look at."""

    code = "lattice-too-large"


class UnusableKey(InvalidInput):
    """Pseudonyms were asked for, and the key is missing or too short. The message never shows the key."""

    code = "unusable-key"


class UncheckableTable(InvalidInput):
    """The table lacks what the re-check needs: a quasi-identifier, or a count it can add up."""

    code = "uncheckable-table"


class PrivacyRefused(Conflict):
    """Rows would stand in a class smaller than k: this must not be released.

    `k` is what was demanded, `smallest_class` the smallest number of rows that share their
    quasi-identifiers (at the most general levels allowed, when a search came to this), `rows_below_k` how
    many rows stand in classes below k there, `rows` how many there are in all.
    """

    code = "privacy-refused"

    def __init__(
        self, message: str, *, k: int, smallest_class: int, rows_below_k: int, rows: int, hint: str
    ) -> None:
        super().__init__(message, hint=hint)
        self.k = k
        self.smallest_class = smallest_class
        self.rows_below_k = rows_below_k
        self.rows = rows

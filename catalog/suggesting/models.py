"""What is suggested for the columns of a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from standards.errors import InvalidInput


class NothingToSuggest(InvalidInput):
    """A file of which nothing can be said."""

    code = "nothing-to-suggest"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Suggestion(_Frozen):
    """A data element that a column may mean: how sure, 0 to 1, and why."""

    element: str
    score: float
    reason: str


class ColumnSuggestion(_Frozen):
    """What a column may mean, likeliest first; empty if nothing is likely enough.

    `field` is the name that the field is to have, `time_zone` what local times need to be instants.
    """

    column: str
    field: str
    values: int
    distinct: int
    suggestions: tuple[Suggestion, ...]
    time_zone: str | None = None

    @property
    def best(self) -> Suggestion | None:
        """The likeliest element."""
        return self.suggestions[0] if self.suggestions else None


class FileSuggestion(_Frozen):
    """What the columns of a file may mean, in the file's order."""

    file: str
    rows_looked_at: int
    columns: tuple[ColumnSuggestion, ...]

"""A benchmark that stops at its first step measures nothing: what it registers is what the catalog takes."""

from benchmarks.search import drafts
from catalog.datasets.fitting import require_all_standards
from standards.library import Library


def test_the_made_up_datasets_fit_the_standards() -> None:
    require_all_standards(list(drafts(0, 200)), Library.load())

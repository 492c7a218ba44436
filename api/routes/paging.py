"""Long lists in pages: the body stays a plain array, and the header says where it goes on.

`limit` is how many at most, `after` the key of the last one that was read: its name, number or path. If there
is more, the answer has `Link: <?…>; rel="next"`, relative to the address that was asked: it must lead back
where the reader came from, and not to whatever Host a request named.

Source: RFC 8288 §3.1, RFC 3986 §5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response

MOST = 10_000
DEFAULT = 1_000
_LARGEST = 2**53
_Key = TypeVar("_Key", str, int)
_Thing = TypeVar("_Thing")

_Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many. If there are more, see Link.")]


@dataclass(frozen=True)
class Page(Generic[_Key]):
    """Which part of a list is asked for."""

    request: Request
    response: Response
    limit: int
    after: _Key | None

    @property
    def one_more(self) -> int:
        """How many to look up, to know whether there are more than the limit."""
        return self.limit + 1

    def of(self, found: Sequence[_Thing], key: Callable[[_Thing], _Key]) -> list[_Thing]:
        """Return what is shown of what was looked up; if that was more, say where the rest is."""
        shown = list(found[: self.limit])
        if len(found) > self.limit:
            self.response.headers.update(link(self.request, limit=self.limit, after=key(shown[-1])))
        return shown

    def within(self, everything: Sequence[_Thing], key: Callable[[_Thing], _Key]) -> list[_Thing]:
        """Return the part of a list that is all there, in the order of its keys."""
        after = self.after
        return self.of([each for each in everything if after is None or key(each) > after], key)


def link(request: Request, **asked: object) -> dict[str, str]:
    """Return the header that says where a list goes on: the same question with other parameters."""
    return {"Link": f'<?{request.url.include_query_params(**asked).query}>; rel="next"'}


def _by_name(
    request: Request,
    response: Response,
    limit: _Limit = DEFAULT,
    after: Annotated[str | None, Query(max_length=4000, description="Begin after this one.")] = None,
) -> Page[str]:
    return Page(request, response, limit, after)


def _by_number(
    request: Request,
    response: Response,
    limit: _Limit = DEFAULT,
    after: Annotated[int | None, Query(ge=0, le=_LARGEST, description="Begin after this one.")] = None,
) -> Page[int]:
    return Page(request, response, limit, after)


ByName = Annotated[Page[str], Depends(_by_name)]
ByNumber = Annotated[Page[int], Depends(_by_number)]

"""A property that is built when it is first asked for, and once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, Self, TypeVar, overload

_Built = TypeVar("_Built")


class once(cached_property[_Built], Generic[_Built]):  # noqa: N801 - a decorator
    """A cached property that two threads of the server don't build twice."""

    def __init__(self, build: Callable[[Any], _Built]) -> None:
        super().__init__(build)
        self._lock = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _Built: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | _Built:
        with self._lock:
            return super().__get__(instance, owner)

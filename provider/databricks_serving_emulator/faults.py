"""Planned failures: an answer that never comes, or one that says no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Literal, get_args

from .errors import ApiError
from .wire import Response

Moment = Literal["before", "after"]


@dataclass(frozen=True)
class Fault:
    """What happens to the next requests that match.

    method: an HTTP method, or `*`
    path: a path under /api without its query; `*` stands for one segment or a part of it, `**` for
        any number of segments
    times: how many requests it hits; None: all
    skip: how many matching requests it lets pass first
    when: `before` the request has its effect (it then has none), or `after`
    status, error_code, message, headers: the answer instead
    drop: no answer at all, the connection is lost
    """

    method: str = "*"
    path: str = "/api/**"
    times: int | None = 1
    skip: int = 0
    when: Moment = "before"
    status: int = 503
    error_code: str = "TEMPORARILY_UNAVAILABLE"
    message: str = "The service is temporarily unavailable."
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if self.when not in get_args(Moment):
            raise ValueError(f"when must be 'before' or 'after', not {self.when!r}")
        if self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError("skip must be 0 or more, times 1 or more (or None: every time)")

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is about such a request."""
        if self.method not in {"*", method.upper()}:
            return False
        pattern = re.escape(self.path).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        return re.fullmatch(pattern, path) is not None

    def response(self) -> Response:
        """The answer that the client gets instead."""
        return ApiError(self.status, self.error_code, self.message, headers=self.headers).response()


@dataclass
class _Armed:
    fault: Fault
    skip: int
    times: int | None


class Faults:
    """The faults still to come, in the order in which they were added."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Plan one more."""
        with self._lock:
            self._armed.append(_Armed(fault, fault.skip, fault.times))

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._armed.clear()

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any: the first that matches and is not used up."""
        with self._lock:
            for armed in self._armed:
                if not armed.fault.matches(method, path):
                    continue
                if armed.skip:
                    armed.skip -= 1
                    continue
                if armed.times is not None:
                    armed.times -= 1
                    if not armed.times:
                        self._armed.remove(armed)
                return armed.fault
            return None

"""One entry of the catalogue of errors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What a message means, and what to do about it; `id` stands in brackets behind the message.

    `sample`: such a message, without its id. `page`: of the documentation, from its root.
    """

    id: str
    happened: str
    remedy: str
    sample: str = ""
    page: str = ""

"""What `check` has parsed, kept for the `diff` of the same inputs: the engine asks for both.

A cache and nothing more: whoever finds nothing parses, and what is found is what parsing gives.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from databricks_serving.state.bag import text

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.endpoint import EndpointInputs
    from databricks_serving_schema import Allowances

#: As many resources as the provider answers for at once; one that is created is asked for no diff.
_MOST = 256


class Parsed:
    """Inputs by the endpoint's name, each given out once; safe to use from many threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Bag, Allowances, EndpointInputs]] = {}
        self._lock = threading.Lock()

    def keep(self, normal: Bag, allowances: Allowances, inputs: EndpointInputs) -> None:
        """Keep what inputs in normal form are parsed to."""
        name = text(normal, "name")
        if name is None:
            return
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = dict(normal), allowances, inputs
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def take(self, said: Bag, allowances: Allowances) -> EndpointInputs | None:
        """What was kept of these very inputs; None where nothing was."""
        with self._lock:
            kept = self._kept.pop(text(said, "name") or "", None)
        return kept[2] if kept is not None and kept[:2] == (said, allowances) else None

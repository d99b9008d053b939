"""The least that asking for many endpoints can take, and what a loop with databricks-sdk takes.

A process of its own: `python -m bench.floor httpx|sdk URL ENDPOINTS WORKERS` prints the seconds
from the first request to the last answer, its imports not among them.
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .recording import ENDPOINTS, TOKEN, named

if TYPE_CHECKING:
    from collections.abc import Callable


def bare(url: str, endpoints: int, workers: int) -> float:
    """Seconds for one GET each by bare httpx, one client per worker."""
    import httpx  # noqa: PLC0415 - not for the loop with the official client

    own = threading.local()
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def ask(number: int) -> None:
        client = getattr(own, "client", None)
        if client is None:
            client = own.client = httpx.Client(base_url=url, headers=headers, timeout=60)
        client.get(f"{ENDPOINTS}/{named(number)}").raise_for_status().json()

    return _timed(lambda: _all(ask, endpoints, workers))


def official(url: str, endpoints: int) -> float:
    """Seconds for one `serving_endpoints.get` each, one after the other, by databricks-sdk."""
    from databricks.sdk import WorkspaceClient  # noqa: PLC0415 - not for the bare loop

    client = WorkspaceClient(host=url, token=TOKEN)

    def loop() -> None:
        for number in range(endpoints):
            client.serving_endpoints.get(named(number))

    return _timed(loop)


def _all(ask: Callable[[int], None], endpoints: int, workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(ask, range(endpoints)):
            pass


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    kind, address, many, threads = sys.argv[1:5]
    taken = (
        official(address, int(many)) if kind == "sdk" else bare(address, int(many), int(threads))
    )
    print(taken)

"""How long a command lives: it does one thing, keeps what it makes, and ends."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from typing import NoReturn

#: Of objects that hold others, more made than freed: some 100 MB of them.
_SELDOM = 1_000_000


class Lifetime:
    """Of this process; made before anything else is imported.

    Python's collector of cycles is to look seldom: a run makes hardly a cycle, and the collector
    went through all that it keeps, which was a tenth of the time over 1,000 endpoints.
    """

    def __init__(self) -> None:
        gc.set_threshold(_SELDOM, 50, 1_000)
        self._code: int | None = None
        # What is registered first is called last: after all that others have to do at the end.
        atexit.register(self._ended)

    def end(self, code: int) -> NoReturn:
        """End with this code, and leave what is held to the system, which takes all of it at once.

        To take it apart object by object took 40 ms over 1,000 endpoints.
        """
        self._code = code
        sys.exit(code)

    def _ended(self) -> None:
        if self._code is None:
            return
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # `app.run` has told what is not written
                stream.flush()
        os._exit(self._code)

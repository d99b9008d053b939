"""The end of a process that was started for one command."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import NoReturn


class Lifetime:
    """Of this process; made before anything else is imported.

    Python takes itself apart at the end, module by module: 40 ms after a `dbserving drift`, of
    which nobody has anything. So the process ends once all that others have registered is done.
    """

    def __init__(self) -> None:
        self._code: int | None = None
        # What is registered first is called last. Where others were before (coverage, tracers, by
        # `sitecustomize`), or it cannot be told, the process ends as any other.
        if not getattr(atexit, "_ncallbacks", lambda: 1)():
            atexit.register(self._ended)

    def end(self, code: int) -> NoReturn:
        """End with this code."""
        self._code = code
        sys.exit(code)

    def _ended(self) -> None:
        if self._code is None:
            return
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # `app.run` has told what is not written
                stream.flush()
        os._exit(self._code)

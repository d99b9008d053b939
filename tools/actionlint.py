"""Obtain actionlint, which checks GitHub's workflows: a Go module, compiled and kept.

Standard library only, like tools/engine.py. It is kept beside the engine, in
`$XDG_CACHE_HOME/databricks-serving/actionlint-<version>` (`~/.cache` by default).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine_build import go_env
from engine_surroundings import NotThisWayError, Surroundings, run

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
VERSION = "1.7.12"


class NoGoError(NotThisWayError):
    """There is no Go to compile it with."""


def obtain(here: Surroundings) -> Path:
    """Return where actionlint is; compiled the first time, which takes about half a minute.

    Raises `NoGoError`, or `NotThisWayError` with the end of what the compiler said.
    """
    shelf = here.cache.parent
    kept = shelf / f"actionlint-{VERSION}" / "actionlint"
    if os.access(kept, os.X_OK):
        return kept
    go = shutil.which("go", path=here.env.get("PATH", ""))
    if go is None:
        raise NoGoError("no go on PATH, and actionlint is a Go module: https://go.dev/dl/")
    shelf.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{kept.parent.name}.part-", dir=shelf, ignore_cleanup_errors=True
    ) as part:
        env = {**go_env(here.env), "GOBIN": part, "GOTMPDIR": part}
        command = [go, "install", f"{MODULE}@v{VERSION}"]
        run(here, "compiling actionlint", command, env, Path(part))
        kept.parent.mkdir(exist_ok=True)
        # In one move: another run may be making the same, or using it already.
        (Path(part) / kept.name).replace(kept)
    return kept


def main(env: Mapping[str, str]) -> int:
    """Print where actionlint is; progress goes to the standard error."""
    try:
        print(obtain(Surroundings(env, partial(print, file=sys.stderr, flush=True))))
    except (NotThisWayError, OSError) as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))

"""Record on the real engine what the mini engine of the tests is measured by.

`make recordings` does it for all; names of recordings as arguments for some. Takes about 3 minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from offline import engine_directory
from support.recorder import recorder
from support.recordings import RECORDED, RECORDINGS, written


def main(names: list[str]) -> None:
    """Record the named ones, or all of them."""
    RECORDINGS.mkdir(exist_ok=True)
    engine = engine_directory()
    for name in names or RECORDED:
        with tempfile.TemporaryDirectory() as kept, recorder(engine, Path(kept)) as made:
            recorded = made.record(RECORDED[name])
        (RECORDINGS / f"{name}.json").write_text(written(recorded))
        print(f"{name}: {sum(len(step['calls']) for step in recorded)} calls", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

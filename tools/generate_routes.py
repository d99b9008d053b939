"""Write docs/emulator-routes.md: what the tests of the emulator make of each of its routes.

The counts come from the calls that the tests make in process. `--check` writes nothing: it says
which routes lack something, and whether the table lacks a route. Counts that have merely grown are
no reason to write it again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path("docs", "emulator-routes.md")
TESTS = "tests/unit/emulator"

HEAD = """\
<!-- Written by `make routes` from the calls of tests/unit/emulator. -->

# The emulator's routes and their tests

How many of the emulator's own tests call a route, in how many it answers, refuses, and answers
according to what was done before. The last is so where one test gets different answers to the same
request, or sees by the same reading before and after that a write took effect. Planned failures do
not count, nor does what happens while the workspace behaves in an unusual way.

Each test goes through both doors, in process and over HTTP, and is counted once. Tests with real
clients (tests/clients) come on top.
"""

NO_REFUSAL = "a document for everybody, of which nothing is asked"
NO_STATE = "it says where the workspace is and who it is, not what is in it"

NO_WAREHOUSE = "there is one for every id, whatever was done"

#: What a test of a route could not show, by route and column, and why.
IMPOSSIBLE = {
    ("GET /.well-known/databricks-config", "refused"): NO_REFUSAL,
    ("GET /.well-known/databricks-config", "depends on state"): NO_STATE,
    ("GET /oidc/.well-known/oauth-authorization-server", "refused"): NO_REFUSAL,
    ("GET /oidc/.well-known/oauth-authorization-server", "depends on state"): NO_STATE,
    ("GET /api/2.0/sql/warehouses", "depends on state"): NO_WAREHOUSE,
    ("GET /api/2.0/sql/warehouses/{warehouse_id}", "depends on state"): NO_WAREHOUSE,
}

#: For each route, `METHOD path`, the number of tests by column; in the order of the routes.
Counts: TypeAlias = "Mapping[str, Mapping[str, int]]"


def counted(root: Path = ROOT, tests: str = TESTS) -> Counts:
    """The counts of the tests as they are; RuntimeError when they do not pass."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "counts.json")
        plugin = ["-p", "support.route_calls", "--route-calls", str(file)]
        usual = ["-p", "no:cacheprovider", "-q", "-m", "not over_http"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, *usual, tests],
            cwd=root,
            env=_environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the tests do not pass:\n{done.stdout[-4000:]}{done.stderr}")
        return cast("Counts", json.loads(file.read_text(encoding="utf-8")))


def _environment() -> dict[str, str]:
    # This may be called by a test, and those of pytest's variables are about that one.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": "tests"}


def text(counts: Counts) -> str:
    """The file."""
    names = list(next(iter(counts.values())))
    rows = [["route", *names], ["---", *("---:" for _ in names)]]
    rows += [
        [f"`{route}`", *(IMPOSSIBLE.get((route, name), str(count[name])) for name in names)]
        for route, count in counts.items()
    ]
    return HEAD + "\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shortcomings(counts: Counts, written: str) -> list[str]:
    """What is missing in the tests, then in the table as it is written."""
    untested = [
        f"{route}: no test of {name!r}"
        for route, count in counts.items()
        for name, number in count.items()
        if not number and (route, name) not in IMPOSSIBLE
    ]
    untested += [
        f"{route}: a test of {name!r}, which is said to be impossible: {why}"
        for (route, name), why in IMPOSSIBLE.items()
        if counts.get(route, {}).get(name)
    ]
    rows = re.findall(r"^\| `(.*?)` \|(.*)\|$", written, re.MULTILINE)
    stale = [route for route, _ in rows] != list(counts)
    stale |= any(number.strip() == "0" for _, cells in rows for number in cells.split("|"))
    return [*untested, *([f"{TABLE} is not of these routes; run `make routes`"] if stale else [])]


def main(arguments: list[str]) -> int:
    """Write the table; with `--check`, only say what is missing, and answer 1."""
    counts = counted()
    if arguments != ["--check"]:
        (ROOT / TABLE).write_text(text(counts), encoding="utf-8")
    found = shortcomings(counts, (ROOT / TABLE).read_text(encoding="utf-8"))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

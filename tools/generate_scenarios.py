"""Write docs/scenarios.md: what users suffer from elsewhere, the tests of it, and their writes.

`--check` writes nothing: it says which scenario has neither a test nor a reason, which test belongs
to none, and whether the table lacks one.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path("docs", "scenarios.md")
TESTS = Path("tests", "scenarios")
sys.path.insert(0, str(ROOT / "tests"))

from scenarios.catalogue import GROUPS, SCENARIOS, Scenario  # noqa: E402 - its folder is no package

HEAD = """\
<!-- Written by `make scenarios` from the tests of tests/scenarios. -->

# Scenarios and their tests

What users of serving infrastructure as code suffer from with other tools, each with the tests that
hold it off here. They run over gRPC against the emulator, as the engine runs a provider, or, where
hours have to pass, with the provider's verbs and a clock that stands still. *Writes* are the calls
that change the workspace, of the whole test: its set-up, what is tried, and what comes after.
"""
_COLUMNS = "| id | scenario | tests | writes |\n| --- | --- | --- | --- |\n"
_NAME = re.compile(r"test_([a-z]{2})_(\d\d)_\w+")


def tests_by_scenario(folder: Path) -> dict[str, list[str]]:
    """The names of the tests of a folder, by the scenario's id that they begin with."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = _NAME.fullmatch(node.name)
                id_ = f"{named[1].upper()}-{named[2]}" if named else ""
                found.setdefault(id_, []).append(node.name)
    return found


def shortcomings(
    scenarios: Mapping[str, Scenario], tests: Mapping[str, list[str]], written: str
) -> list[str]:
    """What is missing in the tests, then in the table as it is written."""
    found = [
        f"{id_}: neither a test nor a reason why not"
        for id_, scenario in scenarios.items()
        if not scenario.why_not and id_ not in tests
    ]
    for id_, names in tests.items():
        found += [f"{name}: no such scenario" for name in names if id_ not in scenarios]
        found += [
            f"{name}: not in {TABLE}, run `make scenarios`"
            for name in names
            if id_ in scenarios and f"`{name}`" not in written
        ]
    found += [
        f"{id_}: not in {TABLE}, run `make scenarios`"
        for id_ in scenarios
        if f"| {id_} |" not in written
    ]
    return found


def text(
    scenarios: Mapping[str, Scenario],
    tests: Mapping[str, list[str]],
    writes: Mapping[str, list[str]],
) -> str:
    """The file. `writes`: by the test's name, with its parameters."""
    parts = [HEAD]
    for prefix, group in GROUPS.items():
        parts.append(
            f"\n## {group}\n\n| id | scenario | tests | writes |\n| --- | --- | --- | --- |\n"
        )
        for id_, scenario in scenarios.items():
            if id_.startswith(f"{prefix}-"):
                parts.append(_row(id_, scenario, tests.get(id_, []), writes))
    return "".join(parts)


def _row(
    id_: str, scenario: Scenario, tests: Iterable[str], writes: Mapping[str, list[str]]
) -> str:
    names = [f"`{name}`" for name in tests]
    sent = [_sent(name, writes) for name in tests]
    if scenario.why_not:
        names.append(f"none: {scenario.why_not}" if not names else scenario.why_not)
        sent.append("")
    return f"| {id_} | {scenario.title} | {'<br>'.join(names)} | {'<br>'.join(sent)} |\n"


def _sent(name: str, writes: Mapping[str, list[str]]) -> str:
    calls = [call for test, made in writes.items() if test.split("[")[0] == name for call in made]
    counts = Counter(_kind(call) for call in calls)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"


def _kind(call: str) -> str:
    """`PUT serving-endpoints/chat/config` as `PUT config`: what is written, not whose."""
    method, path = call.split(" ", 1)
    steps = path.split("/")
    if steps[0] == "secrets":
        return f"{method} {'/'.join(steps[1:])}"
    if steps[0] == "permissions":
        return f"{method} permissions"
    if "pt" in steps[1:2]:
        return f"{method} pt" if len(steps) == 2 else f"{method} pt config"
    return f"{method} {steps[2] if len(steps) > 2 else 'endpoint'}"


def recorded(root: Path = ROOT) -> dict[str, list[str]]:
    """The writes of the tests as they are; RuntimeError when they do not pass."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "writes.json")
        plugin = ["-p", "support.scenario_writes", "--scenario-writes", str(file)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-q", str(TESTS)],
            cwd=root,
            env={**_environment(), "PYTHONPATH": "tests"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the tests do not pass:\n{done.stdout[-4000:]}{done.stderr}")
        writes: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
        return writes


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` say what is missing."""
    tests = tests_by_scenario(ROOT / TESTS)
    if "--check" in arguments:
        missing = shortcomings(SCENARIOS, tests, (ROOT / TABLE).read_text(encoding="utf-8"))
        print("\n".join(missing) or f"{TABLE} is complete")
        return 1 if missing else 0
    (ROOT / TABLE).write_text(text(SCENARIOS, tests, recorded()), encoding="utf-8")
    print(f"{TABLE}: {len(SCENARIOS)} scenarios, {sum(map(len, tests.values()))} tests")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

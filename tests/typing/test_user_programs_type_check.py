"""Programs as users write them, under `mypy --strict` and pyright: what is accepted, what is not.

A comment `# E: code` stands on a line that both refuse; the code is mypy's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path("tests/typing")
PROGRAMS = sorted(
    path.relative_to(ROOT)
    for folder in (ROOT / HERE / "accepted", ROOT / HERE / "refused", ROOT / "examples")
    for path in folder.rglob("*.py")
)

EXPECTED = re.compile(r"# E: ([\w-]+)$")
ERROR = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$")


def test_mypy_accepts_the_right_and_names_the_wrong_line_by_line(tmp_path):
    assert sorted(mypy(tmp_path, *PROGRAMS)) == sorted(expected())


def test_pyright_accepts_the_right_and_names_the_wrong_line_by_line(tmp_path):
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        json.dumps(
            {
                "include": [str(ROOT / path) for path in PROGRAMS],
                "extraPaths": [str(ROOT / path.parent) for path in PROGRAMS if is_imported(path)],
                "typeCheckingMode": "strict",
            }
        )
    )

    assert pyright(settings) == {(path, line) for path, line, _ in expected()}


def test_the_programs_that_are_refused_say_where():
    refused = [path for path in PROGRAMS if path.is_relative_to(HERE / "refused")]

    assert refused
    assert all("# E: " in (ROOT / path).read_text("utf-8") for path in refused)


def expected():
    """The errors that the programs' comments name, as (path, line, code)."""
    return [
        (path, number, match[1])
        for path in PROGRAMS
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), start=1)
        if (match := EXPECTED.search(line))
    ]


def pyright(settings):
    """The errors as (path, line)."""
    command = [
        *(sys.executable, "-m", "basedpyright", "--outputjson"),
        *("--project", settings, "--pythonpath", sys.executable),
    ]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert checked.returncode in (0, 1), checked.stdout + checked.stderr
    answer = json.loads(checked.stdout)
    assert answer["summary"]["filesAnalyzed"] == len(PROGRAMS)
    return {
        (Path(each["file"]).relative_to(ROOT), each["range"]["start"]["line"] + 1)
        for each in answer["generalDiagnostics"]
    }


def mypy(directory, *programs):
    """The errors as (path, line, code), without this project's own settings and plugins."""
    staged = {stage(directory, path): path for path in programs}
    command = [
        *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-pretty"),
        *("--explicit-package-bases", "--show-error-codes", "--no-error-summary"),
        *("--cache-dir", ROOT / ".mypy_cache/user_programs"),
        *map(str, staged),
    ]
    surroundings = {name: value for name, value in os.environ.items() if name != "MYPYPATH"}
    checked = subprocess.run(
        command,
        cwd=directory,
        env=surroundings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode in (0, 1), checked.stdout + checked.stderr
    found = [ERROR.match(line) for line in checked.stdout.splitlines() if ": error: " in line]
    assert all(found), checked.stdout
    return [(staged[Path(each["path"])], int(each["line"]), each["code"]) for each in found]


def stage(directory, path):
    """Link a program where mypy gives it a name of its own: a directory with a dash has none.

    What an example imports from beside it stands at the top, where its `import` finds it.
    """
    place = Path(path.name if is_imported(path) else path.as_posix().replace("-", "_"))
    (directory / place).parent.mkdir(parents=True, exist_ok=True)
    (directory / place).symlink_to(ROOT / path)
    return place


def is_imported(path):
    """Whether an example has it beside its program, to import it."""
    return path.is_relative_to("examples") and not path.name.startswith(("__main__", "test_"))

"""How a process ends: with its exit code, all that it said, and what others have to do."""

import os
import subprocess
import sys

import pytest

ENDED = """
import atexit, sys
from databricks_serving.cli.lifetime import Lifetime

class Held:
    def __del__(self):
        print("taken apart")

lifetime = Lifetime()
atexit.register(print, "others have ended")
held = Held()
{said}
"""


def ended(said, **options):
    return subprocess.run(
        [sys.executable, "-c", ENDED.format(said=said)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        **options,
    )


@pytest.mark.parametrize("code", [0, 2, 64])
def test_what_was_said_and_what_others_have_to_do_is_done_and_the_code_is_told(code):
    said = f"sys.stdout.write('a line\\n'); sys.stderr.write('another'); lifetime.end({code})"

    process = ended(said)

    assert (process.returncode, process.stdout, process.stderr) == (
        code,
        "a line\nothers have ended\n",
        "another",
    )


def test_nothing_is_taken_apart_but_where_an_error_ends_it():
    fine = ended("lifetime.end(0)")
    broken = ended("raise SystemExit('broken')")

    assert "taken apart" not in fine.stdout
    assert "taken apart" in broken.stdout
    assert (broken.returncode, broken.stderr) == (1, "broken\n")


def test_a_reader_that_went_away_changes_no_code():
    process = ended("sys.stdout.write('a line\\n'); sys.stdout.close(); lifetime.end(2)")

    assert process.returncode == 2


CALLED = """
import gc, sys
from databricks_serving.cli.main import main
before = gc.get_threshold()
sys.argv = ["dbserving", "--version"]
try:
    main()
except SystemExit as ended:
    print("went on after", ended.code, gc.get_threshold() == before)
sys.exit(5)
"""


def test_whoever_calls_it_from_python_goes_on_as_before():
    process = subprocess.run(
        [sys.executable, "-c", CALLED], capture_output=True, encoding="utf-8", check=False
    )

    assert process.returncode == 5
    assert process.stdout.splitlines()[1:] == ["went on after 0 True"]


def test_the_command_ends_its_process_at_once():
    called = (
        "import sys; from databricks_serving.cli.main import console\n"
        "Held = type('Held', (), {'__del__': lambda self: print('taken apart')}); held = Held()\n"
        "sys.argv = ['dbserving', '--version']; console()"
    )

    process = subprocess.run(
        [sys.executable, "-c", called], capture_output=True, encoding="utf-8", check=False
    )

    assert (process.returncode, process.stdout.count("\n")) == (0, 1)


def test_where_others_have_something_to_do_at_the_end_it_is_done(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import atexit; atexit.register(print, 'kept')")

    process = subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", "--version"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )

    assert process.returncode == 0
    assert process.stdout.splitlines()[1:] == ["kept"]

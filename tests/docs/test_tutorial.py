"""The tutorial, followed from an empty directory to its end on the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from offline import Pulumi, engine_directory

from support.read_along import changed, reader, unlike

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"


def environment(home: Path) -> dict[str, str]:
    """A terminal of somebody who has Pulumi and the package, and no account."""
    said = Pulumi(engine_directory(), home, home, host="", token="").environment()
    by_the_page = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "PULUMI_BACKEND_URL")
    return {name: value for name, value in said.items() if name not in by_the_page}


@pytest.mark.timeout(600)
def test_the_tutorial_does_and_prints_what_it_says(tmp_path):
    without_account, heading, with_one = PAGE.read_text("utf-8").partition("## 11. With an account")
    said = environment(tmp_path / "home")
    with reader(tmp_path / "guarded", said, typed="sk-made-up") as follows:
        follows.follow(without_account)
        profile = f"[prod]\nhost = http://127.0.0.1:{follows.port}\ntoken = dapi-emulator\n"
        Path(said["DATABRICKS_CONFIG_FILE"]).write_text(profile, encoding="utf-8")
        follows.follow("\n" * without_account.count("\n") + heading + with_one)

    assert heading
    assert follows.done > 28


def test_a_change_says_where_it_goes():
    program = "a = 1\nb = 2\nc = 3\n"

    assert changed(program, " a = 1\n-b = 2\n+b = 4\n") == "a = 1\nb = 4\nc = 3\n"
    with pytest.raises(AssertionError, match="fits in 0 places"):
        changed(program, "-b = 5\n+b = 4\n")


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("…\nResources:\n    + 4 created\n…", "x\ny\nResources:\n    + 4 created\n\nDuration\n"),
        ("Digest sha256:…", "Digest sha256:108f"),
        ("a\n\nb", "a  \n\nb\n"),
    ],
)
def test_dots_stand_for_what_differs(said, printed):
    assert unlike(said, printed) is None


@pytest.mark.parametrize(
    ("said", "printed", "lacking"),
    [
        ("…\n    + 4 created\n…", "x\n    + 5 created\n", "'    + 4 created'"),
        ("a\nc", "a\nb\nc\n", "'c'"),
        ("a", "a\nb\n", "'nothing more'"),
    ],
)
def test_the_line_that_was_not_printed_is_named(said, printed, lacking):
    assert lacking in str(unlike(said, printed))

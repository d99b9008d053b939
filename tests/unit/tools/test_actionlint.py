"""`tools/actionlint.py`: compiled once, kept, and without a Go a reason in place of it."""

from __future__ import annotations

import os

import pytest
from actionlint import NoGoError, obtain
from engine_surroundings import NotThisWayError, Surroundings

GO = """#!/bin/sh
echo "$*" >> "{root}/go.log"
{ends}
printf '#!/bin/sh\\n' > "$GOBIN/actionlint"
/bin/chmod 755 "$GOBIN/actionlint"
"""


def here(root, ends=""):
    """Surroundings with a `go` that notes what it is asked for; `ends`: how it fails."""
    (root / "bin").mkdir()
    (root / "bin/go").write_text(GO.format(root=root, ends=ends))
    (root / "bin/go").chmod(0o755)
    return Surroundings({"PATH": str(root / "bin"), "HOME": str(root)}, lambda _: None)


def test_it_is_compiled_once_and_kept_outside_of_the_checkout(tmp_path):
    around = here(tmp_path)

    first, second = obtain(around), obtain(around)

    assert first == second
    assert first.parent == tmp_path / ".cache/databricks-serving/actionlint-1.7.12"
    assert os.access(first, os.X_OK)
    assert (tmp_path / "go.log").read_text().splitlines() == [
        "install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
    ]


def test_without_a_go_it_says_so(tmp_path):
    with pytest.raises(NoGoError, match="no go on PATH"):
        obtain(Surroundings({"PATH": "", "HOME": str(tmp_path)}, lambda _: None))


def test_where_it_cannot_be_compiled_it_says_why_and_keeps_nothing(tmp_path):
    around = here(tmp_path, ends='echo "no such module"; exit 1')

    with pytest.raises(NotThisWayError, match="no such module"):
        obtain(around)

    assert list((tmp_path / ".cache/databricks-serving").iterdir()) == []

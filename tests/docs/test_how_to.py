"""How-to pages, followed on the real engine; what each begins with is in `before/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docs_markdown import blocks
from offline import Pulumi, engine_directory

from support.docs_code import ROOT, SHELL, pages
from support.read_along import TYPED, reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.read_along import Reader

BEFORE = Path(__file__).parent / "before"
FOLLOWED = sorted(page.name for page in BEFORE.glob("*.md"))
#: What a page says whose outputs no test holds.
SAMPLES = "What commands print here is a sample of runs"
EMULATOR = "<!-- run in the background -->\n```sh\ndbserving emulator\n```\n"
SIGNED_IN = """\
<!-- run -->
```sh
export DATABRICKS_HOST=http://127.0.0.1:8765 DATABRICKS_TOKEN=dapi-emulator
```
"""


@pytest.fixture(scope="module")
def follows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader with an emulator, who has a value where a command asks for one."""
    home = tmp_path_factory.mktemp("home")
    said = Pulumi(engine_directory(), home, home, host="", token="").environment()
    by_the_page = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_FILE")
    environment = {name: value for name, value in said.items() if name not in by_the_page}
    environment["HOME"] = str(home)
    with reader(home / "pages", environment, typed="typed") as made:
        made.follow(EMULATOR)
        yield made


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FOLLOWED)
def test_a_how_to_page_does_and_prints_what_it_says(follows, name):
    page = (ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")
    follows.shown_as = "https://prod.cloud.databricks.com" if "--workspace prod" in page else ""
    follows.begin_anew(follows.memory.parent / name.removesuffix(".md"))
    programs = (block for block in blocks(page) if block.mark == "write: __main__.py")
    for block in programs:
        (follows.directory / "__main__.py").write_text(block.text, encoding="utf-8")
    follows.follow(SIGNED_IN + (BEFORE / name).read_text(encoding="utf-8"))
    prepared = follows.done

    follows.follow(page)

    assert follows.done >= prepared + 3


def prints(page: Path) -> bool:
    """Whether a page shows what a command printed, under the command."""
    texts = (block.text for block in blocks(page.read_text("utf-8")) if block.language in SHELL)
    return any("".join(TYPED.split(text)[::2]).strip() for text in texts if text[:2] == "$ ")


@pytest.mark.parametrize("page", [*filter(prints, pages())], ids=lambda page: page.stem)
def test_a_page_that_nobody_follows_says_that_it_shows_samples(page):
    top = page.read_text("utf-8").split("\n## ")[0].replace("\n", " ")

    assert (SAMPLES in top) != (page.name in FOLLOWED)

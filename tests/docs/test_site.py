"""The site of the docs: built strictly, closed to the network, true to a view of the repository."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import docs_charts
import pytest
from docs_markdown import Block, anchors, blocks, fenced, for_python_markdown, links, relinked
from docs_pages import BrokenLink, Pages
from docs_site import OWN_SHIM, SiteError, build, closed, fetched, main, stage, with_nav

from support.docs_code import ROOT, pages

NAV = """\
site_name: shop
use_directory_urls: false
theme: {font: false}
plugins: [search, offline]
markdown_extensions: [attr_list, pymdownx.superfences]
nav:
  - Home: index.md
  - overview.md
  - Examples:
      - examples/*
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small one: two pages of docs, a README and an example."""
    written = {
        "mkdocs.yml": NAV,
        "README.md": "# Shop\n\n[a](docs/index.md), [b](examples/chat)\n\n![c](docs/assets/x.svg)",
        "docs/assets/x.svg": "<svg/>",
        "docs/index.md": "# Home\n\n[a](../README.md#shop) [b](../tools/made.py) [c](../tools)\n",
        "tools/made.py": "print('```')\n",
        "examples/chat/README.md": "# Chat\n\nSee [the program](__main__.py).\n",
        "examples/chat/__main__.py": "import pulumi\n",
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_site_is_built_strictly_and_fetches_nothing(tmp_path):
    site = build(stage(ROOT, tmp_path))

    closed(site)

    assert list(fetched(site)) == []
    assert (site / OWN_SHIM).is_file()
    assert (site / "search.js").is_file()
    assert f'src="../{OWN_SHIM}"' in (site / "reference" / "cli.html").read_text()
    assert "openai_api_key" in (site / "fields.html").read_text()


def test_a_link_leads_to_the_same_thing_in_the_site(repository):
    staged = Pages(repository)
    staged.collect()

    texts = {str(place): text for place, text in staged.texts.items()}

    assert texts["index.md"].endswith(
        "[a](overview.md#shop) [b](source/tools/made.py.md) [c](source/tools/index.md)\n"
    )
    assert "[a](index.md), [b](examples/chat.md)\n" in texts["overview.md"]
    assert texts["overview.md"].endswith("![c](assets/x.svg)")
    assert PurePosixPath("assets/x.svg") in staged.assets
    assert texts["source/tools/made.py.md"].endswith("````python\nprint('```')\n````\n")
    assert "[`made.py`](made.py.md)" in texts["source/tools/index.md"]
    assert "[the program](chat.md#file-main-py)" in texts["examples/chat.md"]
    assert (
        "### `__main__.py` { #file-main-py }\n\n```python\nimport pulumi\n```\n"
        in (texts["examples/chat.md"])
    )


def test_every_link_that_leads_to_nothing_is_named(repository):
    (repository / "docs" / "index.md").write_text("# Home\n[a](b.md) [c](../../d) `[e](f.md)`\n")

    with pytest.raises(BrokenLink) as caught:
        Pages(repository).collect()

    assert str(caught.value).splitlines() == [
        "docs/index.md: the link to b.md leads to nothing",
        "docs/index.md: the link to ../../d leads to nothing",
    ]


def test_an_anchor_that_is_not_there_ends_the_build(repository):
    (repository / "docs" / "index.md").write_text("# Home\n\n[read](../README.md#shops)\n")

    with pytest.raises(SiteError, match=r"anchor does not exist\n.* index\.md:3:"):
        build(stage(repository, repository / ".site"))


def test_a_picture_from_elsewhere_ends_the_build(repository):
    (repository / "docs" / "index.md").write_text("# Home\n\n![x](https://example.com/x.png)\n")
    site = build(stage(repository, repository / ".site"))

    with pytest.raises(SiteError, match=r"(?s)fetched from elsewhere.*index\.html"):
        closed(site)


def test_the_site_takes_the_place_of_the_one_before(repository, capsys):
    (repository / "site").mkdir()
    (repository / "site" / "gone.html").touch()

    assert main(repository) == 0

    assert (repository / "site" / "examples" / "chat.html").is_file()
    assert not (repository / "site" / "gone.html").exists()
    assert capsys.readouterr().out.endswith("site/index.html\n")


def test_what_is_wrong_is_said_and_the_site_before_stays(repository, capsys):
    (repository / "site").mkdir()
    (repository / "docs" / "index.md").write_text("# Home\n[a](b.md)\n")

    assert main(repository) == 1

    assert (repository / "site").is_dir()
    assert capsys.readouterr().err == "docs/index.md: the link to b.md leads to nothing\n"


def test_a_page_without_a_place_and_a_place_without_a_page_are_named():
    named = {PurePosixPath("index.md"): "Home", PurePosixPath("new.md"): "New"}

    with pytest.raises(SiteError) as caught:
        with_nav("nav:\n  - index.md\n  - Gone: gone.md\n", named)

    assert str(caught.value).splitlines() == [
        "the nav of mkdocs.yml has no place for new.md",
        "the nav of mkdocs.yml names gone.md, which is not there",
    ]


def test_a_folder_is_spelt_out_by_the_headings_of_its_pages():
    named = {
        PurePosixPath("how/b.md"): "Adopt",
        PurePosixPath("how/a.md"): "Rotate",
        PurePosixPath("how/c.md"): "Named",
    }

    whole = with_nav("nav:\n  - Cee: how/c.md\n  - how/*\n", named)

    assert whole == 'nav:\n  - Cee: how/c.md\n  - "Adopt": how/b.md\n  - "Rotate": how/a.md\n'


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_headings_in_the_view_of_the_repository(page):
    wrong = []
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = Path(os.path.normpath(page.parent / path)) if path else page
        is_ours = anchor and "://" not in link and target.suffix == ".md"
        if is_ours and anchor not in anchors(target.read_text(encoding="utf-8")):
            wrong.append(link)

    assert wrong == []


def test_code_is_no_link_and_a_block_knows_its_mark():
    page = (
        "[a](b.md) `[c](d.md)`\n\n<!-- run -->\n```sh\n[e](f.md)\n```\n\n- x\n\n  ```\n  y\n  ```\n"
    )

    assert list(links(page)) == ["b.md"]
    assert relinked(page, lambda link: f"../{link}") == page.replace("(b.md)", "(../b.md)")
    assert list(blocks(page)) == [
        Block(4, "sh", "run", "[e](f.md)\n"),
        Block(10, "", "", "y\n"),
    ]
    assert fenced("a\n```\n", "md") == "````md\na\n```\n````\n"


def test_bars_in_the_code_of_a_table_are_none_of_the_table():
    page = "| a |\n|--|\n| `x\\|y` z\\|w |\n\n`x\\|y`\n"

    assert for_python_markdown(page) == "| a |\n|--|\n| `x|y` z\\|w |\n\n`x\\|y`\n"


def test_a_page_with_a_wide_table_has_the_navigation_hidden():
    wide = f"# A\n\n|{'a|' * 8}\n|{'--|' * 8}\n"

    assert for_python_markdown(wide) == f"---\nhide:\n  - navigation\n---\n\n{wide}"


def test_anchors_are_those_of_the_repository_s_view():
    page = "# `dbserving drift`: what?\n## A [link](x.md)\n## Same\n## Same\n```\n# no\n```\n"

    assert anchors(page) == {"dbserving-drift-what", "a-link", "same", "same-1"}


def test_a_chart_is_drawn_with_its_values():
    chart = (
        '```mermaid\nxychart-beta\n    title "ms & more"\n    x-axis "endpoints" ["10", "100"]\n'
        '    y-axis "ms" 0 --> 2\n    line [2.0, 1]\n```\n'
    )

    drawn = docs_charts.drawn(f"before\n\n{chart}\nafter\n")

    assert '<polyline points="48.0,16.0 592.0,106.0"/>' in drawn
    assert "<figcaption>ms &amp; more</figcaption>" in drawn
    assert drawn.startswith("before\n\n<figure")
    assert drawn.endswith("</figure>\n\n\nafter\n")

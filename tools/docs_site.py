"""Build the site of the docs into `site/`: `make docs`. Nothing is fetched, then or by a reader.

A copy of all pages is staged in `.site`, with links as the site needs them (`docs_pages.py`), and
Zensical builds that one strictly: a link or an anchor that leads nowhere is an error. `mkdocs.yml`
says where each page stands; a page that it leaves out is an error, too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from docs_charts import drawn
from docs_markdown import for_python_markdown
from docs_pages import BrokenLink, Pages, titles

ROOT = Path(__file__).resolve().parents[1]
#: What Zensical's search would fetch where the site is opened as files, and ours in its place.
SHIM = "https://unpkg.com/iframe-worker/shim"
OWN_SHIM = "assets/search-of-files.js"
#: What a browser would fetch at once; links that a reader may follow are none of it.
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?(https?:)?//|"
    r"<link\b(?![^>]*rel=\"?canonical)[^>]*\bhref=\"?(https?:)?//"
)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_WILDCARD = re.compile(r"^(?P<indent> *)- (?P<folder>[\w/-]+)/\*$", re.MULTILINE)


class SiteError(Exception):
    """The site cannot be built; the message says what to mend."""


def stage(root: Path, into: Path) -> Path:
    """Write all pages below `into`, for Zensical: the configuration for it.

    Raises `BrokenLink` and `SiteError`.
    """
    pages = Pages(root)
    pages.collect()
    shutil.rmtree(into, ignore_errors=True)
    for place, text in pages.texts.items():
        written = into / "docs" / place
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(for_python_markdown(drawn(text)), encoding="utf-8")
    for place, file in pages.assets.items():
        (into / "docs" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, into / "docs" / place)
    made = into / "mkdocs.yml"
    said = (root / "mkdocs.yml").read_text(encoding="utf-8")
    made.write_text(with_nav(said, dict(titles(pages))), encoding="utf-8")
    return made


def with_nav(said: str, pages: dict[PurePosixPath, str]) -> str:
    """The configuration with every `folder/*` of its nav spelt out, by the pages' headings.

    Raises `SiteError` for a page that has no place, and for a place that has no page.
    """
    named = set(re.findall(r"(?<=[ :])[\w/.-]+\.md$", said, re.MULTILINE))

    def spelt_out(found: re.Match[str]) -> str:
        folder = PurePosixPath(found["folder"])
        inside = {place: t for place, t in pages.items() if place.parent == folder}
        rows = sorted((t, place) for place, t in inside.items() if str(place) not in named)
        return "\n".join(f'{found["indent"]}- "{t}": {place}' for t, place in rows)

    whole = _WILDCARD.sub(spelt_out, said)
    placed = set(re.findall(r"(?<=[ :])[\w/.-]+\.md$", whole, re.MULTILINE))
    shown = {str(place) for place in pages if place.parts[0] != "source"}
    wrong = [f"the nav of mkdocs.yml has no place for {one}" for one in shown - placed]
    wrong += [f"the nav of mkdocs.yml names {one}, which is not there" for one in placed - shown]
    if wrong:
        raise SiteError("\n".join(sorted(wrong)))
    return whole


def build(configuration: Path) -> Path:
    """The site that Zensical makes of what is staged. Raises `SiteError` with what it prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", configuration.name],
        cwd=configuration.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        # Its own traceback tells nothing beyond what it printed before.
        printed = f"{ran.stdout}{ran.stderr}".partition("Traceback (most recent call last)")[0]
        raise SiteError(_COLOUR.sub("", printed).strip())
    return configuration.parent / "site"


def closed(site: Path) -> None:
    """Let the site's pages fetch nothing from elsewhere. Raises `SiteError` where one would."""
    for page in sorted(site.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        up = "../" * len(page.relative_to(site).parent.parts)
        page.write_text(html.replace(SHIM, f"{up}{OWN_SHIM}"), encoding="utf-8")
    left = [f"{page}: {what}" for page, what in fetched(site)]
    if left:
        raise SiteError("these are fetched from elsewhere:\n" + "\n".join(left))


def fetched(site: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """What the pages of a site would fetch from elsewhere, by page."""
    for page in sorted(site.rglob("*.html")):
        for found in _FETCHED.finditer(page.read_text(encoding="utf-8")):
            yield PurePosixPath(page.relative_to(site).as_posix()), found[0]


def main(root: Path = ROOT) -> int:
    """Build it: 0, or 1 with what to mend."""
    try:
        site = build(stage(root, root / ".site"))
        closed(site)
    except (BrokenLink, SiteError) as error:
        print(error, file=sys.stderr)
        return 1
    shutil.rmtree(root / "site", ignore_errors=True)
    shutil.move(site, root / "site")
    print(f"docs: open {root / 'site' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

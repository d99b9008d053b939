"""Where the repository's pages and files stand in the site, and their links as the site has them.

A page links as the repository's own view needs it: relative, to pages, to files and to folders. In
the site the README.md of an example is a page that shows the example's files below it, and any
other file or folder that a page links to gets a page of its own, below `source/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from docs_markdown import fenced, relinked, title

#: Pages of the repository's root, by their place in the site.
AT_ROOT = {
    "README.md": "overview.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security-policy.md",
}
ASSETS = (".svg", ".png", ".css", ".js")
_LANGUAGES = {
    ".py": "python",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".sh": "sh",
    ".md": "markdown",
    ".markdown": "markdown",
    ".junit": "xml",
}
_FOLDERS_OF_TOOLS = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "node_modules"}
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")


class BrokenLink(Exception):
    """A page links to what is not there; the message names both."""


@dataclass
class Pages:
    """All pages of the site, and the files copied as they are, both by place in the site."""

    root: Path
    texts: dict[PurePosixPath, str] = field(default_factory=dict)
    assets: dict[PurePosixPath, Path] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def collect(self) -> None:
        """Fill in every page, and what they link to. Raises `BrokenLink`, with all of them."""
        for source in _written(self.root):
            place = _place_of_page(source)
            text = (self.root / source).read_text(encoding="utf-8")
            self.texts[place] = self._led(source, place, text)
            if source.name == "README.md" and source.parts[0] == "examples":
                self.texts[place] += _files_shown(self.root, source.parent)
        for path in (self.root / "docs" / "assets").glob("*"):
            self.assets[PurePosixPath("assets", path.name)] = path
        if self.broken:
            raise BrokenLink("\n".join(self.broken))

    def _led(self, source: PurePosixPath, place: PurePosixPath, text: str) -> str:
        return relinked(text, lambda link: self._link(source, place, link))

    def _link(self, source: PurePosixPath, place: PurePosixPath, link: str) -> str:
        """Where a link of the page `source`, which stands at `place`, leads in the site."""
        path, _, anchor = link.partition("#")
        if not path or _ELSEWHERE.match(link):
            return link
        target = PurePosixPath(os.path.normpath(source.parent / path))
        if target.parts[:1] == ("..",) or not (self.root / target).exists():
            self.broken.append(f"{source}: the link to {link} leads to nothing")
            return link
        there, own_anchor = self._place(target)
        anchor = anchor or own_anchor
        led = os.path.relpath(there, place.parent).replace(os.sep, "/")
        return f"{led}#{anchor}" if anchor else led

    def _place(self, target: PurePosixPath) -> tuple[PurePosixPath, str]:
        """The place and the anchor of what a link names; makes the page where there is none yet."""
        on_disk = self.root / target
        if on_disk.is_dir() and (on_disk / "README.md").exists():
            target = target / "README.md"
        if target in _written(self.root):
            return _place_of_page(target), ""
        for folder in target.parents:
            if folder.parts[:1] == ("examples",) and (self.root / folder / "README.md").exists():
                if target in _files_of(self.root, folder):
                    page = _place_of_page(folder / "README.md")
                    return page, _anchor_of(target.relative_to(folder))
                break
        if target.is_relative_to("docs/assets"):
            return target.relative_to("docs"), ""
        if target.suffix in ASSETS:
            self.assets[PurePosixPath("source") / target] = on_disk
            return PurePosixPath("source") / target, ""
        return self._source_page(target), ""

    def _source_page(self, target: PurePosixPath) -> PurePosixPath:
        """The page that shows a file, or lists a folder."""
        on_disk = self.root / target
        place = PurePosixPath("source") / (
            target / "index.md" if on_disk.is_dir() else f"{target}.md"
        )
        if place in self.texts:
            return place
        self.texts[place] = f"# `{target}`\n\n"
        if on_disk.is_dir():
            listed = sorted(path for path in on_disk.iterdir() if _is_shown(path))
            rows = [f"- [`{path.name}`]({path.name})\n" for path in listed]
            self.texts[place] += self._led(target / "-", place, "".join(rows))
        else:
            self.texts[place] += _shown(on_disk)
        return place


def _written(root: Path) -> list[PurePosixPath]:
    """The pages that somebody wrote, by their path in the repository."""
    found = [root / name for name in AT_ROOT if (root / name).exists()]
    found += (path for path in (root / "docs").rglob("*.md") if "stories" not in path.parts)
    found += (path for path in (root / "examples").rglob("README.md") if _is_shown(path))
    return sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in found)


def _place_of_page(source: PurePosixPath) -> PurePosixPath:
    if len(source.parts) == 1:
        return PurePosixPath(AT_ROOT[source.name])
    if source.parts[0] == "docs":
        return source.relative_to("docs")
    folder = source.parent
    return folder / "index.md" if folder == PurePosixPath("examples") else folder.with_suffix(".md")


def _is_shown(path: Path) -> bool:
    names = (path.name, path.parent.name)
    return not any(name in _FOLDERS_OF_TOOLS for name in names) and path.suffix != ".pyc"


def _files_of(root: Path, folder: PurePosixPath) -> list[PurePosixPath]:
    """The files of an example, but for the README and for what has a README of its own."""
    if folder == PurePosixPath("examples"):
        return []
    on_disk = root / folder
    inner = {path.parent for path in on_disk.rglob("README.md")} - {on_disk}
    found = (
        path
        for path in on_disk.rglob("*")
        if path.is_file()
        and path.name != "README.md"
        and _is_shown(path)
        and not inner & set(path.parents)
    )
    return sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in found)


def _files_shown(root: Path, folder: PurePosixPath) -> str:
    """The files of an example, the program first, for the end of its page."""
    files = _files_of(root, folder)
    if not files:
        return ""
    files.sort(key=lambda path: (path.name != "__main__.py", path))
    parts = ["\n## The files\n"]
    for path in files:
        name = path.relative_to(folder)
        parts.append(f"\n### `{name}` {{ #{_anchor_of(name)} }}\n\n{_shown(root / path)}")
    return "".join(parts)


def _anchor_of(name: PurePosixPath) -> str:
    return "file-" + re.sub(r"[^A-Za-z0-9]+", "-", str(name)).strip("-")


def _shown(path: Path) -> str:
    return fenced(path.read_text(encoding="utf-8"), _LANGUAGES.get(path.suffix, "text"))


def titles(pages: Pages) -> Iterator[tuple[PurePosixPath, str]]:
    """The places of the pages, with their headings."""
    for place, text in pages.texts.items():
        yield place, title(text)

"""Markdown as the pages of the docs have it: fenced blocks with their marks, and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_MARK = re.compile(r"^ *<!-- (?P<mark>.*) -->$")
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
#: Bars in a table of seven columns, of which none fits beside two lists.
_MANY = 7
_LINK = re.compile(r"\]\((?P<to>[^)\s]+)(?: \"[^\"]*\")?\)|<img [^>]*src=\"(?P<src>[^\"]+)\"")


@dataclass(frozen=True)
class Block:
    """A fenced block; `line`: of its fence, from 1; `mark`: what the comment above it says.

    `text` ends with a line break, and is without the indentation of a list that it stands in.
    """

    line: int
    language: str
    mark: str
    text: str


@dataclass(frozen=True)
class _Part:
    """A line outside of fences (`block` is None), or a whole block with its fences as `raw`."""

    raw: str
    block: Block | None = None


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    return (part.block for part in _parts(page) if part.block is not None)


def links(page: str) -> Iterator[str]:
    """Where a page's links and pictures lead, as they are written."""
    for part in _parts(page):
        if part.block is None:
            yield from (found["to"] or found["src"] for found in _links_in(part.raw))


def relinked(page: str, led: Callable[[str], str]) -> str:
    """The page with each link leading where `led` says; code stays as it is."""
    return "".join(
        part.raw if part.block is not None else _line_relinked(part.raw, led)
        for part in _parts(page)
    )


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as a view of the repository makes them."""
    seen: dict[str, int] = {}
    made = set()
    for part in _parts(page):
        heading = re.match(r"#{1,6} +(.*)", part.raw) if not part.block else None
        if heading is None:
            continue
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1].rstrip()).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = seen[anchor] = seen.get(anchor, -1) + 1
        made.add(f"{anchor}-{count}" if count else anchor)
    return made


def title(page: str) -> str:
    """The page's first heading, without marks of code. Raises `ValueError` where there is none."""
    for part in _parts(page):
        if part.block is None and part.raw.startswith("# "):
            return part.raw.removeprefix("# ").strip().replace("`", "")
    raise ValueError("the page has no heading")


def for_python_markdown(page: str) -> str:
    """The page as the site's parser takes it: a bar in a table's code has no backslash there.

    A page with a table of many columns is shown without the navigation beside it.
    """
    made = []
    for part in _parts(page):
        is_row = part.block is None and part.raw.startswith("|")
        bars = _CODE.sub(lambda code: code[0].replace("\\|", "|"), part.raw) if is_row else part.raw
        made.append(bars)
    widest = max((line.count("|") for line in made if line.startswith("|--")), default=0)
    hidden = "---\nhide:\n  - navigation\n---\n\n" if widest > _MANY else ""
    return hidden + "".join(made)


def fenced(text: str, language: str) -> str:
    """A text as a block, in a fence that nothing in it closes."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _parts(page: str) -> Iterator[_Part]:
    lines = page.splitlines(keepends=True)
    number, mark = 0, ""
    while number < len(lines):
        raw = lines[number]
        opened = _FENCE.match(raw.rstrip())
        if opened is None:
            marked = _MARK.match(raw.rstrip())
            if raw.strip():
                mark = marked["mark"] if marked else ""
            yield _Part(raw)
            number += 1
            continue
        end = _closed(lines, number, opened["fence"])
        indented = re.compile(f"^ {{1,{len(opened['indent'])}}}") if opened["indent"] else None
        inside = lines[number + 1 : end]
        text = "".join(indented.sub("", line) if indented else line for line in inside)
        language = opened["info"].strip().partition(" ")[0]
        block = Block(number + 1, language, mark, text)
        yield _Part("".join(lines[number : end + 1]), block)
        number, mark = end + 1, ""


def _closed(lines: list[str], start: int, fence: str) -> int:
    """The line that closes the fence. Raises `ValueError` where none does."""
    for number in range(start + 1, len(lines)):
        said = lines[number].strip()
        if said.startswith(fence) and not said.strip(fence[0]):
            return number
    raise ValueError(f"line {start + 1}: the block has no end")


def _links_in(line: str) -> Iterator[re.Match[str]]:
    """The links of a line; what stands in code is no link."""
    hidden = _CODE.sub(lambda code: "\0" * len(code[0]), line)
    yield from _LINK.finditer(hidden)


def _line_relinked(line: str, led: Callable[[str], str]) -> str:
    made, end = [], 0
    for found in _links_in(line):
        group = "to" if found["to"] else "src"
        made += [line[end : found.start(group)], led(found[group])]
        end = found.end(group)
    return "".join([*made, line[end:]])

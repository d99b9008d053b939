"""What keeps names and values from being read as Markdown, HTML or a table's border.

Entities stand for every character with a meaning: GitHub reads Markdown inside `<code>` too. They
are never read as structure (CommonMark 0.31, 2.5), in tables neither.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from .shown import printable

_MEANING = re.compile(
    r"[&<>|`*\[\]\\~$]"  # HTML, table, emphasis, links, strike-through, mathematics
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word an underscore is one
    r"|:(?=/)|(?<=www)\."  # addresses become links on their own
)
#: GitHub would call somebody, or link an issue; a word joiner (U+2060) cannot be seen.
_CALLS = re.compile(r"(?<=[@#])(?=\w)")
_JOINER = "\u2060"
#: What begins a list, a heading or a quotation.
_BEGINS = re.compile(r"[-+#>=]|[0-9]{1,9}[.)]|\s")


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def escaped(text: str) -> str:
    """A text without meaning to Markdown or HTML, on one line."""
    return _MEANING.sub(_entity, printable(text))


def cell(text: str) -> Markup:
    """A name or a value: in `<code>`, where nobody is called and no issue is linked."""
    return Markup(f"<code>{escaped(text)}</code>")  # noqa: S704 - escaped the line before


def prose(text: str) -> Markup:
    """A sentence that may repeat what others wrote, not at the start of a line."""
    return Markup(_MEANING.sub(_entity, _CALLS.sub(_JOINER, printable(text))))  # noqa: S704 - escaped


def line(text: str) -> Markup:
    """The same at the start of a line."""
    said = prose(text)
    if _BEGINS.match(said):
        return Markup(f"&#{ord(said[0])};{said[1:]}")  # noqa: S704 - escaped above
    return said


def address(url: str) -> Markup:
    """An address for a link; nothing where it is none of the web."""
    if not re.fullmatch(r"https?://[!-~]+", url):
        return Markup("")
    return Markup(escape(url).replace("`", "&#96;"))  # noqa: S704 - escaped here

"""Arguments as Python source, laid out as `ruff format` leaves it: lines of 100 columns.

What fits stands on one line; what does not has each element on a line of its own and a comma behind
the last, which keeps it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .declared import FromConfig, Link

if TYPE_CHECKING:
    from .declared import Argument

WIDTH = 100
_INDENT = 4
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def call(
    callee: str, positional: str, named: Mapping[str, Argument], variables: Mapping[Link, str]
) -> str:
    """A call: `Secret("openai", scope=…)`; `positional` is its first argument.

    callee: with what stands before it on its line, such as `key = Secret`
    variables: how each link of the arguments is spelled
    """
    spelled = [f"{name}={_flat(value, variables)}" for name, value in named.items()]
    flat = f"{callee}({', '.join([text(positional), *spelled])})"
    if len(flat) <= WIDTH:
        return flat
    members = (("", positional), *((f"{name}=", value) for name, value in named.items()))
    return "\n".join([f"{callee}(", *_members(members, variables, _INDENT), ")"])


def _members(
    members: Iterable[tuple[str, Argument]], variables: Mapping[Link, str], indent: int
) -> list[str]:
    """Each member on a line of its own, or several: `name` is what stands before it."""
    lines: list[str] = []
    for name, value in members:
        here = f"{' ' * indent}{name}"
        flat = f"{here}{_flat(value, variables)},"
        if len(flat) <= WIDTH or not value or not isinstance(value, (dict, list)):
            lines.append(flat)
            continue
        inner = (
            [(f"{text(key)}: ", one) for key, one in value.items()]
            if isinstance(value, dict)
            else [("", one) for one in value]
        )
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        lines.append(f"{here}{opening}")
        lines += _members(inner, variables, indent + _INDENT)
        lines.append(f"{' ' * indent}{closing},")
    return lines


def _flat(value: Argument, variables: Mapping[Link, str]) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        inner = (f"{text(key)}: {_flat(one, variables)}" for key, one in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flat(one, variables) for one in value)}]"
    if isinstance(value, Link):
        return variables[value]
    if isinstance(value, FromConfig):
        return f"config.require_secret({text(value.key)})"
    if isinstance(value, str):
        return text(value)
    return repr(value)


def text(value: str) -> str:
    """A text as a literal: in double quotes, unless single ones save a backslash."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    inner = "".join(_spelled(letter, quote) for letter in value)
    return f"{quote}{inner}{quote}"


def _spelled(letter: str, quote: str) -> str:
    if letter == quote:
        return f"\\{letter}"
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    # What does not show could make a line read otherwise than it runs.
    number = ord(letter)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

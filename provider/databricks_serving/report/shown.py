"""Values and names as reports print them: on one line, cut in the middle, nothing unprintable."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from .values import Val

#: The characters that a value or a name is cut to.
LONGEST = 120
_CUT = " … "
_STANDS_FOR = {
    "secret": "(secret)",
    "hidden": "(hidden)",
    "absent": "(absent)",
    "unknown": "(not yet known)",
}
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""A text on one line, `\u001b` where it would move a cursor, turn the writing or break XML."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _ESCAPES.get(c, escaped(c)) for c in text)


#: What the runners of GitHub Actions take a line for a command by: `::` at its beginning, after any
#: spaces, and `##[` anywhere (`ActionCommand` of github.com/actions/runner).
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#\[)", re.MULTILINE)


def unheard(text: str) -> str:
    r"""Lines for a log, `\u003a:` and `\u0023#[` where a runner would hear a command."""
    return _COMMAND.sub(lambda found: found[0][:-1] + escaped(found[0][-1]), text)


def escaped(character: str) -> str:
    r"""A character as a text tells it that cannot show it: `\u001b`."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def cut(text: str, longest: int = LONGEST) -> str:
    """A text with its middle left out where it is too long."""
    if len(text) <= longest:
        return text
    kept = max(longest - len(_CUT), 2)
    return text[: kept - kept // 2] + _CUT + text[len(text) - kept // 2 :]


def name(text: str) -> str:
    """A name, of whatever characters it is."""
    return cut(printable(text))


def value(val: Val) -> str:
    """A value as JSON; of a secret, that there is one."""
    if val.kind != "plain":
        return _STANDS_FOR[val.kind]
    return cut(plain(val.value))


def plain(found: JsonValue) -> str:
    """JSON on one line."""
    return printable(json.dumps(found, ensure_ascii=False))


def moment(milliseconds: JsonValue) -> str:
    """A timestamp of the service: `2026-11-20 17:03Z`."""
    if not isinstance(milliseconds, int):
        return "at a time that is not told"
    try:
        when = datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
    return f"{when:%Y-%m-%d %H:%MZ}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 field`, `2 fields`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"

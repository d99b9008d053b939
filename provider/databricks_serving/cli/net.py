"""The last net: no text leaves with a secret of this run's environment in it.

Reports never hold secrets to begin with; this is for what a program put where none belongs, and
for what others' messages repeat. Light: every error passes here.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO
from urllib.parse import quote, quote_plus

from .terminal import emptied, is_file

#: What stands for a secret.
COVER = "***"
#: Shorter ones occur in ordinary words, and protect nothing.
_SHORTEST = 6
_SECRET_NAMES = re.compile(r"\w*_(KEY|TOKEN|SECRET)|\w*(PASSWORD|PASSPHRASE)\w*", re.ASCII)


class Net:
    """Covers the secrets that it knows, however they are written.

    secrets: those of 6 characters and more are looked for, each line of them too
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        lines = {part.strip() for secret in secrets for part in (secret, *secret.splitlines())}
        self.secrets = tuple(sorted(line for line in lines if len(line) >= _SHORTEST))
        forms = {form for secret in self.secrets for form in _forms(secret)}
        # The longest first: one secret may be a part of another.
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def over(self, text: str) -> str:
        """The text with `***` for each secret."""
        return text if self._pattern is None else self._pattern.sub(COVER, text)

    def over_tree(self, tree: object) -> object:
        """The same for JSON of no format of ours: texts, keys, and numbers that hold a secret."""
        if isinstance(tree, dict):
            return {self.over(key): self.over_tree(inner) for key, inner in tree.items()}
        if isinstance(tree, list):
            return [self.over_tree(inner) for inner in tree]
        if isinstance(tree, str):
            return self.over(tree)
        if isinstance(tree, (int, float)) and not isinstance(tree, bool):
            return tree if self.over(str(tree)) == str(tree) else COVER
        return tree


def net_of(environment: Mapping[str, str]) -> Net:
    """The net for what an environment holds in variables that are named as secrets are."""
    return Net(
        value for name, value in environment.items() if _SECRET_NAMES.fullmatch(name.upper())
    )


def mask(net: Net, environment: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Tell GitHub's log what to cover, before anything else is said. Never a file: it keeps it.

    Line by line, as the log has them: the command ends with its line, and what followed would be
    shown.
    """
    # The runner reads both streams, and the standard output is for the report.
    stream = stream or sys.stderr
    if environment.get("GITHUB_ACTIONS") != "true" or stream is None or is_file(stream):
        return
    with contextlib.suppress(OSError):  # what cannot be written, no log shows
        for secret in net.secrets:
            if len(secret.splitlines()) == 1:  # its lines are secrets of their own
                stream.write(f"::add-mask::{secret.replace('%', '%25')}\n")
    emptied(stream)


def _forms(secret: str) -> Iterable[str]:
    raw = secret.encode(errors="surrogateescape")
    encoded = (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode())
    return {
        secret,
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        *(form.rstrip("=") for form in encoded),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        # As Jinja writes them.
        html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    }

"""Who we are, and where: Databricks unified authentication, with a fast path without the SDK.

Importing `databricks.sdk` takes over a second, and its `Config` makes a request. Host and token
alone, the usual case in CI and with the emulator, need neither.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from databricks_serving.errors import NoCredentials

#: Gives the headers that authenticate one request; fetches and refreshes tokens as needed.
Authenticate: TypeAlias = "Callable[[], Mapping[str, str]]"

_HOW = (
    "Set DATABRICKS_HOST and DATABRICKS_TOKEN (or any other method of Databricks unified "
    "authentication), or name a profile with `workspace={'profile': …}` or the stack "
    "configuration databricks-serving:profile. Without an account: `dbserving emulator` starts "
    "a workspace on this machine and prints what to set."
)
#: User and password in an address, wherever a sentence quotes one.
_USER = re.compile(r"(://)[^\s/@]*@")


@dataclass(frozen=True)
class Where:
    """Which workspace is meant: a profile, a host, or whatever the environment says."""

    profile: str | None = None
    host: str | None = None


@dataclass(frozen=True)
class Credentials:
    """A workspace's address and the way to authenticate there; `method` as Databricks calls it."""

    host: str
    authenticate: Authenticate = field(repr=False)
    method: str = "pat"


def resolve_credentials(where: Where, environment: Mapping[str, str]) -> Credentials:
    """The credentials for `where`. Raises `NoCredentials` saying what to set."""
    host = where.host or environment.get("DATABRICKS_HOST", "")
    _refuse_user(host)
    # A file or a CI variable often ends with a line break, which no token has.
    token = environment.get("DATABRICKS_TOKEN", "").strip()
    method = environment.get("DATABRICKS_AUTH_TYPE", "pat")
    profile = where.profile or environment.get("DATABRICKS_CONFIG_PROFILE")
    if host and token and method == "pat" and where.profile is None:
        if not (token.isascii() and token.isprintable()):
            raise NoCredentials(f"DATABRICKS_TOKEN holds characters that no token has. {_HOW}")
        headers = {"Authorization": f"Bearer {token}"}
        return Credentials(with_scheme(host), lambda: headers)
    return _unified(where.host, profile, environment)


def with_scheme(host: str) -> str:
    """`https://…` without a slash at the end; Databricks' tools take hosts without scheme too."""
    address = host.strip().rstrip("/")
    return address if "://" in address else f"https://{address}"


def _refuse_user(host: str) -> None:
    """Raise where an address has a user or a password: it stands in reports and in states."""
    place = with_scheme(host).partition("://")[2]
    # Anywhere: a password may hold a slash.
    if "@" in place:
        alone = place.rpartition("@")[2].partition("/")[0]
        raise NoCredentials(
            f"The workspace's host {alone} is written with a user or a password "
            f"before it, which would be shown wherever the host is. Give the host alone. {_HOW}"
        )


def _reason(invalid: Exception) -> str:
    """The SDK's sentence, without the settings and the link that it appends."""
    sentence = str(invalid).split("\n", 1)[0].split(" Config: ", 1)[0]
    return _USER.sub(r"\1***@", sentence.split(", please check", 1)[0].rstrip(". "))


def _unreadable(wrong: Exception, environment: Mapping[str, str]) -> NoCredentials:
    """Where the profiles' file cannot be read; never its text, which holds tokens."""
    said = environment.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg"
    file = Path(said).expanduser()
    if isinstance(wrong, OSError):
        return NoCredentials(f"{file} cannot be read: {wrong.strerror or 'no reason given'}.")
    if isinstance(wrong, UnicodeError):
        return NoCredentials(f"{file} cannot be read: it is no UTF-8 text.")
    lines = [number for number, _ in getattr(wrong, "errors", ())]
    first = getattr(wrong, "lineno", None) or next(iter(lines), None)
    place = f", line {first}" if first is not None else ""
    what = {
        configparser.MissingSectionHeaderError: "no [profile] stands before it",
        configparser.DuplicateSectionError: "the profile is there twice",
        configparser.DuplicateOptionError: "the setting is there twice in its profile",
    }.get(type(wrong), "it is no `setting = value`")
    return NoCredentials(f"{file}{place} cannot be read: {what}. Correct the file.")


def _unified(host: str | None, profile: str | None, environment: Mapping[str, str]) -> Credentials:
    from databricks.sdk.core import Config  # noqa: PLC0415 - over a second, needed here only

    try:
        # Both limits: with an unreachable host the defaults keep the constructor busy for minutes.
        config = Config(
            host=host, profile=profile, retry_timeout_seconds=30, http_timeout_seconds=10
        )
    except (configparser.Error, UnicodeError) as wrong:
        # configparser quotes the line that it cannot read.
        raise _unreadable(wrong, environment) from None
    except OSError as wrong:
        # `requests` has errors of that kind too: those tell of no file.
        if wrong.filename is not None:
            raise _unreadable(wrong, environment) from None
        raise NoCredentials(
            f"No credentials for a Databricks workspace: {_reason(wrong)}. {_HOW}"
        ) from None
    except ValueError as invalid:
        if isinstance(invalid.__cause__, UnicodeError):
            raise _unreadable(invalid.__cause__, environment) from None
        raise NoCredentials(
            f"No credentials for a Databricks workspace: {_reason(invalid)}. {_HOW}"
        ) from None
    if not config.host:
        raise NoCredentials(f"No Databricks workspace is named. {_HOW}")
    _refuse_user(config.host)

    def authenticate() -> Mapping[str, str]:
        try:
            return config.authenticate()
        except (ValueError, OSError) as invalid:
            # OSError: what `requests` and the SDK's own errors derive from.
            raise NoCredentials(
                f"{config.host} gives no token: {_reason(invalid)}. {_HOW}"
            ) from None

    return Credentials(with_scheme(config.host), authenticate, str(config.auth_type))

"""Who we are, and where: Databricks unified authentication, with a fast path without the SDK.

Importing `databricks.sdk` takes over a second, and its `Config` makes a request. Host and token
alone, the usual case in CI and with the emulator, need neither.

Where a program or a stack names a profile, host and credentials come from that profile, together:
`_of_profile` says what the environment may still add. Otherwise the SDK's own order holds, which
prefers the environment (`Config._load_from_env`, then `_known_file_config_loader`).
"""

from __future__ import annotations

import configparser
import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from databricks_serving.errors import NoCredentials

if TYPE_CHECKING:
    from databricks.sdk.config import ConfigAttribute
    from databricks.sdk.core import Config
    from databricks.sdk.oauth import Token

#: Gives the headers that authenticate one request; fetches and refreshes tokens as needed.
Authenticate: TypeAlias = "Callable[[], Mapping[str, str]]"

#: Ways of logging in for which the SDK fetches two tokens for each request, and keeps none (0.156).
_EXCHANGED = ("github-oidc", "azure-devops-oidc")
#: Logins of the machine that a run is on, a notebook's for example: to its own workspace alone.
_OF_THE_MACHINE = ("runtime", "runtime-oauth", "model-serving")
#: What an environment says of its own workspace, and what logs in there and nowhere else.
_OF_THE_ENVIRONMENT = frozenset(
    {
        "host",
        "account_id",
        "workspace_id",
        "group_id",
        "cloud",
        "azure_workspace_resource_id",
        "discovery_url",
        "metadata_service_url",
        "auth_type",
        "token",
        "username",
        "password",
        "client_secret",
    }
)
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
    if host and token and method == "pat" and where.profile is None:
        if not (token.isascii() and token.isprintable()):
            raise NoCredentials(
                f"DATABRICKS_TOKEN holds characters that no token has. {_HOW}",
                id="token-characters",
            )
        headers = {"Authorization": f"Bearer {token}"}
        return Credentials(with_scheme(host), lambda: headers)
    return _unified(where, environment)


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
            f"before it, which would be shown wherever the host is. Give the host alone. {_HOW}",
            id="credentials-in-host",
        )


def _how(where: Where) -> str:
    """What to do; a profile that is named is not completed by the environment."""
    if where.profile is None:
        return _HOW
    return (
        f"`databricks auth login --host https://… --profile {where.profile}` writes the profile, "
        f"and DATABRICKS_CONFIG_FILE names another file of profiles. Where neither `workspace` nor "
        f"the stack configuration databricks-serving:profile names one, DATABRICKS_HOST and "
        f"DATABRICKS_TOKEN count."
    )


def _named(where: Where, environment: Mapping[str, str]) -> str:
    """What was asked for, as a sentence names it; a program may use several workspaces."""
    profile = where.profile or ("" if where.host else environment.get("DATABRICKS_CONFIG_PROFILE"))
    host = where.host or environment.get("DATABRICKS_HOST")
    if profile:
        return f"the profile {profile}"
    return f"the workspace {with_scheme(host)}" if host else "a Databricks workspace"


def _reason(invalid: Exception) -> str:
    """The SDK's sentence, without the settings and the link that it appends."""
    sentence = str(invalid).split("\n", 1)[0].split(" Config: ", 1)[0]
    return _USER.sub(r"\1***@", sentence.split(", please check", 1)[0].rstrip(". "))


def _unreadable(wrong: Exception, environment: Mapping[str, str]) -> NoCredentials:
    """Where the profiles' file cannot be read; never its text, which holds tokens."""
    file = _profiles_file(environment)
    if isinstance(wrong, OSError):
        return NoCredentials(
            f"{file} cannot be read: {wrong.strerror or 'no reason given'}.", id="config-file"
        )
    if isinstance(wrong, UnicodeError):
        return NoCredentials(f"{file} cannot be read: it is no UTF-8 text.", id="config-file")
    lines = [number for number, _ in getattr(wrong, "errors", ())]
    first = getattr(wrong, "lineno", None) or next(iter(lines), None)
    place = f", line {first}" if first is not None else ""
    what = {
        configparser.MissingSectionHeaderError: "no [profile] stands before it",
        configparser.DuplicateSectionError: "the profile is there twice",
        configparser.DuplicateOptionError: "the setting is there twice in its profile",
    }.get(type(wrong), "it is no `setting = value`")
    return NoCredentials(
        f"{file}{place} cannot be read: {what}. Correct the file.", id="config-file"
    )


def _profiles_file(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()


def _settings(where: Where, environment: Mapping[str, str]) -> dict[str, str]:
    """What the named profile or host says, for the SDK prefers the environment to a profile.

    A program or a stack that names a profile means it: with a host in the environment, `prod` would
    otherwise be somewhere else. Raises `NoCredentials` where no file has it, or it has no host.
    """
    if where.profile is None:
        return {"host": where.host} if where.host else {}
    path = _profiles_file(environment)
    # A setting of [DEFAULT] is of that profile alone, as for the SDK; a `%` is a `%`.
    file = configparser.ConfigParser(default_section="", interpolation=None)
    missing = f"No credentials for the profile {where.profile}: {path}"
    if not path.exists():
        raise NoCredentials(f"{missing} is not there. {_how(where)}", id="no-credentials")
    with path.open(encoding="utf-8") as lines:  # read() passes over a file that it may not read
        file.read_file(lines)
    if not file.has_section(where.profile):
        raise NoCredentials(f"{missing} has no such profile. {_how(where)}", id="no-credentials")
    said = dict(file[where.profile])
    if not (said.get("host") or said.get("azure_workspace_resource_id")):
        raise NoCredentials(f"{missing} gives it no host. {_how(where)}", id="no-credentials")
    return said


def _of_profile(said: Mapping[str, str]) -> type[Config]:
    """The SDK's `Config` for a named profile that says `said`: little of the environment counts.

    From the profile alone: the host and all that says where, `auth_type`, token, password, client
    secret (`_OF_THE_ENVIRONMENT`): `prod`'s token must not reach the environment's host, nor the
    environment's token `prod`'s. From the environment: settings that log in nowhere (timeouts,
    paths, `ARM_ENVIRONMENT`); and, where the profile names an `auth_type` or holds no credential,
    what a method takes from CI or from another service to ask for a token of that very workspace:
    DATABRICKS_CLIENT_ID and DATABRICKS_OIDC_*, ARM_*, GOOGLE_*. A host alone is enough for a login
    that a tool keeps (`databricks auth login`, `az login`), which the environment does not hold.
    """
    from databricks.sdk.core import Config  # noqa: PLC0415 - as in `_config`

    complete = not said.get("auth_type") and any(
        said.get(attribute.name) for attribute in Config.attributes() if attribute.auth
    )

    class OfProfile(Config):
        @classmethod
        def attributes(cls) -> list[ConfigAttribute]:
            """The SDK's own; what must not be read from the environment has no variable there."""
            found = [copy.copy(attribute) for attribute in Config.attributes()]
            for one in found:
                if one.name in _OF_THE_ENVIRONMENT or (complete and one.auth):
                    one.env, one.env_aliases = "", []
            return found

    return OfProfile


def _kept(config: Config) -> Authenticate:
    """The headers of one token for as long as it is valid, whichever threads ask."""
    asked_alone = Lock()
    kept: list[Token] = []

    def headers() -> Mapping[str, str]:
        with asked_alone:
            if not (kept and kept[0].valid):
                kept[:] = [config.oauth_token()]
            return {"Authorization": f"{kept[0].token_type} {kept[0].access_token}"}

    return headers


def _config(where: Where, environment: Mapping[str, str]) -> Config:
    from databricks.sdk.core import Config  # noqa: PLC0415 - over a second, needed here only

    known = {attribute.name for attribute in Config.attributes()}
    said: dict[str, Any] = {  # any of the SDK's arguments
        name: value for name, value in _settings(where, environment).items() if name in known
    }
    _refuse_user(said.get("host", ""))  # the SDK would call it first
    kind = Config if where.profile is None else _of_profile(said)
    said["profile"] = where.profile or environment.get("DATABRICKS_CONFIG_PROFILE")
    # Both limits: with an unreachable host the defaults keep the constructor busy for minutes.
    return kind(**{**said, "retry_timeout_seconds": 30, "http_timeout_seconds": 10})


def _unified(where: Where, environment: Mapping[str, str]) -> Credentials:
    try:
        config = _config(where, environment)
    except (configparser.Error, UnicodeError) as wrong:
        # configparser quotes the line that it cannot read.
        raise _unreadable(wrong, environment) from None
    except OSError as wrong:
        # `requests` has errors of that kind too: those tell of no file.
        if wrong.filename is not None:
            raise _unreadable(wrong, environment) from None
        raise NoCredentials(
            f"No credentials for {_named(where, environment)}: {_reason(wrong)}. {_how(where)}",
            id="no-credentials",
        ) from None
    except ValueError as invalid:
        if isinstance(invalid.__cause__, UnicodeError):
            raise _unreadable(invalid.__cause__, environment) from None
        raise NoCredentials(
            f"No credentials for {_named(where, environment)}: {_reason(invalid)}. {_how(where)}",
            id="no-credentials",
        ) from None
    if not config.host:
        raise NoCredentials(f"No Databricks workspace is named. {_HOW}", id="no-workspace")
    _refuse_user(config.host)
    if where.profile is not None and config.auth_type in _OF_THE_MACHINE:
        raise NoCredentials(
            f"No credentials for the profile {where.profile}: it holds none, and the login of this "
            f"machine ({config.auth_type}) is to another workspace. {_how(where)}",
            id="no-credentials",
        )

    headers = _kept(config) if config.auth_type in _EXCHANGED else config.authenticate

    def authenticate() -> Mapping[str, str]:
        try:
            return headers()
        except (ValueError, OSError) as invalid:
            # OSError: what `requests` and the SDK's own errors derive from.
            raise NoCredentials(
                f"{config.host} gives no token: {_reason(invalid)}. {_HOW}", id="no-token"
            ) from None

    return Credentials(with_scheme(config.host), authenticate, str(config.auth_type))

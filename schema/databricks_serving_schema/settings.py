"""What a program says of how, and in which workspace: recorded, never sent."""

from __future__ import annotations

import re
from typing import Annotated, Any

from .limits import Choices, OneOf, Spelled
from .policy import BY_VALUE, OnChange, Policy, Readback, Severity, setting
from .values import Boolean, Each, Said, Value

DURATION = Spelled(
    r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", "takes a duration such as 2h, 45m or 1h30m"
)


def seconds(duration: str) -> int:
    """`"2h"`, `"45m"`, `"1h30m"`, `"90s"` in seconds. Raises ValueError for anything else."""
    match = re.fullmatch(DURATION.pattern, duration, re.ASCII)
    if not match:
        raise ValueError(f"{duration!r} {DURATION.says}")
    hours, minutes, rest = (int(group or 0) for group in match.groups())
    return hours * 3600 + minutes * 60 + rest


class Deploy(Value):
    """How an endpoint's changes are rolled out."""

    wait: Annotated[
        Said[str],
        setting("says when a run is done", default="ready"),
        Choices(("ready", "accepted")),
    ] = None
    """Until the endpoint is ready, or only until the service accepted the change."""
    timeout: Annotated[Said[str], setting("says how long a run waits"), DURATION] = None
    """How long to wait, such as 2h or 1h30m; left out, by kind of workload."""
    on_update_in_progress: Annotated[
        Said[str],
        setting("says what a run does about an update under way", default="wait"),
        Choices(("wait", "fail", "abandon")),
    ] = None
    """Wait for it, fail, or delete a first deployment that never became ready."""
    replace_on: Annotated[
        Said[tuple[Each[str], ...]],
        setting("says which changes may replace a live endpoint"),
        BY_VALUE,
        Choices(("description", "budget_policy_id")),
    ] = None
    """Fields that no call changes, whose change then replaces the endpoint."""
    redeploy_on: Annotated[
        Said[tuple[Any, ...]],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="a running model keeps a rotated secret's old value until its next PUT config",
            severity=Severity.LOW,
            source="Databricks page on resources for model serving",
        ),
    ] = None
    """Any values; a change of one sends the same configuration again."""


class WorkspaceChoice(Value):
    """Which workspace: a profile of the Databricks configuration file, or a host. No credential."""

    profile: Annotated[Said[str], setting("says where to"), OneOf("workspace", needed=False)] = None
    """Profile of the Databricks configuration file."""
    host: Annotated[Said[str], setting("says where to"), OneOf("workspace", needed=False)] = None
    """Address of the workspace."""


_ADOPT = setting(
    "says what a create does where the thing is there already", default=False, recorded=False
)
_WORKSPACE = setting("says where to; moving to another workspace is an error, never a deletion")
_ON_DELETE = setting("used by delete only", default="restore")
_MODE = setting("says what is done about what is not declared", default="additive")
_MODES = Choices(("additive", "authoritative"))


class EndpointSettings(Value):
    """What a program says of an endpoint beside what it is."""

    allow_multiple_external_models: Annotated[
        Said[Boolean],
        setting("lifts a rule that not every workspace has", default=False, recorded=False),
    ] = None
    """The workspace allows several external models behind one endpoint."""
    deploy: Annotated[Said[Deploy], setting("says how changes are rolled out")] = None
    """How changes are rolled out."""
    adopt: Annotated[Said[Boolean], _ADOPT] = None
    """An existing endpoint of that name is taken over, and brought to what is said here."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class GatewaySettings(Value):
    """What a program says of a gateway beside what it is."""

    mode: Annotated[Said[str], _MODE, _MODES] = None
    """additive: undeclared sections stay as they are; authoritative: they are removed."""
    on_delete: Annotated[Said[str], _ON_DELETE, Choices(("restore", "clear", "keep"))] = None
    """Put back what stood there before, clear the sections, or leave them."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class RateLimitsSettings(Value):
    """What a program says of rate limits beside what they are."""

    on_delete: Annotated[Said[str], _ON_DELETE, Choices(("restore", "clear", "keep"))] = None
    """Put back the limits that stood there before, clear them, or leave them."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class ScopeSettings(Value):
    """What a program says of a secret scope beside what it is."""

    force_destroy: Annotated[Said[Boolean], setting("used by delete only", default=False)] = None
    """Delete the scope even where it holds secrets of others."""
    adopt: Annotated[Said[Boolean], _ADOPT] = None
    """An existing scope of that name is taken over."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class SecretSettings(Value):
    """What a program says of a secret beside what it is."""

    adopt: Annotated[Said[Boolean], _ADOPT] = None
    """An existing secret of that key is taken over, and its value overwritten."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class AclSettings(Value):
    """What a program says of an access rule beside what it is."""

    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""


class PermissionsSettings(Value):
    """What a program says of grants beside what they are."""

    mode: Annotated[Said[str], _MODE, _MODES] = None
    """additive: other grants stay as they are; authoritative: they are removed."""
    workspace: Annotated[Said[WorkspaceChoice], _WORKSPACE] = None
    """Which workspace: never a credential."""

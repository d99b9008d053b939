"""What the stack's configuration says (`databricks-serving:…`), typed, with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databricks_serving_schema import Allowances, InvalidResource, Problem

NAMESPACE = "databricks-serving"
_SWITCHES = ("ownershipTag", "allowMultipleExternalModels", "allowUnknownFields")
_READ_BACK = "readBack"
SETTING_NAMES = tuple(f"{NAMESPACE}:{name}" for name in ("profile", "host", _READ_BACK, *_SWITCHES))


@dataclass(frozen=True)
class StackSettings:
    """The stack configuration of this provider.

    `profile`, `host`: which workspace; `ownership_tag`: whether a create leaves its mark;
    `read_back_warns`: what the service does not keep of a write is told and recorded, no error;
    `allowances`: what the rules let pass.
    """

    profile: str | None = None
    host: str | None = None
    ownership_tag: bool = True
    read_back_warns: bool = False
    allowances: Allowances = field(default_factory=Allowances)


def stack_settings(config: Mapping[str, object]) -> StackSettings:
    """The settings among the whole stack configuration, keys with their namespace.

    Raises `InvalidResource` where one does not fit.
    """
    own = {
        key.removeprefix(f"{NAMESPACE}:"): str(value)
        for key, value in config.items()
        if key.startswith(f"{NAMESPACE}:")
    }
    problems = tuple(
        Problem(
            (),
            "stack-configuration",
            f"stack configuration {NAMESPACE}:{name} takes true or false; set it with "
            f"`pulumi config set {NAMESPACE}:{name} true`",
        )
        for name in _SWITCHES
        if own.get(name, "true").lower() not in ("true", "false")
    )
    if own.get(_READ_BACK, "error").lower() not in ("error", "warn"):
        problems += (
            Problem(
                (),
                "stack-configuration",
                f"stack configuration {NAMESPACE}:{_READ_BACK} takes error or warn; set it with "
                f"`pulumi config set {NAMESPACE}:{_READ_BACK} warn`",
            ),
        )
    if problems:
        raise InvalidResource(problems)
    on = {name: own[name].lower() == "true" for name in _SWITCHES if name in own}
    return StackSettings(
        profile=own.get("profile"),
        host=own.get("host"),
        ownership_tag=on.get("ownershipTag", True),
        read_back_warns=own.get(_READ_BACK, "error").lower() == "warn",
        allowances=Allowances(
            multiple_external_models=on.get("allowMultipleExternalModels", False),
            unknown_fields=on.get("allowUnknownFields", False),
        ),
    )

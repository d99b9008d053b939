"""What the stack's configuration says (`databricks-serving:…`), typed, with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databricks_serving_schema import Allowances, InvalidResource, Problem

NAMESPACE = "databricks-serving"
SETTING_NAMES = tuple(
    f"{NAMESPACE}:{name}"
    for name in (
        "profile",
        "host",
        "ownershipTag",
        "allowMultipleExternalModels",
        "allowUnknownFields",
    )
)


@dataclass(frozen=True)
class StackSettings:
    """The stack configuration of this provider.

    `profile`, `host`: which workspace; `ownership_tag`: whether a create leaves its mark;
    `allowances`: what the rules let pass.
    """

    profile: str | None = None
    host: str | None = None
    ownership_tag: bool = True
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
    return StackSettings(
        profile=own.get("profile"),
        host=own.get("host"),
        ownership_tag=_truth(own, "ownershipTag", default=True),
        allowances=Allowances(
            multiple_external_models=_truth(own, "allowMultipleExternalModels", default=False),
            unknown_fields=_truth(own, "allowUnknownFields", default=False),
        ),
    )


def _truth(own: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = own.get(name)
    if text is None:
        return default
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise InvalidResource(
        (
            Problem(
                (),
                "stack-configuration",
                f"stack configuration {NAMESPACE}:{name} takes true or false; set it with "
                f"`pulumi config set {NAMESPACE}:{name} true`",
            ),
        )
    )

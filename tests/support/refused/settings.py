"""Breaches of what a program says of how, and in which workspace."""

from __future__ import annotations

from databricks_serving_schema import UNKNOWN

from ..endpoints import Json, program
from .breach import Breach, one
from .secrets import access, granted, scope, secret

_GATEWAY: Json = {"endpoint_name": "chat"}
_LIMITS: Json = {"endpoint_name": "chat", "rate_limits": []}
_TRUTH = "takes true or false"

#: What a program says of each kind of resource, without its settings.
_OF: dict[str, Json] = {
    "ServingEndpoint": program(),
    "AiGateway": _GATEWAY,
    "RateLimits": _LIMITS,
    "SecretScope": scope(),
    "Secret": secret(),
    "SecretAcl": access(),
    "EndpointPermissions": granted(),
}


def _with(kind: str, **settings: object) -> Json:
    return {**_OF[kind], **settings}


KEPT = {
    "an empty deploy": Breach(program(deploy={})),
    "deploy, all of it not yet known": Breach(
        program(deploy={"wait": UNKNOWN, "timeout": UNKNOWN, "replace_on": UNKNOWN})
    ),
    "nothing replaces": Breach(program(deploy={"replace_on": [], "redeploy_on": []})),
    "the same value twice": Breach(program(deploy={"redeploy_on": ["a", "a", UNKNOWN]})),
    "adopt as text": Breach(program(adopt="true")),
    **{f"{kind}, no workspace": Breach(_with(kind, workspace={}), kind=kind) for kind in _OF},
}

BROKEN = {
    "known-value, how long to wait": Breach(
        program(deploy={"wait": "redy", "on_update_in_progress": "give up"}),
        (
            ("deploy.wait", "known-value", "not known here; did you mean 'ready'?"),
            (
                "deploy.on_update_in_progress",
                "known-value",
                "not known here; known are wait, fail, abandon",
            ),
        ),
    ),
    "known-value, what replaces": one(
        program(deploy={"replace_on": ["description", "tags"]}),
        "deploy.replace_on[1]",
        "known-value",
        "not known here; known are description, budget_policy_id",
    ),
    "stands-once, what replaces": one(
        program(deploy={"replace_on": ["description", "description"]}),
        "deploy.replace_on[1]",
        "stands-once",
        "stands here already",
    ),
    **{
        f"spelling, {how} for a duration": one(
            program(deploy={"timeout": said}),
            "deploy.timeout",
            "spelling",
            "takes a duration such as 2h, 45m or 1h30m",
        )
        for how, said in (("a word", "soon"), ("nothing", ""), ("a bare number", "5"))
    },
    "type, of deploy": Breach(
        program(deploy={"wait": 7, "redeploy_on": "x", "replace_on": "description"}),
        (
            ("deploy.wait", "type", "takes text, in quotes"),
            ("deploy.replace_on", "type", "takes a list"),
            ("deploy.redeploy_on", "type", "takes a list"),
        ),
    ),
    "unknown-field, of deploy": Breach(
        program(deploy={"wiat": "ready", "frobnicate": 1}),
        (
            ("deploy.wiat", "unknown-field", "no such field; did you mean 'wait'?"),
            (
                "deploy.frobnicate",
                "unknown-field",
                (
                    "no such field; deploy has wait, timeout, on_update_in_progress, replace_on, "
                    "redeploy_on"
                ),
            ),
        ),
    ),
    "type, switches of an endpoint": Breach(
        program(adopt="yes", allow_multiple_external_models=1),
        (
            ("allow_multiple_external_models", "type", _TRUTH),
            ("adopt", "type", _TRUTH),
        ),
    ),
    **{
        f"type, {name} of {kind}": one(_with(kind, **{name: 1}), name, "type", _TRUTH, kind=kind)
        for kind, name in (
            ("SecretScope", "adopt"),
            ("SecretScope", "force_destroy"),
            ("Secret", "adopt"),
        )
    },
    **{
        f"one-of, two workspaces of {kind}": one(
            _with(kind, workspace={"profile": "a", "host": "b"}),
            "workspace",
            "one-of",
            "say at most one of profile and host; here are profile and host",
            kind=kind,
        )
        for kind in _OF
    },
    **{
        f"unknown-field, a credential in the workspace of {kind}": one(
            _with(kind, workspace={"host": "https://example.com", "token": "dapi"}),
            "workspace.token",
            "unknown-field",
            "no such field; workspace has profile, host",
            kind=kind,
        )
        for kind in _OF
    },
    **{
        f"known-value, mode of {kind}": one(
            _with(kind, mode="aditive"),
            "mode",
            "known-value",
            "not known here; did you mean 'additive'?",
            kind=kind,
        )
        for kind in ("AiGateway", "EndpointPermissions")
    },
    **{
        f"known-value, on_delete of {kind}": one(
            _with(kind, on_delete="destroy"),
            "on_delete",
            "known-value",
            "not known here; known are restore, clear, keep",
            kind=kind,
        )
        for kind in ("AiGateway", "RateLimits")
    },
}

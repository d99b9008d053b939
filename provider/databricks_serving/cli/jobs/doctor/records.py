"""The state: whether it can be read, and whether all in it is as this release writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from databricks_serving.api import WorkspaceIdentity
from databricks_serving.apply.recorded import is_newer
from databricks_serving.errors import ServingError
from databricks_serving.state.bag import text
from databricks_serving.state.deployment import Recorded
from databricks_serving.state.keys import (
    BEFORE,
    CREDENTIALS,
    FORMAT_NUMBER,
    KEY,
    PROVIDER,
    WORKSPACE_HOST,
    WORKSPACE_ID,
)
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_schema import RESOURCES, Value, fields_of

from .check import Check, Finding, Surroundings, failed, ok, skipped, some, warning

_GROUP = "State"
_MODELS = {resource.name: resource.model for resource in RESOURCES}


def readable(around: Surroundings) -> Finding:
    """Whether the state can be read at all."""
    state = around.state_or_error()
    if isinstance(state, ServingError):
        return failed("the state cannot be read", str(state))
    deployment, _ = state
    name = "/".join(filter(None, (deployment.project, deployment.stack))) or "an empty state"
    return ok(f"{name}: {len(deployment.resources)} resources of ours, {deployment.others} others")


def providers(around: Surroundings) -> Finding:
    """Whether each resource carries the constant that names its provider, not code by value."""
    odd = [
        _named(recorded)
        for recorded in around.deployment.resources
        if any(
            isinstance(blob := side.get(PROVIDER), str) and blob != PROVIDER_OF[recorded.kind]
            for side in (recorded.inputs, recorded.outputs)
        )
    ]
    if odd:
        return failed(
            f"{some(odd)}: the provider stands in the state as code by value, which runs instead "
            f"of what is installed",
            "Make the resource with databricks_serving's own class, then run `pulumi up`: it "
            "writes the constant.",
        )
    return ok("every resource names the installed provider")


def formats(around: Surroundings) -> Finding:
    """Whether a newer release than this has written."""
    newer = [
        _named(recorded) for recorded in around.deployment.resources if is_newer(recorded.outputs)
    ]
    if newer:
        return failed(
            f"{some(newer)}: written by a newer release than this one",
            "Install the newer release here too: pip install --upgrade databricks-serving",
        )
    return ok(f"format {FORMAT_NUMBER}, as this release writes it")


def pending(around: Surroundings) -> Finding:
    """Whether a killed engine has left operations open."""
    left = [urn.rsplit("::", 1)[-1] for urn in around.deployment.pending]
    if left:
        return failed(
            f"a run was killed in the middle of {some(left)}",
            "If no run is under way: `pulumi cancel`, then `pulumi refresh "
            "--clear-pending-creates`. The next `pulumi up` takes back what was created.",
        )
    return ok("no operation is pending")


def unfinished(around: Surroundings) -> Finding:
    """Whether some resource's last run did not end well."""
    left = [_named(recorded) for recorded in around.deployment.resources if recorded.unfinished]
    if left:
        return warning(
            f"the last run did not finish {some(left)}",
            "`pulumi up` goes on from there. If an update hangs: `dbserving cancel NAME`.",
        )
    return ok("every resource was finished")


def workspaces(around: Surroundings) -> Finding:
    """Whether the credentials lead to where the resources were recorded."""
    elsewhere: dict[str, str] = {}
    looked = False
    for recorded in around.deployment.resources:
        host = text(recorded.outputs, WORKSPACE_HOST)
        if host is None:
            continue
        known = WorkspaceIdentity(host, text(recorded.outputs, WORKSPACE_ID))
        here = around.api_of(recorded).identity()
        looked = True
        if not here.same_as(known):
            elsewhere[_named(recorded)] = f"{known.workspace_id or known.host} ({known.host})"
    if not looked:
        return skipped("the state has no resource that is recorded in a workspace")
    if elsewhere:
        there = " and ".join(sorted(set(elsewhere.values())))
        return failed(
            f"{some(list(elsewhere))}: recorded in workspace {there}, and the credentials lead "
            f"elsewhere",
            "Set credentials for that workspace, or `pulumi destroy` there before moving.",
        )
    return ok("recorded where the credentials lead")


def secrets(around: Surroundings) -> Finding:
    """Whether everything that the schema calls secret is encrypted."""
    clear = [
        f"{_named(recorded)}: {path}"
        for recorded in around.deployment.resources
        for path in dict.fromkeys(_in_clear(recorded))
    ]
    if clear:
        return failed(
            f"in clear in the state: {some(clear)}",
            "Make the resource with databricks_serving's own class and `pulumi up`, which encrypts "
            "it. Then replace the credential: the state's history still shows it.",
        )
    return ok("none is in clear")


def _in_clear(recorded: Recorded) -> Iterator[str]:
    """Where a secret can be read in the state; never what it is."""
    model = _MODELS[recorded.kind]
    for side in (recorded.inputs, recorded.outputs):
        yield from _secrets_in(model, side, "")
        yield from _texts_in(side.get(CREDENTIALS), CREDENTIALS)
        if isinstance(side.get(KEY), str):
            yield KEY
        if isinstance(side.get(BEFORE), Mapping):
            yield BEFORE


def _secrets_in(model: type[Value], tree: object, path: str) -> Iterator[str]:
    if isinstance(tree, list):
        for inner in tree:
            yield from _secrets_in(model, inner, path)
    elif isinstance(tree, Mapping):
        for name, field in fields_of(model).items():
            here = f"{path}.{name}" if path else name
            if field.secret and isinstance(tree.get(name), str):
                yield here
            elif field.model is not None:
                yield from _secrets_in(field.model, tree.get(name), here)


def _texts_in(tree: object, path: str) -> Iterator[str]:
    if isinstance(tree, str):
        yield path
    elif isinstance(tree, Mapping):
        for name, inner in tree.items():
            yield from _texts_in(inner, f"{path}.{name}")


def _named(recorded: Recorded) -> str:
    return f"{recorded.kind} {recorded.name}"


CHECKS = (
    Check("state", _GROUP, "State", readable),
    Check("providers", _GROUP, "Providers", providers),
    Check("formats", _GROUP, "Format", formats),
    Check("pending-operations", _GROUP, "Pending", pending),
    Check("unfinished", _GROUP, "Unfinished", unfinished),
    Check("recorded-workspace", _GROUP, "Workspace", workspaces),
    Check("secrets-in-clear", _GROUP, "Secrets", secrets),
)

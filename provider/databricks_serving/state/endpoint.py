"""A serving endpoint's property bags: inputs of the program, outputs of the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from databricks_serving_schema import (
    Allowances,
    Deploy,
    Endpoint,
    InvalidResource,
    Path,
    Problem,
    Unknown,
    WorkspaceChoice,
    fields_of,
    parse_answer,
    parse_endpoint,
    read_program,
)

from .bag import Bag, said
from .credentials import with_credentials
from .keys import CREDENTIALS, PROVIDER, SECRET_LEAVES

#: Inputs that say how, never what: they are recorded, and sent nowhere.
SETTINGS = ("deploy", "adopt", "workspace", "allow_multiple_external_models")
#: What stands in inputs beside what the program says.
_BESIDE = (*SETTINGS, CREDENTIALS, SECRET_LEAVES, PROVIDER, "invocation_url")


@dataclass(frozen=True)
class EndpointInputs:
    """What a program says of an endpoint.

    `marked`: the paths of leaves and containers that it marks as secret, positions as numbers.
    """

    endpoint: Endpoint
    deploy: Deploy
    workspace: WorkspaceChoice | None
    adopt: bool
    marked: tuple[Path, ...]


def endpoint_inputs(bag: Mapping[str, Any], allowances: Allowances) -> EndpointInputs:
    """The inputs as a program says them. Raises `InvalidResource` with every problem."""
    problems: list[Problem] = [*_plaintext_in_config(bag)]
    several = bag.get("allow_multiple_external_models")
    if several is not None and not isinstance(several, Unknown):
        allowances = Allowances(
            multiple_external_models=several in (True, "true"),
            unknown_fields=allowances.unknown_fields,
        )
    deploy, more = read_program(Deploy, section_said(bag, "deploy"), allowances, at=("deploy",))
    problems += more
    workspace, more = workspace_choice(bag, allowances)
    problems += more
    own = dict(with_credentials(dict(bag)).items())
    own = {name: value for name, value in own.items() if name not in _BESIDE}
    try:
        endpoint = parse_endpoint(own, allowances)
    except InvalidResource as invalid:
        raise InvalidResource((*invalid.problems, *problems)) from None
    if problems:
        raise InvalidResource(tuple(problems))
    return EndpointInputs(
        endpoint=endpoint,
        deploy=deploy,
        workspace=workspace,
        adopt=bag.get("adopt") in (True, "true"),
        marked=marked_paths(bag),
    )


def section_said(bag: Mapping[str, Any], name: str) -> Any:
    """What is said under `name`; nothing, and what is not yet known, count as an empty object."""
    value = bag.get(name)
    return {} if value is None or isinstance(value, Unknown) else value


def workspace_choice(
    bag: Mapping[str, Any], allowances: Allowances
) -> tuple[WorkspaceChoice | None, tuple[Problem, ...]]:
    """Which workspace the program names, if it names one."""
    chosen = section_said(bag, "workspace")
    if chosen == {}:
        return None, ()
    return read_program(WorkspaceChoice, chosen, allowances, at=("workspace",))


def marked_paths(bag: Mapping[str, Any]) -> tuple[Path, ...]:
    """The paths in `__secret_leaves`: lists of names and positions (doubles on Pulumi's wire)."""
    leaves = bag.get(SECRET_LEAVES)
    if not isinstance(leaves, (list, tuple)):
        return ()
    return tuple(
        tuple(step if isinstance(step, str) else int(step) for step in path) for path in leaves
    )


def _plaintext_in_config(bag: Mapping[str, Any]) -> list[Problem]:
    """Plaintext credentials that the constructor has not moved: they would be kept in clear."""
    found: list[Problem] = []

    def walk(value: object, path: Path) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if str(name).endswith("_plaintext"):
                    found.append(
                        Problem(
                            (*path, str(name)),
                            "plaintext-in-config",
                            "a plaintext credential must not stand here, where it would be kept in "
                            "clear; create the endpoint with databricks_serving.ServingEndpoint, "
                            "which moves it to the secret input `credentials`",
                        )
                    )
                else:
                    walk(inner, (*path, str(name)))
        elif isinstance(value, (list, tuple)):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))

    walk(bag.get("config"), ("config",))
    return found


def normal_inputs(bag: Mapping[str, Any], inputs: EndpointInputs) -> Bag:
    """The bag in its normal form: names filled in, numbers whole, all else as it was said."""
    return {**bag, **said(inputs.endpoint)}


def visible_endpoint(outputs: Mapping[str, Any]) -> Endpoint:
    """What the outputs show of the endpoint: what the last read or write saw."""
    return parse_answer(
        Endpoint, {name: outputs[name] for name in fields_of(Endpoint) if name in outputs}
    )

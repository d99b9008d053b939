"""A serving endpoint's property bags: inputs of the program, outputs of the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from databricks_serving_schema import (
    Allowances,
    Config,
    Deploy,
    Endpoint,
    EndpointSettings,
    InvalidResource,
    Path,
    Problem,
    Unknown,
    Value,
    WorkspaceChoice,
    fields_of,
    judge,
    parse_answer,
    parse_endpoint,
    read_program,
    with_default_names,
)

from .bag import Bag, said
from .credentials import with_credentials
from .derived import derived_of
from .keys import CREDENTIALS, PROVIDER, SECRET_LEAVES

S = TypeVar("S", bound=Value)

#: What is sent nowhere is known, or misspelt.
_ALL_KNOWN = Allowances()
#: What stands in inputs beside what the program says.
_BESIDE = (
    *fields_of(EndpointSettings),
    CREDENTIALS,
    SECRET_LEAVES,
    PROVIDER,
    *derived_of(Endpoint),
)


@dataclass(frozen=True)
class EndpointInputs:
    """What a program says of an endpoint.

    `shown`: the endpoint without its credentials, which stand apart. `marked`: the paths of leaves
    and containers that the program marks as secret, positions as numbers.
    """

    endpoint: Endpoint
    shown: Endpoint
    deploy: Deploy
    workspace: WorkspaceChoice | None
    adopt: bool
    marked: tuple[Path, ...]


def endpoint_inputs(bag: Mapping[str, Any], allowances: Allowances) -> EndpointInputs:
    """The inputs as a program says them. Raises `InvalidResource` with every problem."""
    allowances = _with_own_allowance(bag, allowances)
    settings, problems = settings_of(EndpointSettings, bag)
    problems += (*_plaintext_in_config(bag), *_name_in_config(bag), *_secret_tag_keys(bag))
    try:
        endpoint = parse_endpoint(
            _own(with_credentials(dict(bag))), allowances, beside=tuple(fields_of(EndpointSettings))
        )
    except InvalidResource as invalid:
        raise InvalidResource((*invalid.problems, *problems)) from None
    if problems:
        raise InvalidResource(problems)
    return EndpointInputs(
        endpoint=endpoint,
        shown=_shown(bag, endpoint, allowances),
        deploy=settings.deploy if isinstance(settings.deploy, Deploy) else Deploy(),
        workspace=_chosen(settings.workspace),
        adopt=settings.adopt is True,
        marked=marked_paths(bag),
    )


def _shown(bag: Mapping[str, Any], endpoint: Endpoint, allowances: Allowances) -> Endpoint:
    if bag.get(CREDENTIALS) is None:
        return endpoint
    shown, _ = read_program(Endpoint, _own(bag), allowances)
    return with_default_names(shown)


def _own(bag: Mapping[str, Any]) -> Bag:
    # By exclusion: a misspelt field must not get lost.
    own = {name: value for name, value in bag.items() if name not in _BESIDE}
    if isinstance(own.get("config"), Mapping):
        own["config"] = {name: v for name, v in own["config"].items() if name != "name"}
    return own


def _name_in_config(bag: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The documentation's PUT body repeats the endpoint's name; accepted where it is the same."""
    config = bag.get("config")
    named = config.get("name") if isinstance(config, Mapping) else None
    if named is None or named == bag.get("name") or isinstance(named, Unknown):
        return ()
    if isinstance(bag.get("name"), Unknown):
        return ()
    return (
        Problem(
            ("config", "name"),
            "config-name",
            "is not the endpoint's own name; leave it out, the endpoint is named by `name`",
        ),
    )


def _secret_tag_keys(bag: Mapping[str, Any]) -> Iterator[Problem]:
    """A tag is found by its key, which is a name in every map: those are never secret."""
    for path in marked_paths(bag):
        if path[:1] == ("tags",) and path[2:] == ("key",):
            yield Problem(
                path,
                "secret-tag-key",
                "is marked as secret, and a tag's key is a name that stands in clear in the state; "
                "only its value can be secret",
            )


def _with_own_allowance(bag: Mapping[str, Any], allowances: Allowances) -> Allowances:
    several = bag.get("allow_multiple_external_models")
    if several is None:
        return allowances
    # What is not yet known may turn out to be True.
    allowed = isinstance(several, Unknown) or several in (True, "true")
    return replace(allowances, multiple_external_models=allowed)


def settings_of(model: type[S], bag: Mapping[str, Any]) -> tuple[S, tuple[Problem, ...]]:
    """What a program says of how, never what, and what is wrong with it."""
    own = {name: bag[name] for name in fields_of(model) if bag.get(name) is not None}
    # Most programs say none, and what that makes never changes.
    return _settings_in(model, own) if own else _no_settings(model)


@cache
def _no_settings(model: type[S]) -> tuple[S, tuple[Problem, ...]]:
    return _settings_in(model, {})


def _settings_in(model: type[S], own: Bag) -> tuple[S, tuple[Problem, ...]]:
    settings, problems = read_program(model, own, _ALL_KNOWN)
    return settings, (*problems, *judge(settings, _ALL_KNOWN))


def _chosen(workspace: WorkspaceChoice | Unknown | None) -> WorkspaceChoice | None:
    if not isinstance(workspace, WorkspaceChoice) or not said(workspace):
        return None
    return workspace


def marked_paths(bag: Mapping[str, Any]) -> tuple[Path, ...]:
    """The paths in `__secret_leaves`: lists of names and positions (doubles on Pulumi's wire)."""
    leaves = bag.get(SECRET_LEAVES)
    if not isinstance(leaves, (list, tuple)):
        return ()
    return tuple(
        tuple(int(step) if isinstance(step, float) else step for step in path) for path in leaves
    )


def _plaintext_in_config(bag: Mapping[str, Any]) -> Iterator[Problem]:
    """Plaintext credentials that the constructor has not moved: they would be kept in clear."""
    for path in _secrets_said(Config, bag.get("config"), ("config",)):
        yield Problem(
            path,
            "plaintext-in-config",
            "a plaintext credential must not stand here, where it would be kept in clear; create "
            "the endpoint with databricks_serving.ServingEndpoint, which moves it to the secret "
            "input `credentials`",
        )


def _secrets_said(model: type[Value], tree: object, path: Path) -> Iterator[Path]:
    """Where a secret field is said: maps of the user's own names are none of the schema's."""
    if isinstance(tree, (list, tuple)):
        for index, inner in enumerate(tree):
            yield from _secrets_said(model, inner, (*path, index))
    elif isinstance(tree, Mapping):
        for name, field in fields_of(model).items():
            if field.secret and tree.get(name) is not None:
                yield *path, name
            elif field.model is not None:
                yield from _secrets_said(field.model, tree.get(name), (*path, name))


def normal_inputs(bag: Mapping[str, Any], inputs: EndpointInputs) -> Bag:
    """The bag in its normal form: names filled in, numbers whole, all else as it was said."""
    return {**bag, **said(inputs.shown)}


def visible_endpoint(outputs: Mapping[str, Any]) -> Endpoint:
    """What the outputs show of the endpoint: what the last read or write saw."""
    return parse_answer(
        Endpoint, {name: outputs[name] for name in fields_of(Endpoint) if name in outputs}
    )

"""What the constructor does to its arguments, seen as the engine sees them."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from databricks_serving import (
    AiGateway,
    EndpointPermissions,
    RateLimits,
    Secret,
    SecretAcl,
    SecretScope,
    ServingEndpoint,
)
from databricks_serving.state.tokens import PROVIDER_OF

KEY = "external_model.openai_config.openai_api_key_plaintext"


LIMIT = {"calls": 5, "key": "user", "renewal_period": "minute"}
GRANT = {"group_name": "analysts", "permission_level": "CAN_QUERY"}


class Recorder(Mocks):
    """Keeps what was registered."""

    def __init__(self) -> None:
        self.registered: dict[str, MockResourceArgs] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.registered[args.name] = args
        return args.name, dict(args.inputs)

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        return dict(args.args)


def registered(declare: Any) -> MockResourceArgs:
    """What the resource that `declare` makes was registered with."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, preview=False)

    @pulumi.runtime.test
    def program() -> None:
        declare()

    program()
    return recorder.registered["x"]


def entity(**openai: Any) -> dict[str, Any]:
    model = {"name": "gpt-4", "provider": "openai", "task": "llm/v1/chat", "openai_config": openai}
    return {"name": "gpt", "external_model": model}


def secret_values(value: Any) -> Any:
    """`("secret", value)` for a secret; the mocks draw a leaf's mark up to the whole input."""
    if rpc.is_rpc_secret(value):
        return ("secret", rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: secret_values(inner) for key, inner in value.items()}
    return value


def test_type_and_provider_are_the_constants_for_a_subclass_too():
    class House(ServingEndpoint):
        pass

    args = registered(lambda: House("x", name="x"))

    assert args.typ == "pulumi-python:dynamic/databricks_serving:ServingEndpoint"
    assert args.inputs["__provider"] == PROVIDER_OF["ServingEndpoint"]


def test_a_plaintext_credential_moves_to_a_secret_input():
    config = {"served_entities": [entity(openai_api_key_plaintext="k", openai_api_type="openai")]}

    args = registered(lambda: ServingEndpoint("x", config=config))

    assert secret_values(args.inputs["credentials"]) == ("secret", {"gpt": {KEY: "k"}})
    kept = args.inputs["config"]["served_entities"][0]["external_model"]["openai_config"]
    assert kept == {"openai_api_type": "openai"}
    assert config["served_entities"][0]["external_model"]["openai_config"] == {
        "openai_api_key_plaintext": "k",
        "openai_api_type": "openai",
    }


def test_an_entity_without_a_name_keeps_its_credential_under_its_default_name():
    unnamed = {k: v for k, v in entity(openai_api_key_plaintext="k").items() if k != "name"}

    args = registered(lambda: ServingEndpoint("x", config={"served_entities": [unnamed]}))

    assert secret_values(args.inputs["credentials"]) == ("secret", {"gpt-4": {KEY: "k"}})


def test_a_credential_of_an_entity_whose_name_is_an_output_is_refused():
    def declare() -> None:
        named = {**entity(openai_api_key_plaintext="k"), "name": pulumi.Output.from_input("gpt")}
        ServingEndpoint("x", config={"served_entities": [named]})

    with pytest.raises(pulumi.RunError, match="needs a plain name"):
        registered(declare)


def test_a_credential_inside_an_output_container_moves_too():
    def declare() -> ServingEndpoint:
        held = pulumi.Output.from_input(entity(openai_api_key_plaintext="k"))
        return ServingEndpoint("x", config={"served_entities": [held]})

    args = registered(declare)

    assert secret_values(args.inputs["credentials"]) == ("secret", {"gpt": {KEY: "k"}})
    kept = args.inputs["config"]["served_entities"][0]["external_model"]["openai_config"]
    assert kept == {}


def test_no_credential_means_no_secret_input():
    reference = entity(openai_api_key="{{secrets/a/b}}")

    args = registered(lambda: ServingEndpoint("x", config={"served_entities": [reference]}))

    assert "credentials" not in args.inputs
    assert "__secret_leaves" not in args.inputs


def test_the_leaves_that_the_program_marks_secret_are_told_by_their_paths():
    def declare() -> ServingEndpoint:
        tags = {"open": pulumi.Output.from_input("o"), "shut": pulumi.Output.secret("s")}
        return ServingEndpoint("x", tags=tags, description=pulumi.Output.secret("d"))

    args = registered(declare)

    assert sorted(args.inputs["__secret_leaves"]) == [["description"], ["tags", "shut"]]


def test_tags_as_the_apis_list_become_a_map_before_anything_is_marked():
    def declare() -> ServingEndpoint:
        return ServingEndpoint("x", tags=[{"key": "a", "value": pulumi.Output.secret("s")}])

    args = registered(declare)

    assert secret_values(args.inputs["tags"]) == ("secret", {"a": "s"})
    assert args.inputs["__secret_leaves"] == [["tags", "a"]]


def test_the_older_name_of_a_routes_entity_becomes_the_present_one():
    routes = [{"served_model_name": "gpt", "traffic_percentage": 100}]
    config = {"served_entities": [], "traffic_config": {"routes": routes}}

    args = registered(lambda: ServingEndpoint("x", config=config))

    assert args.inputs["config"]["traffic_config"]["routes"] == [
        {"served_entity_name": "gpt", "traffic_percentage": 100}
    ]


def test_the_older_form_of_rate_limits_becomes_the_gateways():
    limit = {"calls": 5, "key": "user", "renewal_period": "minute"}

    args = registered(lambda: ServingEndpoint("x", rate_limits=[limit]))

    assert args.inputs["ai_gateway"] == {"rate_limits": [limit]}
    assert "rate_limits" not in args.inputs


@pytest.mark.parametrize("output", [False, True])
def test_what_is_no_gateway_is_left_to_check_with_the_limits_beside_it(output):
    limits = [{"calls": 1, "renewal_period": "minute"}]
    args = registered(
        lambda: ServingEndpoint(
            "x",
            ai_gateway=pulumi.Output.from_input("x") if output else "x",
            rate_limits=limits,
        )
    )

    assert args.inputs["ai_gateway"] == "x"
    # What an output turns out to be is known too late to leave them where they were.
    assert ("rate_limits" in args.inputs) is not output


def test_limits_of_the_gateway_that_are_none_are_none():
    limits = [{"calls": 1, "renewal_period": "minute"}]
    gateway = {"rate_limits": None}

    args = registered(lambda: ServingEndpoint("x", ai_gateway=gateway, rate_limits=limits))

    assert args.inputs["ai_gateway"] == {"rate_limits": limits}


@pytest.mark.parametrize(
    ("route", "made"),
    [
        ({"served_entity_name": None, "served_model_name": "a"}, {"served_entity_name": "a"}),
        ({"served_entity_name": "a", "served_model_name": None}, {"served_entity_name": "a"}),
        (
            {"served_entity_name": "a", "served_model_name": "b"},
            {"served_entity_name": "a", "served_model_name": "b"},
        ),
    ],
)
def test_of_the_two_names_of_a_route_one_that_is_none_is_unsaid(route, made):
    config = {"served_entities": [entity()], "traffic_config": {"routes": [route]}}

    args = registered(lambda: ServingEndpoint("x", config=config))

    assert args.inputs["config"]["traffic_config"]["routes"] == [made]


def test_both_forms_of_rate_limits_at_once_are_refused():
    limit = {"calls": 5, "key": "user", "renewal_period": "minute"}

    with pytest.raises(pulumi.RunError, match="either here or in ai_gateway"):
        registered(
            lambda: ServingEndpoint("x", rate_limits=[limit], ai_gateway={"rate_limits": []})
        )


def test_import_and_get_are_refused_with_the_way_that_works():
    with pytest.raises(pulumi.RunError, match="Say adopt=True instead"):
        registered(lambda: SecretScope("x", opts=pulumi.ResourceOptions(import_="x")))


def test_a_secrets_value_is_secret_even_if_the_program_says_it_plainly():
    args = registered(lambda: Secret("x", scope="s", key="k", value="v"))

    assert secret_values(args.inputs["value"]) == ("secret", "v")


EACH = {
    "ServingEndpoint": (ServingEndpoint, {"name": "chat"}),
    "AiGateway": (AiGateway, {"endpoint_name": "chat", "rate_limits": [LIMIT]}),
    "RateLimits": (RateLimits, {"endpoint_name": "chat", "rate_limits": [LIMIT]}),
    "SecretScope": (SecretScope, {"name": "keys"}),
    "Secret": (Secret, {"scope": "keys", "key": "k", "value_from_env": "KEY"}),
    "SecretAcl": (SecretAcl, {"scope": "keys", "principal": "analysts", "permission": "READ"}),
    "EndpointPermissions": (
        EndpointPermissions,
        {"endpoint_name": "chat", "access_control": [GRANT]},
    ),
}


@pytest.mark.parametrize("kind", EACH)
def test_each_kind_is_registered_with_its_constants_and_what_was_said(kind):
    resource, said = EACH[kind]

    args = registered(lambda: resource("x", **said))

    assert args.typ == f"pulumi-python:dynamic/databricks_serving:{kind}"
    assert {name: value for name, value in args.inputs.items() if value is not None} == {
        **said,
        "__provider": PROVIDER_OF[kind],
    }


@pytest.mark.parametrize(
    ("resource", "said"),
    [EACH["AiGateway"], EACH["RateLimits"], EACH["EndpointPermissions"]],
    ids=["AiGateway", "RateLimits", "EndpointPermissions"],
)
def test_the_name_of_an_endpoint_of_the_same_program_is_passed_on(resource, said):
    def declare() -> pulumi.Resource:
        endpoint = ServingEndpoint("endpoint", name="chat")
        return resource("x", **{**said, "endpoint_name": endpoint.name})

    args = registered(declare)

    assert args.inputs["endpoint_name"] == "chat"
    assert "__secret_leaves" not in args.inputs


def test_the_name_of_a_scope_of_the_same_program_is_passed_on():
    def declare() -> SecretAcl:
        scope = SecretScope("scope", name="keys")
        return SecretAcl("x", scope=scope.name, principal="analysts", permission="READ")

    args = registered(declare)

    assert args.inputs["scope"] == "keys"


SECRET = "s3cret"


def _hidden() -> pulumi.Output[str]:
    return pulumi.Output.secret(SECRET)


@pytest.mark.parametrize(
    ("declare", "paths"),
    [
        (
            lambda: AiGateway(
                "x", endpoint_name="chat", guardrails={"input": {"valid_topics": [_hidden()]}}
            ),
            [["guardrails", "input", "valid_topics", 0]],
        ),
        (
            lambda: RateLimits(
                "x",
                endpoint_name="chat",
                rate_limits=[{**LIMIT, "key": "user_group", "principal": _hidden()}],
            ),
            [["rate_limits", 0, "principal"]],
        ),
        (
            lambda: SecretAcl("x", scope="keys", principal=_hidden(), permission="READ"),
            [["principal"]],
        ),
        (
            lambda: EndpointPermissions(
                "x",
                endpoint_name="chat",
                access_control=[GRANT, {"user_name": _hidden(), "permission_level": "CAN_VIEW"}],
            ),
            [["access_control", 1, "user_name"]],
        ),
    ],
    ids=["AiGateway", "RateLimits", "SecretAcl", "EndpointPermissions"],
)
def test_each_kind_tells_which_leaves_are_secret(declare, paths):
    args = registered(declare)

    assert args.inputs["__secret_leaves"] == paths


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("AiGateway", ["__key", "__before"]),
        ("RateLimits", ["__key", "__before"]),
        ("SecretAcl", ["__key"]),
        ("EndpointPermissions", ["__key"]),
        ("ServingEndpoint", ["__key"]),
    ],
)
def test_the_engine_is_asked_to_encrypt_what_may_tell_a_secret(kind, hidden):
    asked: list[Any] = []

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        asked.append(args.opts.additional_secret_outputs)

    resource, said = EACH[kind]
    registered(lambda: resource("x", pulumi.ResourceOptions(transformations=[note]), **said))

    assert asked == [hidden]


@pytest.mark.parametrize("kind", ["AiGateway", "RateLimits", "SecretAcl", "EndpointPermissions"])
def test_what_works_on_anything_says_so_instead_of_adopting(kind):
    resource, said = EACH[kind]
    options = pulumi.ResourceOptions(import_="x")

    with pytest.raises(pulumi.RunError, match="it is put upon what is there, whoever made that"):
        registered(lambda: resource("x", options, **said))

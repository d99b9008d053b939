"""Request bodies as the documentation's pages print them, pasted into a program.

A POST body is `ServingEndpoint("x", **body)`, a PUT config body `config=body`, and so on: what a
page says reaches the wire as it is, or is refused in these words.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from databricks_serving import ServingEndpoint
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import canonical
from databricks_serving.state.endpoint import endpoint_inputs
from databricks_serving.state.keys import PROVIDER
from databricks_serving_schema import (
    Allowances,
    Endpoint,
    EndpointAiGateway,
    EndpointRateLimits,
    InvalidResource,
    dotted,
    parse_program,
)
from support.endpoints import FIXTURES, SEALING, STRICT, config, registered
from support.strategies import normal

PAGES = {path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("pages/*.json"))}
ODD = {
    path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("pages/odd/*.json"))
}
SEVERAL = Allowances(multiple_external_models=True)
CONFIG = config(registered())


def arguments(page: dict[str, Any]) -> dict[str, Any]:
    """What a program says to have what the page's request makes."""
    method, _, route = page["request"].partition(" serving-endpoints")
    body = page["body"]
    said: dict[str, Any] = {
        "": lambda: body,
        "/pt": lambda: body,
        "/{name}/config": lambda: {"name": body.get("name", "feed-ads"), "config": body},
        "/pt/{name}/config": lambda: {"name": "feed-ads", **body},
        "/{name}/ai-gateway": lambda: {"name": "feed-ads", "ai_gateway": body},
        "/{name}/rate-limits": lambda: {"name": "feed-ads", **body},
        "/{name}/tags": lambda: {"name": "feed-ads", "tags": body["add_tags"]},
        "/{name}/notifications": lambda: {"name": "feed-ads", **body},
        "/{name}/telemetry-config": lambda: {"name": "feed-ads", "config": CONFIG, **body},
    }[route]()
    assert method in ("POST", "PUT", "PATCH")
    return said


class Recorder(Mocks):
    """Keeps what was registered."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.inputs = dict(args.inputs)
        return args.name, self.inputs

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        return dict(args.args)


def bag(said: dict[str, Any]) -> dict[str, Any]:
    """The inputs as the provider gets them, after the constructor's work."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, preview=False)

    @pulumi.runtime.test
    def program() -> None:
        ServingEndpoint("x", **said)

    program()
    inputs = {name: value for name, value in recorder.inputs.items() if name != PROVIDER}
    return {name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items()}


def sent(said: dict[str, Any], allowances: Allowances = STRICT) -> dict[str, Any]:
    """The program on the wire."""
    endpoint = endpoint_inputs(bag(said), allowances).endpoint
    return wire(Endpoint, canonical(endpoint, SEALING).tree)


def refused(said: dict[str, Any], allowances: Allowances = STRICT) -> list[str]:
    """What a program is told."""
    with pytest.raises(InvalidResource) as caught:
        endpoint_inputs(bag(said), allowances)
    return [str(problem) for problem in caught.value.problems]


def newer(said: dict[str, Any]) -> dict[str, Any]:
    """The program without its older forms."""
    limits = said.get("rate_limits")
    rest = {name: value for name, value in said.items() if name != "rate_limits"}
    if "config" in rest:
        rest["config"] = {name: v for name, v in rest["config"].items() if name != "name"}
    return normal(
        Endpoint, rest if limits is None else {**rest, "ai_gateway": {"rate_limits": limits}}
    )


SERVED_MODELS = (
    "config.served_models: the older form: write served_entities, with entity_name for model_name "
    "and entity_version for model_version"
)
#: Pages whose body breaks a rule, and what they are told.
REFUSED = {
    # The page on the AI Gateway says that these two do not go together.
    "ai_gateway_stackql_openai_embeddings_post": [
        "ai_gateway.guardrails.output: does not go with task llm/v1/embeddings"
    ],
    # Workspaces differ in whether they allow several.
    "multi_external_models_post": [
        (
            "config.served_entities: an endpoint with an external model has exactly one served "
            "entity, and here are 2. Make one endpoint for each, or say "
            "allow_multiple_external_models=True where your workspace allows several"
        )
    ],
    # The form of 2023.
    "custom_inference_table_disable_put_config": [SERVED_MODELS],
    "custom_inference_table_served_models_post": [SERVED_MODELS],
    "custom_inference_table_served_models_put_config": [SERVED_MODELS],
}
REFUSED_ODD = {
    "bedrock_legacy_provider_name_post": [
        (
            "config.served_entities[0].external_model.aws_bedrock_config: no such field; "
            "config.served_entities[0].external_model has provider, name, task, openai_config, "
            "anthropic_config, cohere_config, ai21labs_config, palm_config, "
            "amazon_bedrock_config, google_cloud_vertex_ai_config, "
            "databricks_model_serving_config, custom_provider_config"
        ),
        (
            "config.served_entities[0].external_model.provider: not known here; known are openai, "
            "anthropic, cohere, ai21labs, palm, amazon-bedrock, google-cloud-vertex-ai, "
            "databricks-model-serving, custom"
        ),
    ],
    "env_vars_legacy_list_served_models_post": [SERVED_MODELS],
    "mlflow_route_optimized_inside_config_post": [
        (
            "config.route_optimized: no such field; config has served_entities, traffic_config, "
            "auto_capture_config"
        )
    ],
}
ALL_FIELDS = "rest_reference_create_all_fields_post"


@pytest.mark.parametrize("name", [name for name in PAGES if name not in REFUSED])
def test_what_a_page_says_reaches_the_wire_as_it_is(name):
    said = arguments(PAGES[name])

    body = sent(said)

    assert json.dumps(body, sort_keys=True) == json.dumps(newer(said), sort_keys=True)


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_that_breaks_a_rule_is_told_which(name):
    assert refused(arguments(PAGES[name])) == REFUSED[name]


@pytest.mark.parametrize("name", REFUSED_ODD)
def test_a_page_of_another_age_is_told_what_is_not_known(name):
    assert refused(arguments(ODD[name])) == REFUSED_ODD[name]


def test_every_odd_page_is_a_test():
    assert {*REFUSED_ODD, ALL_FIELDS} == set(ODD)


def test_several_external_models_pass_where_the_workspace_allows_them():
    said = arguments(PAGES["multi_external_models_post"])

    assert sent(said, SEVERAL) == newer(said)
    assert sent({**said, "allow_multiple_external_models": True}) == newer(said)


def test_the_rest_reference_s_sample_of_every_field_has_limits_in_two_places():
    with pytest.raises(pulumi.RunError, match="give it either here or in ai_gateway, not in both"):
        bag(arguments(ODD[ALL_FIELDS]))


def test_the_rest_reference_s_sample_of_every_field_is_told_what_excludes_what():
    said = {name: v for name, v in ODD[ALL_FIELDS]["body"].items() if name != "rate_limits"}

    told = refused_by_rule(said)

    model = "config.served_entities[0].external_model"
    assert told == {
        "answer-only": ["config.served_models"],
        "one-of": [f"{model}.custom_provider_config"],
        "selected-object": [
            f"{model}.openai_config",
            f"{model}.anthropic_config",
            f"{model}.cohere_config",
            f"{model}.palm_config",
            f"{model}.amazon_bedrock_config",
            f"{model}.google_cloud_vertex_ai_config",
            f"{model}.databricks_model_serving_config",
            f"{model}.custom_provider_config",
        ],
        "one-credential": [
            f"{model}.openai_config.openai_api_key",
            f"{model}.openai_config.microsoft_entra_client_secret",
            f"{model}.anthropic_config.anthropic_api_key",
            f"{model}.cohere_config.cohere_api_key",
            f"{model}.ai21labs_config.ai21labs_api_key",
            f"{model}.palm_config.palm_api_key",
            f"{model}.amazon_bedrock_config.aws_access_key_id",
            f"{model}.amazon_bedrock_config.aws_secret_access_key",
            f"{model}.google_cloud_vertex_ai_config.private_key",
            f"{model}.databricks_model_serving_config.databricks_api_token",
            f"{model}.custom_provider_config.api_key_auth.value",
            f"{model}.custom_provider_config.bearer_token_auth.token",
        ],
        "not-for-kind": [
            "config.served_entities[0].entity_name",
            "config.served_entities[0].entity_version",
            "config.served_entities[0].environment_vars",
            "config.served_entities[0].workload_size",
            "config.served_entities[0].workload_type",
            "config.served_entities[0].scale_to_zero_enabled",
            "config.served_entities[0].min_provisioned_concurrency",
            "config.served_entities[0].max_provisioned_concurrency",
            "config.served_entities[0].min_provisioned_throughput",
            "config.served_entities[0].max_provisioned_throughput",
            "config.served_entities[0].provisioned_model_units",
            "config.served_entities[0].burst_scaling_enabled",
            "route_optimized",
            "config.auto_capture_config",
        ],
        "openai-type": [f"{model}.openai_config.openai_organization"],
        "bedrock-access": [f"{model}.amazon_bedrock_config"],
    }


def refused_by_rule(said: dict[str, Any]) -> dict[str, list[str]]:
    """Where a program breaks which rule."""
    with pytest.raises(InvalidResource) as caught:
        endpoint_inputs(bag(said), STRICT)
    told: dict[str, list[str]] = {}
    for problem in caught.value.problems:
        told.setdefault(problem.rule, []).append(dotted(problem.path))
    return told


# What pages write as texts, and older names, literally.


def test_texts_for_true_and_numbers_are_what_they_say():
    body = sent(PAGES["custom_bundle_string_forms_post"]["body"])

    assert body == {
        "name": "uc-model-endpoint",
        "config": {
            "served_entities": [
                {
                    "name": "my-ads-model-10",
                    "entity_name": "myCatalog.mySchema.my-ads-model",
                    "entity_version": "10",
                    "workload_size": "Small",
                    "scale_to_zero_enabled": True,
                }
            ],
            "traffic_config": {
                "routes": [{"served_entity_name": "my-ads-model-10", "traffic_percentage": 100}]
            },
        },
        "tags": {"team": "data science"},
    }


def test_a_text_for_false_is_false():
    body = sent(PAGES["custom_description_notifications_post"]["body"])

    assert body["config"]["served_entities"][0]["scale_to_zero_enabled"] is False


def test_shares_in_texts_are_numbers():
    body = sent(PAGES["multi_custom_traffic_split_post"]["body"])

    assert body["config"]["traffic_config"]["routes"] == [
        {"served_entity_name": "current", "traffic_percentage": 90},
        {"served_entity_name": "challenger", "traffic_percentage": 10},
    ]


def test_a_version_that_is_a_number_is_a_text():
    body = sent(PAGES["pt_throughput_post"]["body"])

    assert body["config"]["served_entities"] == [
        {
            "name": "foundation-model-3",
            "entity_name": "ml.llm-catalog.foundation-model",
            "entity_version": "3",
            "min_provisioned_throughput": 1960,
            "max_provisioned_throughput": 2940,
        }
    ]


def test_bedrock_s_provider_is_in_lower_case():
    body = sent(PAGES["external_models_bedrock_instance_profile_post"]["body"])

    model = body["config"]["served_entities"][0]["external_model"]
    assert model["amazon_bedrock_config"]["bedrock_provider"] == "anthropic"


def test_an_external_model_without_a_name_of_its_entity_gives_it_one():
    body = sent(PAGES["external_models_bedrock_keys_post"]["body"])

    assert body["config"]["served_entities"][0]["name"] == "claude-v2"


def test_older_limits_are_the_gateway_s():
    body = sent(PAGES["external_models_openai_embeddings_post"]["body"])

    assert "rate_limits" not in body
    assert body["ai_gateway"] == {
        "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}]
    }
    assert body["tags"] == {"team": "gen-ai"}


def test_the_name_in_a_put_body_is_the_endpoint_s_and_is_not_sent():
    page = PAGES["external_models_openai_chat_put_config"]

    assert "name" not in sent(arguments(page))["config"]
    assert refused({"name": "another", "config": page["body"]}) == [
        "config.name: is not the endpoint's own name; leave it out, the endpoint is named by `name`"
    ]


# The bodies of the gateway and of the older limits are those of resources of their own too.


@pytest.mark.parametrize(
    "name", [name for name, page in PAGES.items() if page["request"].endswith("ai-gateway")]
)
def test_a_gateway_s_body_is_an_ai_gateway_too(name):
    said = {"endpoint_name": "feed-ads", **PAGES[name]["body"]}

    tree = canonical(parse_program(EndpointAiGateway, said, STRICT), SEALING).tree

    assert wire(EndpointAiGateway, tree) == said


def test_the_older_limits_are_rate_limits_too():
    said = {"endpoint_name": "feed-ads", **PAGES["rate_limits_legacy_rest_reference_put"]["body"]}

    tree = canonical(parse_program(EndpointRateLimits, said, STRICT), SEALING).tree

    assert tree == {
        "endpoint_name": "feed-ads",
        "rate_limits": {"user": {"calls": 15, "key": "user", "renewal_period": "minute"}},
    }

"""What an endpoint may refer to: only what its creator may read."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import (
    ENDPOINTS,
    SECRETS,
    Client,
    custom,
    endpoint,
    external,
    vendor,
)

REFERENCE = "{{secrets/llm/k}}"
REFERRING = {
    "an external model": external(openai_api_key=REFERENCE),
    "a variable": custom(environment_vars={"KEY": REFERENCE}),
    "a custom provider": vendor(
        "custom",
        "custom_provider_config",
        {"custom_provider_url": "https://x", "bearer_token_auth": {"token": REFERENCE}},
    ),
    "blanks and another case": external(openai_api_key="{{ secrets/LLM/k }}"),
}
ANN = {"scope": "llm", "principal": "ann@example.com"}
UNREADABLE = (
    403,
    "PERMISSION_DENIED",
    "User ann@example.com does not have READ permission on scope llm to perform this action.",
)


def with_secret(**permissions):
    client = Client()
    client.put_secret("llm", "k")
    for name, permission in permissions.items():
        client.grant("llm", f"{name}@example.com", permission)
    return client


@pytest.mark.parametrize("where", REFERRING)
def test_an_endpoint_cannot_refer_to_what_its_creator_may_not_read(where):
    client = with_secret()
    ann = client.user("ann")
    body = endpoint(REFERRING[where])

    refused = ann.refuses("POST", ENDPOINTS, body)
    client.grant("llm", "ann@example.com", "READ")

    assert refused == UNREADABLE
    assert ann.create(body)["creator"] == "ann@example.com"


def test_a_secret_that_is_missing_is_told_only_to_who_may_read_its_scope():
    client = with_secret(ann="READ")
    body = endpoint(external(openai_api_key="{{secrets/llm/nope}}"))
    elsewhere = endpoint(external(openai_api_key="{{secrets/nope/k}}"))

    reader = client.user("ann").refuses("POST", ENDPOINTS, body)
    stranger = client.user("bob").refuses("POST", ENDPOINTS, body)
    nowhere = client.user("bob").refuses("POST", ENDPOINTS, elsewhere)

    assert reader[:2] == nowhere[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert stranger[:2] == (403, "PERMISSION_DENIED")


def test_an_update_is_checked_against_the_creator_whoever_makes_it():
    client = with_secret(ann="READ")
    config = {"served_entities": [external(openai_api_key=REFERENCE)]}
    client.user("ann").create({"name": "chat", "config": config})
    allowed = client.call("PUT", f"{ENDPOINTS}/chat/config", config)[0]
    client.settle("chat")

    client.does("POST", f"{SECRETS}/acls/delete", ANN)

    assert allowed == 200
    assert client.refuses("PUT", f"{ENDPOINTS}/chat/config", config) == UNREADABLE
    assert client.get("chat")["config"]["config_version"] == 2


def test_a_creator_reads_through_its_groups_too():
    client = with_secret()
    client.grant("llm", "data", "READ")
    ann = client.user("ann", "data")
    config = {"served_entities": [external(openai_api_key=REFERENCE)]}
    ann.create({"name": "chat", "config": config})

    client.user("ann", "other")

    assert ann.refuses("PUT", f"{ENDPOINTS}/chat/config", config) == UNREADABLE


def test_a_person_in_the_ui_may_refer_to_every_secret_but_not_in_place_of_the_creator():
    client = with_secret()
    referring = {"served_entities": [external(openai_api_key=REFERENCE)]}
    client.user("ann").create(endpoint(external()))

    created = client.workspace.ui("POST", ENDPOINTS, {"name": "other", "config": referring})

    assert created.json()["creator"] == "somebody@example.com"
    with pytest.raises(ValueError, match="PERMISSION_DENIED"):
        client.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", referring)


def test_an_endpoint_whose_creator_has_left_can_no_longer_be_updated():
    client = Client()
    client.user("ann").create(endpoint(external()))
    client.does("DELETE", "/_emulator/identities", {"name": "ann@example.com"})

    config = {"served_entities": [external("other")]}
    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", config)

    assert refused == (
        403,
        "PERMISSION_DENIED",
        "User ann@example.com, who created the endpoint, is not in the workspace any more.",
    )
    tags = {"add_tags": [{"key": "a"}]}
    assert client.call("PATCH", f"{ENDPOINTS}/chat/tags", tags)[0] == 200
    with pytest.raises(ValueError, match="not in the workspace any more"):
        client.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", config)

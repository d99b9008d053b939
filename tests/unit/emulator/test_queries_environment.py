"""References to secrets in environment variables are resolved when a model is deployed."""

from __future__ import annotations

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint

LOGS = f"{ENDPOINTS}/chat/served-models/churn-1/logs"
VARIABLES = {"TOKEN": "{{secrets/keys/token}}", "REGION": "eu"}


def deployed(value="made-up"):
    client = Client()
    client.put_secret("keys", "token", value)
    client.create(endpoint(custom(environment_vars=VARIABLES)))
    client.settle("chat")
    return client


def started_with(client):
    lines = client.does("GET", LOGS)["logs"].splitlines()
    return [line.partition("] ")[2] for line in lines if "variable" in line]


def test_the_log_tells_how_long_the_values_are_and_not_what_they_are():
    client = deployed("seven-7")

    assert started_with(client) == [
        "Environment variable TOKEN has a value of 7 characters.",
        "Environment variable REGION has a value of 2 characters.",
    ]
    assert "seven-7" not in client.does("GET", LOGS)["logs"]


def test_a_rotated_secret_is_seen_at_the_next_update_of_the_config():
    client = deployed("seven-7")
    client.put_secret("keys", "token", "longer-than-that")

    before = started_with(client)[0]
    client.put_config("chat", {"served_entities": [custom(environment_vars=VARIABLES)]})
    client.settle("chat")

    assert before == "Environment variable TOKEN has a value of 7 characters."
    assert started_with(client)[0] == "Environment variable TOKEN has a value of 16 characters."


def test_a_secret_that_is_gone_at_the_next_deployment_has_no_value():
    client = deployed()
    client.does("POST", "/api/2.0/secrets/delete", {"scope": "keys", "key": "token"})

    client.does("POST", f"{ENDPOINTS}/chat/config:stop")
    client.does("POST", f"{ENDPOINTS}/chat/config:start")
    client.settle("chat")

    assert started_with(client)[0] == "Environment variable TOKEN has no value."

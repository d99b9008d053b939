"""What endpoints, scopes and secrets live through on the real engine."""

from __future__ import annotations

import signal
import time

from support.programs import QUICKSTART, plaintext_endpoint

ENDPOINTS = "/api/2.0/serving-endpoints"
KEYS = 'scope = SecretScope("keys", name="{name}", force_destroy={force})\n'
SECRET_IN = 'Secret("openai", scope=scope.{what}, key="openai", value=config.require_secret("key"))'


def looks(project, n: int) -> int:
    """How often one endpoint was looked at, by itself or in a list."""
    paths = (ENDPOINTS, f"{ENDPOINTS}/chat{n}")
    return sum(call.method == "GET" and call.path in paths for call in project.workspace.calls)


def until(condition, seconds: float = 60.0) -> None:
    """Wait for something that another process does; fail when it never comes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_a_deployment_that_fails_keeps_the_endpoint_and_the_next_up_sends_it_again(project):
    project.workspace.deployments.plan(
        polls=1, outcome="failed", message="no quota for gpt-4", times=1
    )
    project.write(plaintext_endpoint())

    printed = project.up(expect=1)

    assert "The service gave up on the deployment of endpoint chat: gpt" in printed
    assert "no quota for gpt-4" in printed
    assert "Traceback" not in printed
    assert project.resource("chat")["id"] == "chat"
    assert len(project.resource("chat")["initErrors"]) == 1
    project.sent()
    project.up()
    assert project.sent() == [("PUT", f"{ENDPOINTS}/chat/config")]
    assert "initErrors" not in project.resource("chat")
    project.preview("--expect-no-changes")


def test_a_wait_that_times_out_keeps_the_endpoint_and_the_next_up_goes_on_waiting(project):
    project.workspace.deployments.plan(seconds=3600)
    project.write(plaintext_endpoint(more='deploy={"timeout": "2s"},'))

    printed = project.up(expect=1)

    assert "Endpoint chat is still updating after 2s." in printed
    assert len(project.resource("chat")["initErrors"]) == 1
    assert project.sent() == [("POST", ENDPOINTS)]
    project.workspace.clock.advance(3600)
    project.up()
    assert project.sent() == []
    assert "initErrors" not in project.resource("chat")
    project.preview("--expect-no-changes")


def test_ctrl_c_ends_a_wait_at_once_and_the_next_up_goes_on(project):
    project.workspace.deployments.plan(seconds=3600)
    project.write(plaintext_endpoint())
    running = project.pulumi.start("up", "--yes", "--skip-preview", session=True)
    until(lambda: len(project.workspace.writes) == 1)

    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=30)

    assert running.returncode != 0
    assert "Stopped waiting for endpoint chat" in printed
    assert project.resource("chat")["id"] == "chat"
    assert len(project.resource("chat")["initErrors"]) == 1
    project.sent()
    project.workspace.clock.advance(3600)
    project.up()
    assert project.sent() == []
    assert "initErrors" not in project.resource("chat")


def test_more_than_four_endpoints_deploy_at_a_time_each_with_its_own_progress_line(project):
    project.workspace.deployments.plan(seconds=3600)
    project.write("".join(plaintext_endpoint(f"chat{n}") for n in range(8)))
    running = project.pulumi.start("up", "--yes", "--skip-preview", "--parallel", "16")

    # With the dynamic server's own four threads, the fifth would not be sent before one is ready.
    until(lambda: len(project.workspace.writes) == 8)
    until(lambda: min(looks(project, n) for n in range(8)) > 4)
    project.workspace.clock.advance(3600)
    printed, _ = running.communicate(timeout=120)

    assert running.returncode == 0, printed
    for n in range(8):
        line = f"ServingEndpoint chat{n} creating"
        assert any(line in row and "gpt DEPLOYMENT_CREATING" in row for row in printed.splitlines())


def test_plaintext_credentials_are_in_no_state_after_create_update_and_refresh(project):
    steps = []
    project.write(plaintext_endpoint())
    project.up()
    steps.append(project.run("stack", "export"))
    project.write(plaintext_endpoint(more='tags={"team": "a"},'))
    project.up()
    steps.append(project.run("stack", "export"))
    project.run("refresh", "--yes", "--skip-preview")
    steps.append(project.run("stack", "export"))

    inputs = project.resource("chat")["inputs"]

    assert ["sk-CANARY" in exported for exported in steps] == [False, False, False]
    assert inputs["credentials"] == {
        "gpt": {"external_model.openai_config.openai_api_key_plaintext": "[secret]"}
    }
    assert inputs["config"]["served_entities"][0]["external_model"] == {
        "name": "gpt-4",
        "openai_config": {},
        "provider": "openai",
        "task": "llm/v1/chat",
    }
    sent = project.workspace.writes[0].body["config"]["served_entities"][0]["external_model"]
    assert sent["openai_config"] == {"openai_api_key_plaintext": "sk-CANARY-5c1f"}


def test_a_rotated_plaintext_credential_is_one_put_and_shows_its_place_only(project):
    project.write(plaintext_endpoint())
    project.up()
    project.sent()

    project.run("config", "set", "--secret", "key", "sk-CANARY-5c1f-2")
    shown = project.preview()
    project.up()

    assert "[secret] => [secret]" in shown
    assert "served_entities" not in shown
    assert project.sent() == [("PUT", f"{ENDPOINTS}/chat/config")]
    project.preview("--expect-no-changes")


def test_a_breach_beside_a_credential_that_is_not_yet_known_is_still_reported(project):
    program = 'scope = SecretScope("keys")\n' + plaintext_endpoint(
        more='ai_gateway={"rate_limits": [{"calls": -1, "renewal_period": "minute"}]},',
        credential="scope.id",
    )
    project.write(program)

    printed = project.preview(expect=1)

    assert "resource 'chat' has a problem: ai_gateway.rate_limits[0].calls: -1 is less" in printed
    assert printed.count("has a problem") == 1


def test_a_secret_in_a_scope_that_is_replaced_is_replaced_with_it(project):
    project.write(KEYS.format(name="first", force=False) + SECRET_IN.format(what="id"))
    project.up()
    project.sent()

    project.write(KEYS.format(name="second", force=False) + SECRET_IN.format(what="id"))
    shown = project.preview()
    project.up()

    assert "+-pulumi-python:dynamic/databricks_serving:Secret: (replace)" in shown
    assert [path.removeprefix("/api/2.0/secrets/") for _, path in project.sent()] == [
        "scopes/create",
        "put",
        "delete",
        "scopes/delete",
    ]
    assert project.resource("openai")["id"] == "second/openai"
    project.preview("--expect-no-changes")


def test_a_setting_that_only_delete_uses_takes_effect_without_any_write(project):
    project.write(KEYS.format(name="keys", force=False))
    project.up()
    somebodys = {"scope": "keys", "key": "theirs", "string_value": "x"}
    project.workspace.ui("POST", "/api/2.0/secrets/put", somebodys)
    refused = project.run("destroy", "--yes", "--skip-preview", expect=1)
    project.sent()

    project.write(KEYS.format(name="keys", force=True))
    shown = project.preview()
    project.up()

    assert "still holds 1 secret(s) that this stack did not make: theirs" in refused
    assert "~ force_destroy: false => true" in shown
    assert project.sent() == []
    project.run("destroy", "--yes", "--skip-preview")
    assert project.sent() == [("POST", "/api/2.0/secrets/scopes/delete")]


def test_an_endpoint_that_vanished_leaves_the_state_and_is_created_again(project):
    project.write(QUICKSTART)
    project.up()
    project.sent()

    project.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    drift = project.drift(expect=7)
    shown = project.preview()
    project.up()

    assert "- pulumi-python:dynamic/databricks_serving:ServingEndpoint: (delete)" in drift
    assert "+ pulumi-python:dynamic/databricks_serving:ServingEndpoint: (create)" in shown
    assert project.sent() == [("POST", ENDPOINTS)]
    project.preview("--expect-no-changes")


def test_a_secret_put_by_somebody_else_is_drift_and_put_back(project):
    project.write(QUICKSTART)
    project.up()
    project.sent()
    assert project.drift(expect=0)

    somebodys = {"scope": "llm-keys", "key": "openai", "string_value": "x"}
    project.workspace.ui("POST", "/api/2.0/secrets/put", somebodys)
    drift = project.drift(expect=7)
    project.up()

    assert "~ last_updated_timestamp" in drift
    assert project.sent() == [("POST", "/api/2.0/secrets/put")]
    project.preview("--expect-no-changes")


def test_a_subclass_and_an_aliased_rename_change_nothing(project):
    project.write('SecretScope("keys")\n')
    project.up()
    project.sent()

    project.write(
        "class House(SecretScope):\n    pass\n\n"
        'House("renamed", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="keys")]))\n'
    )
    project.up()

    assert project.sent() == []
    assert [(r["id"], r["type"]) for r in project.state()] == [
        ("keys", "pulumi-python:dynamic/databricks_serving:SecretScope")
    ]


def test_integers_stay_integers_on_the_wire(project):
    project.write(QUICKSTART)

    project.up()

    limits = project.workspace.writes[2].body["ai_gateway"]["rate_limits"]
    assert [(limit["calls"], type(limit["calls"])) for limit in limits] == [(100, int)]


def test_a_part_that_leaves_the_program_stops_being_managed_with_one_notice(project):
    project.write(QUICKSTART)
    project.up()
    project.sent()

    project.write(QUICKSTART.replace('    tags={"team": "gen-ai"},\n', ""))
    first = project.preview()
    project.up()
    add = {"add_tags": [{"key": "team", "value": "theirs"}]}
    project.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", add)

    assert "tags: taken out of the program; from now on it is left as it is" in first
    assert project.sent() == []
    assert "taken out" not in project.preview("--expect-no-changes")


def test_a_description_is_refused_in_preview_unless_the_program_opts_into_replacement(project):
    project.write(plaintext_endpoint(more='description="one",'))
    project.up()
    project.sent()

    project.write(plaintext_endpoint(more='description="two",'))
    refused = project.preview(expect=1)
    opted = 'description="two", deploy={"replace_on": ["description"]},'
    project.write(plaintext_endpoint(more=opted))
    project.up()

    assert "Endpoint chat cannot be changed so. description: no public call changes" in refused
    assert project.sent() == [("DELETE", f"{ENDPOINTS}/chat"), ("POST", ENDPOINTS)]
    project.preview("--expect-no-changes")


SPLIT = """
names = ["m1", "m2", "m3"]
ServingEndpoint(
    "split",
    config={{
        "served_entities": [
            {{
                "name": name,
                "entity_name": "ml.prod.churn",
                "entity_version": name[1],
                "workload_size": "Small",
                "scale_to_zero_enabled": False,
            }}
            for name in names
        ],
        "traffic_config": {{
            "routes": [
                {{"served_entity_name": name, "traffic_percentage": share}}
                for name, share in zip(names, [20, 30, 50])
            ]
        }},
    }},
    ai_gateway={{
        "rate_limits": [
            {{"calls": {calls}, "key": "user", "renewal_period": "minute"}},
            {{"calls": 100, "key": "endpoint", "renewal_period": "minute"}},
        ]
    }},
)
"""


def changed_lines(printed: str) -> list[str]:
    """The lines of a diff that change, add or remove a leaf."""
    leaf = ("~", "+", "-")
    lines = (line.strip() for line in printed.splitlines())
    return [line for line in lines if line[:1] in leaf and " => " in line]


def test_only_what_changed_is_shown_of_several_entities_routes_and_limits(project):
    project.workspace.deployments.plan(polls=0)
    project.write(SPLIT.format(calls=10))
    project.up()
    project.run("refresh", "--yes", "--skip-preview")
    project.preview("--expect-no-changes")

    project.write(SPLIT.format(calls=11))
    edited = project.preview()
    limits = [
        {"calls": 10, "key": "user", "renewal_period": "minute"},
        {"calls": 999, "key": "endpoint", "renewal_period": "minute"},
    ]
    path = f"{ENDPOINTS}/split/ai-gateway"
    project.workspace.ui("PUT", path, {"rate_limits": limits})
    project.write(SPLIT.format(calls=10))
    drifted = project.drift(expect=7)

    assert changed_lines(edited) == ["~ calls: 10 => 11"]
    assert changed_lines(drifted) == ["~ calls: 100 => 999"]


def test_a_name_that_is_left_out_is_the_resources_and_can_be_used(project):
    project.write(
        'scope = SecretScope("keys")\n'
        'endpoint = ServingEndpoint("chat")\n'
        'pulumi.export("names", pulumi.Output.concat(scope.name, " ", endpoint.name))\n'
    )

    printed = project.up()

    assert 'names: "keys chat"' in printed


def test_a_misspelt_argument_of_a_secret_is_named_without_a_traceback(project):
    project.write('Secret("openai", scope="keys", key="openai", value="x", verison="1")\n')

    printed = project.preview(expect=1)

    assert "verison: no such field; did you mean 'version'?" in printed
    assert "Traceback" not in printed


def test_secret_settings_of_every_kind_are_in_no_state_in_clear(project):
    project.write(
        'scope = SecretScope("keys")\n'
        'key = Secret("k", scope=scope.name, key="k", value=config.require_secret("key"),\n'
        '    version=config.require_secret("key"))\n'
        + plaintext_endpoint(
            more='tags={"t": config.require_secret("key")}, '
            'deploy={"redeploy_on": [config.require_secret("key"), key.value_fingerprint]},'
        )
    )

    project.up()

    assert "sk-CANARY" not in project.run("stack", "export")
    project.preview("--expect-no-changes")
    assert project.drift(expect=0)

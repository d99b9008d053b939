"""The scheduled job's story, on the real engine: what on-call reads after somebody was in the UI.

What it prints and writes is kept under docs/stories/drift, as a reader would see it.
"""

from __future__ import annotations

from support.story_pages import dbserving, kept, still

PROGRAM = """
scope = SecretScope("keys", name="llm-keys")
key = Secret("openai", scope=scope.name, key="openai", value=config.require_secret("key"))
chat = ServingEndpoint(
    "chat",
    name="chat-prod",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    tags={"team": "gen-ai"},
    ai_gateway={
        "guardrails": {"input": {"pii": {"behavior": "BLOCK"}}},
        "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
    },
)
EndpointPermissions(
    "callers",
    endpoint_name=chat.name,
    access_control=[{"group_name": "data", "permission_level": "CAN_QUERY"}],
)
"""
CHAT = "/api/2.0/serving-endpoints/chat-prod"
PIPED = "/api/2.0/serving-endpoints/piped"
WEAKER = {
    "guardrails": {"input": {"pii": {"behavior": "NONE"}}},
    "rate_limits": [{"calls": 0, "key": "user", "renewal_period": "minute"}],
    "usage_tracking_config": {"enabled": True},
}
ROGUE = {
    "name": "rogue-llama",
    "config": {
        "served_entities": [
            {
                "name": "llama",
                "external_model": {
                    "name": "llama",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": "{{secrets/llm-keys/openai}}"},
                },
            }
        ]
    },
    "tags": [{"key": "managed-by-pulumi", "value": "search.dev.0a1b2c3d"}],
}
FORMATS = ("json", "markdown", "github", "junit")
FILES = tuple(f"--format={name}=report.{name}" for name in FORMATS)


def in_the_ui(project):
    """A person switches a guardrail off, and more."""
    workspace = project.workspace
    for method, path, body in (
        ("PUT", f"{CHAT}/ai-gateway", WEAKER),
        ("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "cost-center", "value": "4711"}]}),
        (
            "POST",
            "/api/2.0/secrets/put",
            {"scope": "llm-keys", "key": "openai", "string_value": "sk-by-hand"},
        ),
        ("POST", "/api/2.0/serving-endpoints", ROGUE),
    ):
        answer = workspace.ui(method, path, body)
        assert answer.status == 200, answer


def test_what_somebody_did_in_the_ui_is_told_repaired_and_told_to_be_gone(project):
    project.workspace.identities.set_group("data", [])
    project.write(PROGRAM)
    project.up()
    before = dbserving(project, "drift", "--stack", "dev", "--confirm-delay", "0")
    in_the_ui(project)
    project.sent()

    found = dbserving(project, "drift", "--stack=dev", "--confirm-delay=0", "--format=text", *FILES)
    read_only = project.sent()
    project.up()
    after = dbserving(project, "drift", "--stack", "dev", "--confirm-delay", "0")

    assert (before.returncode, found.returncode, after.returncode) == (0, 2, 0), found.stderr
    assert read_only == []
    kept("drift/1-before.txt", still(before.stdout))
    kept("drift/2-drift.txt", still(found.stdout))
    for name in FORMATS:
        written = (project.directory / f"report.{name}").read_text()
        kept(f"drift/2-drift.{name}", still(written))
    kept("drift/3-repaired.txt", still(after.stdout))


SAME_AT_BOTH = """
scope = SecretScope("keys", name="llm-keys")
SecretAcl("read", scope=scope.name, principal="data", permission="{permission}")
chat = ServingEndpoint(
    "chat",
    name="chat-prod",
    config={{
        "served_entities": [
            {{
                "name": "churn",
                "entity_name": "ml.prod.churn",
                "entity_version": "1",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
            }}
        ]
    }},
    tags={{"team": "{team}"}},
)
AiGateway(
    "all",
    endpoint_name=chat.name,
    mode="authoritative",
    rate_limits=[{{"calls": {calls}, "key": "user", "renewal_period": "minute"}}],
    {more}
)
AiGateway(
    "some",
    endpoint_name="databricks-claude",
    rate_limits=[{{"calls": {calls}, "key": "user", "renewal_period": "minute"}}],
)
ServingEndpoint(
    "piped",
    name="piped",
    tags={{"team": "moved"}},
    opts=pulumi.ResourceOptions(ignore_changes=["tags"]),
)
EndpointPermissions(
    "callers",
    endpoint_name=chat.name,
    access_control=[{{"group_name": "data", "permission_level": "{level}"}}],
)
"""


def also_in_the_ui(project):
    """A person does what the program is about to say."""
    limited = {"rate_limits": [{"calls": 5, "key": "user", "renewal_period": "minute"}]}
    foundation = "/api/2.0/serving-endpoints/databricks-claude/ai-gateway"
    id_ = project.resource("chat")["outputs"]["endpoint_id"]
    grants = {
        "access_control_list": [{"group_name": "data", "permission_level": "CAN_QUERY"}],
    }
    acl = {"scope": "llm-keys", "principal": "data", "permission": "WRITE"}
    for method, path, body in (
        ("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "team", "value": "crm"}]}),
        ("PATCH", f"{PIPED}/tags", {"add_tags": [{"key": "team", "value": "by a pipeline"}]}),
        ("PUT", f"{CHAT}/ai-gateway", limited),
        ("PUT", foundation, limited),
        ("PATCH", f"/api/2.0/permissions/serving-endpoints/{id_}", grants),
        ("POST", "/api/2.0/secrets/acls/put", acl),
    ):
        answer = project.workspace.ui(method, path, body)
        assert answer.status == 200, answer
    project.sent()


def test_where_ui_and_program_come_to_the_same_up_sends_nothing_and_drift_ends(project):
    project.workspace.identities.set_group("data", [])
    tracked = 'usage_tracking_config={"enabled": True},'
    said = {"team": "gen-ai", "calls": 100, "permission": "READ", "level": "CAN_VIEW"}
    project.write(SAME_AT_BOTH.format(**said, more=tracked))
    project.up()
    also_in_the_ui(project)
    project.run("refresh", "--yes", "--skip-preview")
    project.drift(expect=0)
    said = {"team": "crm", "calls": 5, "permission": "WRITE", "level": "CAN_QUERY"}
    project.write(SAME_AT_BOTH.format(**said, more=""))

    printed = project.up()
    sent = project.sent()
    drift = dbserving(project, "drift", "--stack", "dev", "--confirm-delay", "0")
    project.run("preview", "--expect-no-changes")

    assert "~ 5 updated" in printed
    assert sent == []
    # What is left to a pipeline stays told, and is no difference to Pulumi.
    assert (drift.returncode, drift.stdout.count("changed outside")) == (2, 1), drift.stdout
    assert "piped  ServingEndpoint — changed outside" in drift.stdout

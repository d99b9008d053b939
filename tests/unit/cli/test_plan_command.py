"""`dbserving plan` on a saved preview and a saved state, against a workspace over HTTP."""

from __future__ import annotations

import json

import pytest

from databricks_serving.cli.jobs.project import refreshes_always
from support.previewed import NOT_YET_KNOWN, Previewed
from support.shop import CLAUDE, ENDPOINTS

CHAT = f"{ENDPOINTS}/chat"
CREDENTIAL = 'credentials.gpt["external_model.openai_config.openai_api_key_plaintext"]'
CHURN = {
    "served_entities": [
        {
            "name": "churn",
            "entity_name": "ml.prod.churn",
            "entity_version": "1",
            "workload_size": "Small",
            "scale_to_zero_enabled": True,
        }
    ]
}


def limits(calls):
    return [{"calls": calls, "key": "user", "renewal_period": "minute"}]


def by_hand(shop, method, path, body=None):
    """Somebody changes it in the UI."""
    answer = shop.workspace.ui(method, path, body)
    assert answer.status == 200, answer.json()
    return answer.json()


def limited_by_hand(shop, calls):
    gateway = {"rate_limits": limits(calls), "usage_tracking_config": {"enabled": True}}
    by_hand(shop, "PUT", f"{CLAUDE}/ai-gateway", gateway)


def tagged_by_hand(shop, key, value):
    by_hand(shop, "PATCH", f"{CHAT}/tags", {"add_tags": [{"key": key, "value": value}]})


@pytest.fixture
def preview(shop):
    """A preview of the shop's stack; nothing differs until a test says so."""
    return Previewed(json.loads((shop.directory / "state.json").read_text()))


def planned(shop, preview, *arguments, **more):
    """The run, and the report that it wrote."""
    (shop.directory / "preview.json").write_text(preview.text())
    ran = shop.run(
        *("plan", "--preview", "preview.json", "--state", "state.json", "--confirm-delay", "0s"),
        *("-f", "json", *arguments),
        **more,
    )
    return ran, json.loads(ran.stdout)


def finding(report, name, kind=None):
    found = [f for f in report["findings"] if f["resource"] == name]
    return next((f for f in found if kind in (None, f["kind"])), None)


def rows(report, name):
    """The fields of a finding: path, origin, what happens."""
    changes = finding(report, name)["changes"]
    return [(c["path"], c["origin"], c["effect"]) for c in changes]


def test_where_nothing_differs_there_is_nothing_to_say(shop, preview):
    ran, report = planned(shop, preview)

    assert (ran.returncode, report["summary"]["outcome"]) == (0, "clean")
    assert report["findings"] == []
    assert len(report["in_sync"]) == 9
    assert report["run"]["complete"]
    assert shop.workspace.writes == ()


def test_each_origin_is_told_apart(shop, preview):
    tagged_by_hand(shop, "owner", "oncall")
    tagged_by_hand(shop, "team", "crm")
    limited_by_hand(shop, 500)
    preview.change("chat", "tags.team", "tags.stage", tags={"team": "ops", "stage": "prod"})
    preview.change("limits", "rate_limits[0].calls", rate_limits=limits(500))

    ran, report = planned(shop, preview)

    assert rows(report, "chat") == [
        ("tags.team", "both", "update"),
        ("tags.owner", "outside", "update"),
        ("tags.stage", "code", "update"),
    ]
    assert rows(report, "limits") == [("rate_limits.user.calls", "converged", "none")]
    assert (finding(report, "chat")["classification"], report["summary"]["overwrites"]) == (
        "drifted",
        2,
    )
    assert finding(report, "limits")["classification"] == "pending"
    assert ran.returncode == 0


def test_a_part_that_is_declared_from_now_on_and_is_just_so_needs_no_call(shop, preview):
    by_hand(shop, "PUT", f"{ENDPOINTS}/plain/ai-gateway", {"rate_limits": limits(7)})
    preview.change("plain", "ai_gateway", ai_gateway={"rate_limits": limits(7)})

    _, report = planned(shop, preview)

    assert rows(report, "plain") == [("ai_gateway.rate_limits", "converged", "none")]
    assert finding(report, "plain")["effect"] == "none"


def test_a_manual_change_of_what_the_program_leaves_alone_is_overwritten_too(shop, preview):
    limited_by_hand(shop, 0)

    ran, report = planned(shop, preview, "--fail-on", "overwrites")

    assert rows(report, "limits") == [("rate_limits.user.calls", "outside", "update")]
    assert finding(report, "limits")["effect"] == "update"
    assert ran.returncode == 2


def test_changes_alone_fail_a_run_that_asks_for_it(shop, preview):
    preview.change("chat", "tags.team", tags={"team": "crm"})

    overwrites, _ = planned(shop, preview, "--fail-on", "overwrites")
    changes, _ = planned(shop, preview, "--fail-on", "changes")

    assert (overwrites.returncode, changes.returncode) == (0, 2)


def test_what_is_created_is_told_field_by_field(shop, preview):
    preview.create("ServingEndpoint", "new", name="new", config=CHURN, tags={"k": NOT_YET_KNOWN})

    _, report = planned(shop, preview)

    new = finding(report, "new")
    assert (new["effect"], new["classification"]) == ("create", "pending")
    assert ("config.served_entities.churn.workload_size", "code", "create") in rows(report, "new")
    assert new["changes"][-1]["desired"] == {"kind": "unknown", "value": None}
    assert report["summary"]["by_effect"] == {"create": 1}


def test_a_create_over_something_of_somebody_else_is_refused_and_says_what_to_write(shop, preview):
    shop.make_rogue()
    preview.create("ServingEndpoint", "new", name="rogue", config=CHURN)
    preview.create("SecretScope", "scope", name="LLM-keys")

    ran, report = planned(shop, preview)

    new = finding(report, "new")
    assert (new["effect"], ran.returncode, report["summary"]["outcome"]) == ("refuse", 1, "refused")
    assert new["error_id"] == "endpoint-taken"
    assert "say adopt=True to take it over" in new["reason"]
    assert finding(report, "scope")["effect"] == "refuse"


def test_what_is_adopted_is_told_with_what_it_overwrites(shop, preview):
    shop.make_rogue()
    by_hand(shop, "PATCH", f"{ENDPOINTS}/rogue/tags", {"add_tags": [{"key": "a", "value": "b"}]})
    preview.create("ServingEndpoint", "new", name="rogue", tags={"a": "c"}, adopt=True)

    ran, report = planned(shop, preview)

    new = finding(report, "new")
    assert (ran.returncode, new["effect"]) == (0, "update")
    assert "adopt=True takes it over" in new["hint"]
    assert rows(report, "new") == [("tags.a", "both", "update")]


def test_a_gateway_set_by_hand_is_overwritten_by_the_one_that_is_declared_now(shop, preview):
    shop.make_rogue()
    by_hand(shop, "PUT", f"{ENDPOINTS}/rogue/ai-gateway", {"rate_limits": limits(7)})
    preview.create("RateLimits", "new", endpoint_name="rogue", rate_limits=limits(100))

    _, report = planned(shop, preview)

    assert rows(report, "new") == [("rate_limits.user.calls", "both", "update")]
    assert finding(report, "new")["effect"] == "create"


def test_where_the_address_is_not_yet_known_nobody_looks(shop, preview):
    preview.create("RateLimits", "new", endpoint_name=NOT_YET_KNOWN, rate_limits=limits(100))

    ran, report = planned(shop, preview)

    new = finding(report, "new")
    assert (new["name"], new["effect"], ran.returncode) == ("new", "create", 0)
    assert "not yet known" in new["reason"]


def test_a_delete_names_what_else_the_workspace_has_in_it(shop, preview):
    by_hand(shop, "PUT", f"{ENDPOINTS}/plain/ai-gateway", {"rate_limits": limits(7)})
    preview.delete("plain")

    _, report = planned(shop, preview, "--max-deletes", "1")

    gone = finding(report, "plain")
    assert (gone["effect"], gone["source"]) == ("delete", None)
    assert [row["path"] for row in gone["not_in_code"]] == ["ai_gateway.rate_limits"]


def test_a_delete_of_what_was_changed_by_hand_overwrites_that(shop, preview):
    limited_by_hand(shop, 0)
    preview.delete("limits")

    ran, report = planned(shop, preview, "--fail-on", "overwrites")

    assert rows(report, "limits") == [("rate_limits.user.calls", "outside", "delete")]
    assert finding(report, "limits")["hint"] == (
        'on_delete="restore": what stood there before is put back'
    )
    assert ran.returncode == 2


def test_a_scope_that_would_take_secrets_of_others_along_is_not_deleted(shop, preview):
    body = {"scope": "llm-keys", "key": "theirs", "string_value": "x"}
    by_hand(shop, "POST", "/api/2.0/secrets/put", body)
    preview.delete("keys", "openai", "readers")

    ran, report = planned(shop, preview)

    assert finding(report, "keys")["effect"] == "refuse"
    assert (
        "still holds 1 secret(s) that this stack did not make: theirs"
        in (finding(report, "keys")["reason"])
    )
    assert finding(report, "openai")["effect"] == "delete"
    assert ran.returncode == 1


def test_with_force_destroy_it_says_what_goes_with_it(shop, preview):
    body = {"scope": "llm-keys", "key": "theirs", "string_value": "x"}
    by_hand(shop, "POST", "/api/2.0/secrets/put", body)
    preview.delete("keys", "openai", "readers")
    forced = (shop.directory / "state.json").read_text()
    (shop.directory / "state.json").write_text(
        forced.replace('"force_destroy": false', '"force_destroy": true')
    )

    _, report = planned(shop, preview)

    assert finding(report, "keys")["effect"] == "delete"
    assert finding(report, "keys")["hint"] == (
        "1 secret(s) that no program declares go with it: theirs"
    )


def test_what_is_gone_already_needs_no_delete_and_what_stays_is_no_delete(shop, preview):
    by_hand(shop, "DELETE", f"{ENDPOINTS}/plain")
    preview.delete("plain").delete("limits", retainOnDelete=True)

    _, report = planned(shop, preview)

    plain, kept = finding(report, "plain"), finding(report, "limits")
    assert (plain["effect"], plain["reason"]) == (
        "none",
        "it is gone from the workspace already; only the state forgets it",
    )
    assert (kept["effect"], "retain_on_delete" in kept["reason"]) == ("none", True)


def test_what_another_resource_declares_now_is_left_alone(shop, preview):
    preview.delete("limits").create(
        "RateLimits", "moved", endpoint_name="databricks-claude", rate_limits=limits(100)
    )

    _, report = planned(shop, preview)

    assert finding(report, "limits")["effect"] == "none"
    assert 'RateLimits "moved" declares it now' in finding(report, "limits")["reason"]


def test_what_somebody_deleted_is_made_again(shop, preview):
    by_hand(shop, "DELETE", f"{ENDPOINTS}/plain")
    preview.change("plain", "tags.a", tags={"a": "b"})

    ran, report = planned(shop, preview)

    plain = finding(report, "plain")
    assert (plain["classification"], plain["effect"]) == ("missing", "create")
    assert rows(report, "plain") == [
        ("(the whole resource)", "outside", "create"),
        ("tags.a", "code", "create"),
    ]
    assert ran.returncode == 0


def test_external_to_registered_is_a_replacement_and_says_what_is_lost(shop, preview):
    by_hand(shop, "PUT", f"{ENDPOINTS}/plain/ai-gateway", {"rate_limits": limits(7)})
    preview.change(
        *("plain", "config.served_entities[0].external_model", "credentials"),
        op="replace",
        config=CHURN,
        credentials=None,
    )

    ran, report = planned(shop, preview, "--max-deletes", "0")

    plain = finding(report, "plain")
    assert plain["effect"] == "replace"
    assert plain["reason"].startswith("config.served_entities: the service refuses it in place.")
    assert ("config.served_entities", "code", "replace") in rows(report, "plain")
    assert [row["path"] for row in plain["not_in_code"]] == ["ai_gateway.rate_limits"]
    assert (ran.returncode, report["summary"]["unsafe"]) == (
        5,
        ["1 of 9 resources would be deleted or replaced; at most 0 may be."],
    )


def test_a_description_that_changes_is_refused_with_the_way_out(shop, preview):
    preview.change("plain", "description", description="as it is")

    ran, report = planned(shop, preview)

    assert finding(report, "plain")["effect"] == "refuse"
    assert finding(report, "plain")["error_id"] == "no-call-changes-it"
    assert 'deploy={"replace_on": ["description"]}' in finding(report, "plain")["reason"]
    assert (ran.returncode, report["summary"]["outcome"]) == (1, "refused")


def test_a_secret_that_changes_is_the_programs_change_and_shows_nothing(shop, preview):
    preview.change("plain", CREDENTIAL).change("openai", "value")

    _, report = planned(shop, preview)

    secret = {"kind": "secret", "value": None}
    row = finding(report, "plain")["changes"][0]
    assert row["path"].endswith("openai_config.openai_api_key_plaintext")
    assert (row["origin"], row["applied"], row["desired"], row["actual"]) == (
        "code",
        secret,
        secret,
        secret,
    )
    assert rows(report, "openai") == [("value", "code", "update")]


def test_a_list_that_is_secret_as_a_whole_says_only_that_it_changes(shop, preview):
    preview.change("chat", "config.served_entities", config={"served_entities": "[secret]"})

    _, report = planned(shop, preview)

    row = finding(report, "chat")["changes"][0]
    assert (row["path"], row["origin"], row["reason"]) == (
        "config.served_entities",
        "code",
        "changed in the program",
    )
    assert row["desired"] == {"kind": "secret", "value": None}


def test_settings_alone_send_nothing(shop, preview):
    preview.change("limits", "on_delete", on_delete="keep")

    _, report = planned(shop, preview)

    limits_ = finding(report, "limits")
    assert (limits_["effect"], limits_["classification"]) == ("none", "pending")
    assert limits_["reason"] == "nothing is sent; only what the state records of it changes"


def test_an_alias_keeps_the_state(shop, preview):
    tagged_by_hand(shop, "team", "crm")
    preview.rename("chat", "talk")

    _, report = planned(shop, preview)

    assert rows(report, "talk") == [("tags.team", "outside", "update")]


def set_in_motion(shop):
    """Somebody updates `plain` in the UI, and it takes an hour."""
    shop.workspace.deployments.plan("plain", seconds=3600)
    entity = by_hand(shop, "GET", f"{ENDPOINTS}/plain")["config"]["served_entities"][0]
    model = {**entity["external_model"], "name": "gpt-4o"}
    model["openai_config"] = {"openai_api_key_plaintext": "sk-other"}
    body = {"served_entities": [{"name": entity["name"], "external_model": model}]}
    by_hand(shop, "PUT", f"{ENDPOINTS}/plain/config", body)


def test_an_endpoint_in_motion_says_that_a_deployment_waits(shop, preview):
    set_in_motion(shop)
    preview.change("plain", CREDENTIAL)

    _, report = planned(shop, preview)

    plain = finding(report, "plain")
    assert (plain["classification"], plain["effect"]) == ("in_flux", "update")
    assert "a change of the configuration waits for its end" in plain["reason"]


def test_a_deployment_that_is_not_to_wait_is_refused_while_another_runs(shop, preview):
    set_in_motion(shop)
    preview.change("plain", CREDENTIAL, "deploy", deploy={"on_update_in_progress": "fail"})

    ran, report = planned(shop, preview)

    assert finding(report, "plain")["effect"] == "refuse"
    assert "Another update of endpoint plain is under way" in finding(report, "plain")["reason"]
    assert ran.returncode == 1


def test_what_stands_on_an_endpoint_that_nobody_makes_is_refused(shop, preview):
    preview.create("RateLimits", "new", endpoint_name="nowhere", rate_limits=limits(100))

    ran, report = planned(shop, preview)

    assert finding(report, "new")["effect"] == "refuse"
    assert "There is no endpoint called nowhere" in finding(report, "new")["reason"]
    assert ran.returncode == 1


def test_what_stands_on_an_endpoint_that_is_made_along_with_it_is_created(shop, preview):
    preview.create("ServingEndpoint", "new", name="new", config=CHURN)
    preview.create("RateLimits", "limited", endpoint_name="new", rate_limits=limits(100))

    ran, report = planned(shop, preview)

    assert (finding(report, "limited")["effect"], ran.returncode) == ("create", 0)


def test_an_endpoint_that_somebody_made_again_is_not_deleted_nor_anything_on_it(shop, preview):
    config = by_hand(shop, "GET", CHAT)["config"]
    entity = {key: config["served_entities"][0][key] for key in ("name", "external_model")}
    by_hand(shop, "DELETE", CHAT)
    by_hand(shop, "POST", ENDPOINTS, {"name": "chat", "config": {"served_entities": [entity]}})
    preview.delete("chat", "gateway", "callers")

    ran, report = planned(shop, preview)

    assert finding(report, "chat")["effect"] == "refuse"
    assert "is not the one that this stack made" in finding(report, "chat")["reason"]
    assert [finding(report, name)["effect"] for name in ("gateway", "callers")] == ["none", "none"]
    assert ran.returncode == 1


def test_the_digest_is_the_same_until_somebody_changes_something(shop, preview):
    preview.change("chat", "tags.team", tags={"team": "crm"}).change("openai", "value")

    _, first = planned(shop, preview)
    again, second = planned(shop, preview, "--expect-digest", first["digest"])
    tagged_by_hand(shop, "owner", "oncall")
    after, third = planned(shop, preview, "--expect-digest", first["digest"])

    assert first["digest"] == second["digest"] != third["digest"]
    assert (again.returncode, after.returncode) == (0, 5)


def test_more_changes_than_allowed_are_unsafe(shop, preview):
    preview.change("chat", "tags.team", tags={"team": "crm"})
    preview.change("claude", "usage_tracking_config", usage_tracking_config={"enabled": False})

    some, _ = planned(shop, preview, "--max-changes", "2")
    few, report = planned(shop, preview, "--max-changes", "10%")

    assert (some.returncode, few.returncode) == (0, 5)
    assert report["summary"]["unsafe"] == ["2 of 9 resources would be changed; at most 10% may be."]


def test_a_preview_that_failed_is_an_error_that_says_what_pulumi_says(shop, preview):
    preview.change("chat", "tags.team", tags={"team": "crm"})
    preview.fail("Endpoint plain cannot be changed so.", "plain", "limits", "claude")

    ran, report = planned(shop, preview)

    assert ran.returncode == 1
    assert report["errors"] == [
        {
            "message": "The preview failed: Endpoint plain cannot be changed so.",
            "resource": "ServingEndpoint/plain",
            "id": "preview-failed",
        }
    ]
    assert rows(report, "chat") == [("tags.team", "code", "update")]
    assert "of 3 recorded resource(s) it says nothing" in report["notices"][0]
    assert report["digest"] is None
    assert report["coverage"]["resources_total"] == 9


def test_a_program_that_breaks_a_rule_is_an_error_of_its_resource(shop, preview):
    preview.change("limits", "rate_limits", rate_limits=[{"key": "user"}])

    ran, report = planned(shop, preview, "--fail-on", "overwrites")

    assert finding(report, "limits")["classification"] == "error"
    assert "renewal_period" in finding(report, "limits")["reason"]
    assert ran.returncode == 1


def test_without_refresh_always_it_says_what_that_means(shop, preview):
    (shop.directory / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    _, without = planned(shop, preview)
    (shop.directory / "Pulumi.yaml").write_text("name: shop\noptions:\n  refresh: always\n")
    _, with_it = planned(shop, preview)

    assert "leaves manual changes of resources" in without["notices"][0]
    assert with_it["notices"] == []


@pytest.mark.parametrize(
    ("text", "always"),
    [
        ("name: a\noptions:\n  refresh: always\n", True),
        ("options:\n  # each time\n  refresh: 'always'\nname: a\n", True),
        ("options: {refresh: always}\nname: a\n", True),
        ("name: a\nruntime:\n  name: python\n  options:\n    refresh: always\n", False),
        ("options:\n  refresh: never\n", False),
        ("options:\n  template: x\nbackend:\n  refresh: always\n", False),
        ("# options: {refresh: always}\n", False),
    ],
)
def test_what_a_project_says_of_refreshing_is_read_in_each_way_to_write_it(text, always, tmp_path):
    (tmp_path / "Pulumi.yaml").write_text(text)

    assert refreshes_always(tmp_path / "Pulumi.yaml") is always


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--preview", "preview.json"], "A --preview does not say what was recorded"),
        (["--state", "state.json"], "A --state goes with a --preview"),
        (["--max-changes", "many"], "'many' is no threshold"),
        (["--fail-on", "everything"], "everything"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_mistake(shop, preview, arguments, says):
    (shop.directory / "preview.json").write_text(preview.text())

    ran = shop.run("plan", *arguments)

    assert ran.returncode == 64
    assert says in ran.stderr


def test_without_a_right_to_look_it_says_so(shop, preview):
    ran, report = planned(shop, preview, DATABRICKS_TOKEN="dapi-of-nobody")

    assert ran.returncode == 3
    assert {f["classification"] for f in report["findings"]} == {"error"}


def test_only_the_selected_resources_are_told(shop, preview):
    preview.change("chat", "tags.team", tags={"team": "crm"})
    preview.change("claude", "usage_tracking_config", usage_tracking_config={"enabled": False})

    _, report = planned(shop, preview, "--select", "ServingEndpoint/*")

    assert [f["resource"] for f in report["findings"]] == ["chat"]


def test_what_a_resource_that_is_left_out_declares_is_in_code_all_the_same(shop, preview):
    _, report = planned(shop, preview, "--select", "AiGateway/*")

    assert (report["findings"], len(report["in_sync"])) == ([], 2)


def test_the_text_is_for_people_and_no_secret_is_in_it(shop, preview):
    tagged_by_hand(shop, "owner", "oncall")
    preview.change("chat", "tags.team", tags={"team": "crm"}).change("openai", "value")
    (shop.directory / "preview.json").write_text(preview.text())

    ran = shop.run(
        *("plan", "--preview", "preview.json", "--state", "state.json", "--confirm-delay", "0s")
    )

    assert "your change" in ran.stdout
    assert "changed outside, your deploy sets it back" in ran.stdout
    assert "hmac-sha256" not in ran.stdout


def without_sames(preview):
    """The same preview, made without --show-sames."""
    made = json.loads(preview.text())
    made["steps"] = [step for step in made["steps"] if step["op"] != "same"]

    class Saved:
        def text(self):
            return json.dumps(made)

    return Saved()


def test_a_preview_without_sames_is_no_whole_plan(shop, preview):
    limited_by_hand(shop, 0)
    preview.change("chat", "tags.team", tags={"team": "x"})

    ran, report = planned(shop, without_sames(preview))

    assert (report["run"]["complete"], report["digest"]) == (False, None)
    assert report["summary"]["outcome"] == "incomplete"
    assert report["coverage"]["resources_total"] == 9
    assert finding(report, "chat")["not_in_code"] == []
    assert "8 recorded resource(s)" in report["notices"][0]
    assert "--show-sames" in report["notices"][0]
    assert "Warning: not all of the stack was looked at" in ran.stderr


def test_of_a_preview_without_any_step_it_never_says_that_nothing_changes(shop, preview):
    (shop.directory / "preview.json").write_text(without_sames(preview).text())

    ran = shop.run(
        *("plan", "--preview", "preview.json", "--state", "state.json", "--strict"),
    )

    assert ran.stdout.startswith("Plan for dev: nothing was checked (0 of 9 checked, incomplete).")
    assert "no changes" not in ran.stdout.lower()
    assert ran.returncode == 10


def test_a_selection_that_meets_nothing_is_a_mistake(shop, preview):
    ran, report = planned(shop, preview, "--select", "ratelimits/*")

    assert (ran.returncode, report["errors"] != []) == (64, True)
    assert "--select ratelimits/* matches nothing here. The nearest: RateLimits/limits" in (
        ran.stderr
    )


def served_with(variable):
    entity = {**CHURN["served_entities"][0], "environment_vars": {"URL": variable}}
    return {"served_entities": [entity]}


def test_the_digest_tells_apart_what_no_report_shows(shop, preview):
    preview.create("ServingEndpoint", "new", name="new", config=served_with("https://good"))
    _, good = planned(shop, preview)
    preview.create("ServingEndpoint", "new", name="new", config=served_with("https://evil"))

    ran, evil = planned(shop, preview, "--expect-digest", good["digest"])

    assert ran.returncode == 5
    assert "evil" not in ran.stdout
    assert evil["findings"][0]["changes"] == good["findings"][0]["changes"]


def test_the_digest_counts_how_a_gateway_is_given_back(shop, preview):
    preview.delete("limits")
    _, restored = planned(shop, preview)
    state = json.loads((shop.directory / "state.json").read_text())
    limits_ = next(r for r in state["deployment"]["resources"] if r["urn"].endswith("::limits"))
    limits_["outputs"]["on_delete"] = "clear"
    (shop.directory / "state.json").write_text(json.dumps(state))

    _, cleared = planned(shop, preview)

    assert restored["digest"] != cleared["digest"]


def test_what_stays_is_not_said_to_be_given_back(shop, preview):
    preview.delete("limits", retainOnDelete=True)

    _, report = planned(shop, preview)

    kept = finding(report, "limits")
    assert ("retain_on_delete" in kept["reason"], kept["hint"]) == (True, "")


def test_a_manual_change_of_what_goes_is_not_said_to_be_set_back(shop, preview):
    limited_by_hand(shop, 0)
    (shop.directory / "preview.json").write_text(preview.delete("limits").text())

    ran = shop.run(
        *("plan", "--preview", "preview.json", "--state", "state.json", "--confirm-delay", "0s")
    )

    assert "0  →  (what was there before)" in ran.stdout
    assert "changed outside, goes with the resource" in ran.stdout
    assert "sets it back" not in ran.stdout

"""The plan of a gateway's sections, and of external models' settings."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import Fingerprint, Sealing, fingerprinted, located, revived
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import PutAiGateway, PutConfig
from databricks_serving.plan.plan import make_plan
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import Endpoint, Severity
from support.endpoints import REFERENCE, answered, config, endpoint, openai, state
from unit.plan.plans import plan, told

CANARY = "c4nary-keyword"


def guarded(**parameters):
    return {"ai_gateway": {"guardrails": {"input": parameters}}}


# --- keywords and topics -------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["invalid_keywords", "valid_topics"])
def test_the_order_of_words_is_no_difference(words):
    forward, backward = guarded(**{words: ["war", "peace"]}), guarded(**{words: ["peace", "war"]})

    made = plan(forward, backward, forward)

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize("words", ["invalid_keywords", "valid_topics"])
@pytest.mark.parametrize(
    ("there", "word"), [(["war"], "peace"), (["peace", "war", "love"], "love")]
)
def test_a_word_that_somebody_adds_or_removes_is_one_change_named_by_it(words, there, word):
    said = guarded(**{words: ["war", "peace"]})

    made = plan(said, said, guarded(**{words: there}))

    assert told(made) == [
        (f"ai_gateway.guardrails.input.{words}.{word}", Action.UPDATE, Reason.DRIFTED)
    ]
    assert made.of(Action.UPDATE)[0].severity is Severity.CRITICAL
    assert made.operations == (PutAiGateway("chat", said["ai_gateway"]),)


def test_a_word_that_the_program_adds_is_its_edit():
    before = guarded(invalid_keywords=["war"])

    made = plan(before, guarded(invalid_keywords=["war", "peace"]), before)

    assert told(made) == [
        ("ai_gateway.guardrails.input.invalid_keywords.peace", Action.UPDATE, Reason.EDITED)
    ]


def test_words_that_nobody_declares_are_carried_along():
    said, there = guarded(safety=True), guarded(safety=False, invalid_keywords=["war", "peace"])

    made = plan(said, said, there)

    assert told(made) == [("ai_gateway.guardrails.input.safety", Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == (
        PutAiGateway("chat", guarded(safety=True, invalid_keywords=["war", "peace"])["ai_gateway"]),
    )


# --- words that are secret -----------------------------------------------------------------------

KEYWORDS = ("ai_gateway", "guardrails", "input", "invalid_keywords")
SECRET = guarded(invalid_keywords=["war", CANARY])
SEALED = Sealing(b"k", frozenset({located(endpoint(**SECRET), (*KEYWORDS, 1))}))


def test_secret_words_show_in_no_path_and_in_no_tree():
    added = guarded(invalid_keywords=["war", CANARY, f"{CANARY}-2"])

    made = make_plan(
        applied=state(SEALED, **SECRET),
        desired=state(SEALED, **added),
        actual=answered(SEALED, **SECRET),
    )

    (change,) = made.of(Action.UPDATE)
    assert change.reason is Reason.EDITED
    assert CANARY not in "".join(change.path)
    assert CANARY not in shown(change.path)
    assert CANARY not in repr(made)
    assert CANARY not in str(state(SEALED, **added).tree)
    assert CANARY not in str(plain_json(state(SEALED, **added).tree))
    assert made.operations == (PutAiGateway("chat", added["ai_gateway"]),)


def test_secret_words_that_somebody_else_added_do_not_show():
    made = make_plan(
        applied=state(SEALED, **SECRET),
        desired=state(SEALED, **SECRET),
        actual=answered(SEALED, **guarded(invalid_keywords=["war", CANARY, f"{CANARY}-2"])),
    )

    assert [change.reason for change in made.of(Action.UPDATE)] == [Reason.DRIFTED]
    assert CANARY not in repr(made)


def test_the_order_of_secret_words_is_no_difference_after_the_state_either():
    applied = revived(Endpoint, plain_json(state(SEALED, **SECRET).tree))
    sealing = Sealing(b"k", fingerprinted(applied.tree))

    made = make_plan(
        applied=applied,
        desired=applied,
        actual=answered(sealing, **guarded(invalid_keywords=[CANARY, "war"])),
    )

    assert told(made) == []
    assert fingerprinted(applied.tree) == {KEYWORDS}


def test_secret_words_known_by_their_fingerprints_only_are_not_sent_as_text():
    applied = revived(Endpoint, plain_json(state(SEALED, **SECRET).tree))

    made = make_plan(applied=applied, desired=applied, actual=answered(SEALED))

    words = made.operations[0].body["guardrails"]["input"]["invalid_keywords"]
    assert [type(word) for word in words] == [Fingerprint, Fingerprint]


def test_words_that_are_marked_as_secret_later_are_recorded_anew_without_a_call():
    made = make_plan(
        applied=state(**SECRET),
        desired=state(SEALED, **SECRET),
        actual=answered(SEALED, **SECRET),
    )

    assert {(action, reason) for _, action, reason in told(made)} == {
        (Action.NOTE, Reason.ALREADY_THERE)
    }
    assert made.operations == ()


# --- guardrails that are off ---------------------------------------------------------------------

OFF = {"safety": False, "pii": {"behavior": "NONE"}}


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (OFF, None),
        (OFF, {"pii": {"behavior": "NONE"}}),
        (OFF, OFF),
        ({"valid_topics": ["a"]}, {"valid_topics": ["a"], **OFF}),
        ({"pii": {"behavior": "NONE"}}, {"safety": False}),
    ],
)
def test_guardrails_that_are_off_are_as_good_as_none(said, there):
    actual = {"ai_gateway": None} if there is None else guarded(**there)

    made = plan(guarded(**said), guarded(**said), actual)

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize(
    ("there", "path"),
    [
        ({"safety": True, "pii": {"behavior": "NONE"}}, "safety"),
        ({"pii": {"behavior": "BLOCK"}}, "pii.behavior"),
    ],
)
def test_a_guardrail_that_somebody_switched_on_is_drift_where_the_program_says_off(there, path):
    made = plan(guarded(**OFF), guarded(**OFF), guarded(**there))

    assert told(made) == [(f"ai_gateway.guardrails.input.{path}", Action.UPDATE, Reason.DRIFTED)]


def test_a_guardrail_that_somebody_switched_off_is_drift():
    on = guarded(safety=True, pii={"behavior": "MASK"})

    made = plan(on, on, {"ai_gateway": None})

    assert [path.removeprefix("ai_gateway.guardrails.input.") for path, *_ in told(made)] == [
        "pii.behavior",
        "safety",
    ]
    assert made.of(Action.UPDATE)[0].severity is Severity.CRITICAL


# --- sections that are declared empty ------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "path"),
    [
        ({"guardrails": {"input": {"safety": True}}}, "guardrails.input.safety"),
        ({"usage_tracking_config": {"enabled": True}}, "usage_tracking_config.enabled"),
        ({"inference_table_config": {"enabled": False}}, "inference_table_config.enabled"),
    ],
)
def test_what_somebody_put_into_a_section_that_is_declared_empty_goes(there, path):
    (section,) = there
    said = {"ai_gateway": {section: {}}}

    made = plan(said, said, {"ai_gateway": there})

    assert told(made) == [(f"ai_gateway.{path}", Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == (PutAiGateway("chat", {section: {}}),)


@pytest.mark.parametrize(
    "there",
    [
        {"usage_tracking_config": {"enabled": False}},
        {"guardrails": {"input": {"pii": {"behavior": "NONE"}}, "output": {"safety": False}}},
    ],
    ids=["usage tracking", "guardrails"],
)
def test_what_the_service_fills_in_by_itself_is_as_good_as_cleared(there):
    (section,) = there
    each, whole = {"ai_gateway": {section: {}}}, {"ai_gateway": {}}

    assert told(plan(each, each, {"ai_gateway": there})) == []
    assert told(plan(whole, whole, {"ai_gateway": there})) == []


def test_what_stands_where_a_part_is_newly_declared_is_the_programs_change():
    made = plan({}, {"tags": {"a": "1"}}, {"tags": [{"key": "b", "value": "2"}]})

    assert told(made) == [
        ("tags.a", Action.UPDATE, Reason.EDITED),
        ("tags.b", Action.UPDATE, Reason.EDITED),
    ]


# --- external models -----------------------------------------------------------------------------


def external(provider, **fields):
    entity = openai(model={"provider": provider, **fields})
    del entity["external_model"]["openai_config"]
    return {"config": config(entity)}


def bedrock(spelled, region="us-east-1"):
    return external(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": region,
            "bedrock_provider": spelled,
            "uc_service_credential_name": "bedrock",
        },
    )


def test_capitals_in_bedrocks_provider_are_no_difference():
    made = plan(bedrock("anthropic"), bedrock("Anthropic"), bedrock("ANTHROPIC"))

    assert made.changes == ()


def test_another_provider_behind_bedrock_is_a_change():
    made = plan(bedrock("anthropic"), bedrock("Cohere"), bedrock("anthropic"))

    model = "config.served_entities.gpt.external_model.amazon_bedrock_config.bedrock_provider"
    assert told(made) == [(model, Action.UPDATE, Reason.EDITED)]


def test_the_former_providers_config_is_not_carried_along_where_nobody_applied_it_either():
    wanted = external("cohere", cohere_config={"cohere_api_key": REFERENCE})

    made = plan(None, wanted, bedrock("anthropic"))

    assert made.operations == (PutConfig("chat", wanted["config"]),)


def custom(**auth):
    url = {"custom_provider_url": "https://llm.example.com"}
    return external("custom", custom_provider_config={**url, **auth})


HEADER = {"api_key_auth": {"key": "X-Key", "value": REFERENCE}}
TOKEN = {"bearer_token_auth": {"token": REFERENCE}}


@pytest.mark.parametrize("applied", [custom(**HEADER), None], ids=["applied", "adopted"])
def test_a_step_from_a_header_to_a_token_leaves_the_header_out(applied):
    made = plan(applied, custom(**TOKEN), custom(**HEADER))

    assert made.action is Action.UPDATE
    assert made.operations == (PutConfig("chat", custom(**TOKEN)["config"]),)


def test_a_step_from_a_header_to_a_token_in_plain_text_is_sent_in_clear_and_does_not_print():
    made = plan(
        custom(**HEADER), custom(bearer_token_auth={"token_plaintext": CANARY}), custom(**HEADER)
    )

    model = made.operations[0].body["served_entities"][0]["external_model"]
    assert model["custom_provider_config"] == {
        "custom_provider_url": "https://llm.example.com",
        "bearer_token_auth": {"token_plaintext": CANARY},
    }
    assert CANARY not in repr(made)

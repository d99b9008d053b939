"""Guardrails in force, by stand-ins: words for what models judge, patterns for what is personal."""

from __future__ import annotations

import pytest

from databricks_serving_emulator.queries.guardrails import is_off_topic
from databricks_serving_emulator.queries.personal import masked
from unit.emulator.bodies import Client, custom, endpoint, external
from unit.emulator.queries import ask, messages, says, triggered, with_chat


def guarded(side="input", **guards):
    return with_chat({"guardrails": {side: guards}})


CARD = "4111 1111 1111 1111"


def test_personal_information_is_masked_before_the_model_reads_it():
    client = guarded(pii={"behavior": "MASK"})

    content = ask(client, f"My card is {CARD}, mail ann@example.com.").json()

    said = content["choices"][0]["message"]["content"]
    assert said == "My card is <CREDIT_CARD>, mail <EMAIL_ADDRESS>."
    assert content["input_guardrail"] == [
        {"flagged": False, "categories": None, "category_scores": None, "pii_detection": True}
    ]


def test_personal_information_is_blocked_with_what_was_found():
    client = guarded(pii={"behavior": "BLOCK"})

    found = triggered(client, f"My card is {CARD}.")

    assert found == {
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
        "input_guardrail": [
            {
                "flagged": False,
                "categories": None,
                "category_scores": None,
                "pii_detection": True,
                "anonymized_input": [{"role": "user", "content": "My card is <CREDIT_CARD>."}],
            }
        ],
        "finishReason": "input_guardrail_triggered",
    }


def test_without_guardrails_nothing_is_masked():
    assert says(with_chat(), CARD) == CARD
    assert says(guarded(pii={"behavior": "NONE"}), CARD) == CARD


def test_every_message_is_looked_at():
    client = guarded(pii={"behavior": "BLOCK"})

    triggered(client, messages("ann@example.com", "What is my address?"))


def test_what_is_masked_on_the_way_out_was_read_in_clear():
    client = guarded("output", pii={"behavior": "MASK"})

    content = ask(client, "ann@example.com").json()

    assert content["choices"][0]["message"]["content"] == "<EMAIL_ADDRESS>"
    assert content["output_guardrail"][0]["pii_detection"] is True
    (query,) = client.workspace.queries
    assert query.input_characters == 15


def test_what_is_blocked_on_the_way_out_says_nothing():
    client = guarded("output", pii={"behavior": "BLOCK"})

    found = triggered(client, "ann@example.com")

    assert found["finishReason"] == "output_guardrail_triggered"
    assert found["output_guardrail"][0]["anonymized_output"] == ["<EMAIL_ADDRESS>"]
    (query,) = client.workspace.queries
    assert (query.status_code, query.served_entity_name, query.output_tokens) == (400, "main", 0)


def test_a_stream_is_not_looked_at_on_its_way_out():
    client = guarded("output", pii={"behavior": "BLOCK"})

    answer = ask(client, {**messages("ann@example.com"), "stream": True})

    assert answer.status_code == 200
    assert "ann@example.com" in answer.text


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("Tell me of Acme.", True),
        ("ACME", True),
        ("the secret  plan", True),
        ("the secret plan", True),
        ("the secret plans of acmeists", True),
        ("\uff21\uff23\uff2d\uff25", True),
        ("cafe\u0301", True),
        ("これは秘密です", True),
        ("a secret and a plan", False),
        ("nothing", False),
    ],
)
def test_invalid_keywords_are_found_in_any_case_and_in_the_middle_of_words(text, blocked):
    client = guarded(invalid_keywords=["acme", "Secret Plan", "caf\u00e9", "秘密", " "])

    answer = ask(client, text)

    assert answer.status_code == (400 if blocked else 200)


def test_a_blocked_keyword_is_told_and_not_named():
    found = triggered(guarded(invalid_keywords=["acme"]), "Tell me of it, Acme!")

    assert found["input_guardrail"][0]["invalid_keywords"] is True
    assert found["input_guardrail"][0]["pii_detection"] is False


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Which bike shall I buy?", 200),
        ("Which bikes are there?", 200),
        ("Is my INSURANCE due?", 200),
        ("How many offices has it?", 200),
        ("今日の天気は", 200),
        ("Who won?", 400),
        ("The best biker of all?", 400),
    ],
)
def test_a_text_without_a_significant_word_of_any_topic_is_off_topic(text, status):
    client = guarded(valid_topics=["a bike", "all of the car insurances", "the office", "天気"])

    assert ask(client, text).status_code == status


@pytest.mark.one_door("of a pattern, no door makes a difference")
@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("bill", "bills"),
        ("office", "offices"),
        ("company", "companies"),
        ("day", "days"),
        ("movie", "movies"),
        ("box", "boxes"),
        ("tax", "taxes"),
        ("bus", "buses"),
        ("class", "classes"),
        ("match", "matches"),
        ("dish", "dishes"),
        ("potato", "potatoes"),
    ],
)
def test_singular_and_regular_plural_are_one_topic(singular, plural):
    assert not is_off_topic([f"of {plural}."], [singular])
    assert not is_off_topic([f"of a {singular}."], [plural])


@pytest.mark.one_door("of a pattern, no door makes a difference")
@pytest.mark.parametrize(
    ("topic", "text"),
    [("notes", "not"), ("planes", "plan"), ("car", "cares"), ("uses", "us"), ("toes", "to")],
)
def test_what_only_looks_like_a_plural_is_another_word(topic, text):
    assert is_off_topic([text], [topic])


@pytest.mark.parametrize(("last", "status"), [("Write a poem.", 400), ("My bill is wrong.", 200)])
def test_only_the_user_says_what_a_chat_is_about(last, status):
    client = guarded(valid_topics=["bills"])
    roles = [("system", "You answer questions on bills."), ("assistant", "Bills?"), ("user", last)]
    body = {"messages": [{"role": role, "content": text} for role, text in roles]}

    assert ask(client, body).status_code == status


def test_being_off_topic_is_told():
    found = triggered(guarded(valid_topics=["bikes"]), "Who won?")

    assert found["input_guardrail"][0]["off_topic"] is True


def test_safety_tells_its_category():
    client = guarded(safety=True)

    found = triggered(client, "How do I build a bomb?")

    (report,) = found["input_guardrail"]
    assert report["flagged"] is True
    assert [name for name, is_so in report["categories"].items() if is_so] == [
        "indiscriminate-weapons"
    ]
    assert says(client, "How do I build a shed?") == "How do I build a shed?"


def test_safety_that_is_off_lets_everything_pass():
    assert says(guarded(safety=False), "bomb") == "bomb"


def test_prompts_and_inputs_are_guarded_too():
    gateway = {"guardrails": {"input": {"pii": {"behavior": "MASK"}}}}
    client = Client()
    for task, name in (("completions", "texts"), ("embeddings", "vectors")):
        body = endpoint(external(task=f"llm/v1/{task}"), name=name, ai_gateway=gateway)
        client.create(body)

    said = ask(client, {"prompt": "ann@example.com"}, "texts").json()["choices"][0]["text"]
    by_name, by_label = (
        ask(client, {"input": text}, "vectors").json()["data"][0]["embedding"]
        for text in ("ann@example.com", "<EMAIL_ADDRESS>")
    )

    assert said == "<EMAIL_ADDRESS>"
    assert by_name == by_label


def test_rows_of_a_custom_model_have_no_text_to_guard():
    client = Client()
    gateway = {"guardrails": {"input": {"pii": {"behavior": "BLOCK"}}}}
    client.create(endpoint(custom(), ai_gateway=gateway))
    client.settle("chat")

    assert ask(client, {"inputs": ["ann@example.com"]}).status_code == 200


def test_a_blocked_query_counts_as_a_call_and_has_no_tokens():
    gateway = {
        "guardrails": {"input": {"invalid_keywords": ["acme"]}},
        "rate_limits": [{"key": "user", "calls": 1, "renewal_period": "minute"}],
    }
    client = with_chat(gateway)

    found = [ask(client, text).status_code for text in ("acme", "hello")]

    assert found == [400, 429]
    assert client.workspace.queries[0].input_tokens == 0


@pytest.mark.one_door("of a pattern, no door makes a difference")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann.o'neil+x@mail.example.co.uk", "ann.o'<EMAIL_ADDRESS>"),
        ("ann@localhost", "ann@localhost"),
        ("Ünï@exämple.com", "<EMAIL_ADDRESS>"),
        ("4111-1111-1111-1111", "<CREDIT_CARD>"),
        ("378282246310005", "<CREDIT_CARD>"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("4111 1111 1111 1111 12/27", "<CREDIT_CARD> 12/27"),
        ("4111111111111111 123", "<CREDIT_CARD> 123"),
        ("order 10 4111111111111111", "order 10 <CREDIT_CARD>"),
        ("5 4111 1111 1111 1111", "5 <CREDIT_CARD>"),
        ("2024 4111 1111 1111 1111", "2024 <CREDIT_CARD>"),
        ("4111  1111\u00a01111.1111", "<CREDIT_CARD>"),
        ("order 1387 4152 8840 8157 4142", "order <CREDIT_CARD>"),
        ("4111 1111 1111 1111 5555 5555 5555 4444", "<CREDIT_CARD> <CREDIT_CARD>"),
        ("3782 822463 10005", "<CREDIT_CARD>"),
        ("6304 0000 0000 0000 000", "<CREDIT_CARD>"),
        ("order 12345678901234", "order 12345678901234"),
        ("123-45-6789", "<US_SSN>"),
        ("000-45-6789", "000-45-6789"),
        ("2026-01-05", "2026-01-05"),
        ("DE89 3704 0044 0532 0130 00 is mine", "<IBAN_CODE> is mine"),
        ("GB82WEST12345698765432", "<IBAN_CODE>"),
        ("BE68 5390 0754 7034 EUR 20", "<IBAN_CODE> EUR 20"),
        ("BE68539007547034 BIC", "<IBAN_CODE> BIC"),
        ("AT61 1904 3002 3457 3201 ASAP", "<IBAN_CODE> ASAP"),
        ("AB12 de89\u00a03704 0044 0532 0130 00", "AB12 <IBAN_CODE>"),
        ("XX68 5390 0754 7034", "XX68 5390 0754 7034"),
        ("DE88 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"),
        ("call (212) 555-0142 or 212-555-0142", "call <PHONE_NUMBER> or <PHONE_NUMBER>"),
        ("+49 30 1234 5678", "<PHONE_NUMBER>"),
        ("+1 212 555 0142.", "<PHONE_NUMBER>."),
        ("192.168.100.200", "192.168.100.200"),
        ("version 1.2.3 of 2024", "version 1.2.3 of 2024"),
    ],
)
def test_what_is_personal_has_a_well_known_shape(text, shown):
    assert masked(text) == shown


@pytest.mark.one_door("of a pattern, no door makes a difference")
@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "0000 ", "1111 ", "1111  ", "AB12 ", "DE11 ", "a.", "a@", "+1 ", "(212) "],
)
def test_no_text_takes_long(piece):
    masked(piece * 200_000)

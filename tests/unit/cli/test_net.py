"""The last net: whatever leaves, in whichever form, leaves without this run's secrets."""

from __future__ import annotations

import base64
import html
import io
import json
from urllib.parse import quote, quote_plus

import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.cli.net import Net, mask, net_of

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=6).filter(
    lambda text: len(text.strip()) >= 6 and "*" not in text
)


def forms(secret):
    return {
        "raw": secret,
        "in a URL": quote(secret, safe=""),
        "in a form": quote_plus(secret),
        "in base64": base64.b64encode(secret.encode()).decode(),
        "in base64 for URLs": base64.urlsafe_b64encode(secret.encode()).decode(),
        "in JSON": json.dumps(secret)[1:-1],
        "in JSON as it is": json.dumps(secret, ensure_ascii=False)[1:-1],
        "in HTML": html.escape(secret),
        "in a template": str(markupsafe.escape(secret)),
    }


@pytest.mark.parametrize("form", forms("secret"))
@given(secret=SECRETS)
def test_a_secret_is_covered(form, secret):
    secret = secret.strip()

    covered = Net([secret]).over(f"before {forms(secret)[form]} after")

    assert "***" in covered
    assert forms(secret)[form] not in covered.replace("before ", "").replace(" after", "")


@given(secret=SECRETS, more=st.dictionaries(st.text(), st.integers()))
def test_no_text_or_key_of_json_keeps_a_secret(secret, more):
    document = {"said": {"value": secret, **more}, secret: []}

    covered = Net([secret, "1234567"]).over_tree(document)

    assert secret not in json.dumps(covered, ensure_ascii=False)


def test_a_number_that_holds_a_secret_becomes_a_text():
    covered = Net(["123456"]).over_tree({"calls": 1234567, "more": True})

    assert covered == {"calls": "***", "more": True}


def test_each_line_of_a_secret_is_one():
    key = "-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----"

    assert Net([key]).over("line MIIEvQIBADANBg") == "line ***"


def test_the_longer_of_two_secrets_goes_whole():
    assert Net(["secret", "secret-and-more"]).over("secret-and-more") == "***"


def test_what_is_named_as_secrets_are_is_one():
    environment = {
        "OPENAI_API_KEY": "value-1",
        "github_token": "value-2",
        "AZURE_CLIENT_SECRET": "value-3",
        "DB_PASSWORD_PROD": "value-4",
        "PULUMI_CONFIG_PASSPHRASE": "value-5",
        "DATABRICKS_TOKEN": "value-6",
        "KEYBOARD": "value-7",
        "TOKENS": "value-8",
        "A_KEY": "short",
    }

    assert net_of(environment).secrets == tuple(f"value-{n}" for n in range(1, 7))


def test_without_secrets_a_text_is_what_it_was():
    assert net_of({}).over("text") == "text"


def test_only_a_log_of_github_is_told_what_to_mask():
    said = io.StringIO()

    mask(Net(["secret"]), {"GITHUB_ACTIONS": "false"}, said)
    mask(Net(["100%-secret"]), {"GITHUB_ACTIONS": "true"}, said)

    assert said.getvalue() == "::add-mask::100%25-secret\n"


def test_a_secret_of_several_lines_is_masked_line_by_line():
    said = io.StringIO()

    mask(Net(["-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----"]), {"GITHUB_ACTIONS": "true"}, said)

    assert said.getvalue().splitlines() == [
        "::add-mask::-----BEGIN-----",
        "::add-mask::-----END-----",
        "::add-mask::MIIEvQIBADANBg",
    ]


def test_a_file_is_told_no_secret_to_mask(tmp_path):
    with (tmp_path / "errors.txt").open("w+", encoding="utf-8") as said:
        mask(Net(["secret"]), {"GITHUB_ACTIONS": "true"}, said)

        said.seek(0)
        assert said.read() == ""

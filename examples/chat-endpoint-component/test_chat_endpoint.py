"""The house's rules, tried on an emulated workspace: no account is needed."""

from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
from chat_endpoint import MOST_CALLS, ChatEndpoint

from databricks_serving_emulator.testing import Deployed, deployed


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployed]:
    """The two endpoints of this directory, with somebody in each group."""
    keys = {"supportKey": "sk-made-up-1", "searchKey": "sk-made-up-2"}
    with deployed(Path(__file__).parent, secrets=keys) as stack:
        stack.workspace.identities.add_user("ann@example.com", groups=("support-agents",))
        stack.workspace.identities.add_user("bob@example.com", groups=("search-engineers",))
        yield stack


def test_what_a_user_may_ask_in_a_minute_is_60_and_more_where_a_team_says_so(
    stack: Deployed,
) -> None:
    support = [stack.query("support-chat", "hi", as_user="ann@example.com") for _ in range(61)]
    search = [stack.query("search-chat", "hi", as_user="bob@example.com") for _ in range(61)]

    assert [answer.status for answer in support] == [*[200] * 60, 429]
    assert [answer.status for answer in search] == [200] * 61


def test_only_the_callers_of_an_endpoint_may_query_it(stack: Deployed) -> None:
    assert stack.query("search-chat", "hi", as_user="ann@example.com").status == 403
    assert stack.query("support-chat", "hi", as_user="eve@example.com").status == 403


def test_personal_information_is_masked_and_what_is_unsafe_is_refused(stack: Deployed) -> None:
    masked = stack.query("search-chat", "My card is 4111 1111 1111 1111.")
    refused = stack.query("search-chat", "How do I build a bomb?")

    assert masked.text == "My card is <CREDIT_CARD>."
    assert refused.status == 400


def test_usage_is_written_down(stack: Deployed) -> None:
    stack.query("support-chat", "hi", usage_context={"ticket": "7"})

    rows = stack.rows("SELECT usage_context['ticket'] AS ticket FROM system.serving.endpoint_usage")

    assert {"ticket": "7"} in rows


def test_a_team_and_a_limit_that_the_house_allows_are_asked_for() -> None:
    with pytest.raises(pulumi.RunError, match="Say who pays for it"):
        ChatEndpoint("chat", team=" ", api_key="sk-made-up", callers=["all"])
    with pytest.raises(pulumi.RunError, match="the house allows 600"):
        ChatEndpoint(
            "chat",
            team="support",
            api_key="sk-made-up",
            callers=["all"],
            calls_per_user=MOST_CALLS + 1,
        )

from collections.abc import Iterator
from pathlib import Path

import pytest

from databricks_serving_emulator.testing import Deployed, deployed


@pytest.fixture(scope="module")
def stack() -> Iterator[Deployed]:
    """The program of this directory, deployed on a workspace of its own."""
    with deployed(Path(__file__).parent, secrets={"openaiKey": "sk-made-up"}) as stack:
        yield stack


def test_the_101st_call_of_a_user_in_a_minute_is_refused(stack: Deployed) -> None:
    answers = [stack.query("support-chat", "hi", as_user="ann@example.com") for _ in range(101)]

    assert [answer.status for answer in answers] == [*[200] * 100, 429]


def test_a_minute_later_the_user_may_ask_again(stack: Deployed) -> None:
    for _ in range(101):
        stack.query("support-chat", "hi", as_user="bob@example.com")

    stack.advance(60)

    assert stack.query("support-chat", "hi", as_user="bob@example.com").status == 200


def test_one_user_holds_up_no_other(stack: Deployed) -> None:
    for _ in range(101):
        stack.query("support-chat", "hi", as_user="cat@example.com")

    assert stack.query("support-chat", "hi", as_user="dan@example.com").status == 200


def test_a_card_number_is_masked(stack: Deployed) -> None:
    answer = stack.query("support-chat", "My card is 4111 1111 1111 1111.")

    assert answer.status == 200
    assert "My card is" in answer.text
    assert "4111" not in answer.text

"""That the tests of this folder go through the door that they say."""

from __future__ import annotations

import pytest

from unit.emulator import doors
from unit.emulator.bodies import ENDPOINTS, Client


def test_only_over_http_there_is_a_server(door):
    answer = Client().http.get(ENDPOINTS)

    assert answer.headers.get("server") == (None if door is doors.in_process else "uvicorn")


def test_each_client_has_a_workspace_of_its_own():
    one, other = Client(), Client()

    one.create({"name": "chat"})

    assert one.get("chat")["name"] == "chat"
    assert other.does("GET", ENDPOINTS) == {}


@pytest.mark.one_door("is about those that do not want both")
def test_one_door_is_the_one_in_process(door):
    assert door is doors.in_process

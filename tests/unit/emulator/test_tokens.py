"""Nobody gets an answer of the API without a token, nor from another machine unless asked for."""

from __future__ import annotations

import inspect
import re

import pytest

from databricks_serving_emulator import RunningServer, Workspace, serve
from databricks_serving_emulator.routing import ROUTES
from unit.emulator.bodies import Client

PATHS = [(route.method, re.sub(r"\{\w+\}", "chat", route.pattern)) for route in ROUTES]


@pytest.mark.parametrize(("method", "path"), PATHS, ids=[" ".join(one) for one in PATHS])
def test_every_call_of_the_api_needs_a_token(method, path):
    client = Client()
    del client.http.headers["Authorization"]

    refused = client.refuses(method, path, {} if method in ("POST", "PUT", "PATCH") else None)

    assert refused[:2] == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("method", "path"), PATHS, ids=[" ".join(one) for one in PATHS])
def test_every_call_of_the_api_needs_a_token_that_is_known(method, path):
    client = Client().by("dapi-nobody")

    assert client.call(method, path)[0] == 403


@pytest.mark.one_door("calls nothing")
@pytest.mark.parametrize("token", ["", " ", "dapi mine", "dapi\nmine", "däpi"])
def test_a_token_that_no_request_can_carry_is_refused(token, tmp_path):
    db = tmp_path / "workspace.db"

    with pytest.raises(ValueError, match="ASCII text without blanks"):
        Workspace(token=token, db=db)

    assert not db.exists()


@pytest.mark.one_door("calls nothing")
@pytest.mark.parametrize("starts", [RunningServer, serve])
def test_a_server_listens_on_loopback_unless_it_is_told_otherwise(starts):
    assert inspect.signature(starts).parameters["host"].default == "127.0.0.1"

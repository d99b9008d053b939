"""A pytest plugin that writes down what each test of the emulator asks its workspace.

For `tools/check_workspace`, which asks a real workspace the same. It is loaded with
`-p support.conversations --conversations FILE`. Of a conversation that nobody could repeat with
requests alone (another caller, a control, a planned failure, a workspace that behaves in an unusual
way), it says why.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from databricks_serving_emulator import Behaviour
from databricks_serving_emulator.routing import find_route
from databricks_serving_emulator.world import Settings
from unit.emulator import doors

ASKED = re.compile(r"/api/2\.0/(serving-endpoints|permissions/serving-endpoints|secrets)(/|$)")
NO_BODY = object()


class Recorder(httpx.BaseTransport):
    """Passes requests on to a workspace, and writes down what is said."""

    def __init__(self, inner, workspace, tape):
        self._inner = inner
        self._workspace = workspace
        self._tape = tape

    def handle_request(self, request):
        unusual = self._unusual(request)
        response = self._inner.handle_request(request)
        response.read()
        self._tape.append((id(self._workspace), unusual, request, response))
        return response

    def _unusual(self, request):
        workspace = self._workspace
        if not ASKED.match(request.url.path):
            return "it is about something else than endpoints, permissions and secrets"
        if request.headers.get("authorization") != f"Bearer {Settings.token}":
            return "somebody else asks"
        if workspace.behaviour != Behaviour() or workspace.settings.strict:
            return "the emulator behaves in an unusual way"
        if workspace.faults.listed() or workspace.deployments.listed():
            return "something is planned to go wrong"
        if _content(request.content, NO_BODY) is NO_BODY:
            return "a body is no JSON"
        return ""


def conversation(case, tape):
    """What a test asked, in JSON: requests, and what came of each in the emulator."""
    unusual = next((why for _, why, _, _ in tape if why), "")
    if len({workspace for workspace, *_ in tape}) > 1:
        unusual = unusual or "it takes several workspaces"
    names = {}
    steps = []
    for _, _, request, response in tape:
        answer = _content(response.content, None)
        steps.append(_step(request, response, answer, names))
        if isinstance(answer, dict) and {"id", "name"} <= answer.keys():
            names[answer["id"]] = answer["name"]
    return {"case": case, "unusual": unusual, "steps": steps}


def _step(request, response, answer, names):
    path = request.url.raw_path.partition(b"?")[0].decode("ascii")
    *head, last = path.split("/")
    if last in names:
        path = "/".join([*head, f"{{id of {names[last]}}}"])
    elif head[-1:] and head[-1] in names:
        path = "/".join([*head[:-1], f"{{id of {names[head[-1]]}}}", last])
    return {
        "method": request.method,
        "path": path,
        "query": dict(request.url.params),
        "body": _content(request.content, None),
        "status": response.status_code,
        "outcome": _outcome(request.method, path, response.status_code, answer),
    }


def _outcome(method, path, status, answer):
    """What two requests have in common that teach the same."""
    found = find_route(method, path)
    route = found[0].pattern if found else unquote(path).rpartition("/")[2]
    if not isinstance(answer, dict):
        return f"{method} {route} {status}"
    if status >= 400:
        words = re.sub(r"'[^']*'|\d+", "…", str(answer.get("message")))
        return f"{method} {route} {status} {answer.get('error_code')} {words}"
    return f"{method} {route} {status} {' '.join(sorted(set(_fields(answer))))}"


def _fields(answer, path=""):
    """The paths of all fields that it has."""
    if isinstance(answer, list):
        for inner in answer:
            yield from _fields(inner, path)
    elif isinstance(answer, dict):
        for name, inner in answer.items():
            yield f"{path}.{name}"
            yield from _fields(inner, f"{path}.{name}")


def _content(content, otherwise):
    try:
        return json.loads(content) if content.strip() else None
    except (ValueError, RecursionError):
        return otherwise


def pytest_addoption(parser):
    parser.addoption("--conversations", type=Path, metavar="FILE", help="write them into FILE")


def pytest_configure(config):
    config.stash[_HEARD] = []


def pytest_sessionfinish(session):
    file = session.config.getoption("--conversations")
    file.write_text(json.dumps(session.config.stash[_HEARD]), encoding="utf-8")


@pytest.fixture(autouse=True)
def _heard(door, request):
    tape = []
    with doors.through(lambda workspace: Recorder(door(workspace), workspace, tape)):
        yield
    if tape:
        case = f"{request.path.stem}::{request.node.name}".replace("in process-", "")
        case = case.replace("[in process]", "")
        request.config.stash[_HEARD].append(conversation(case, tape))


_HEARD = pytest.StashKey()

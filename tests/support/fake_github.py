"""GitHub on loopback: what `dbserving notify` asks of it, and whether it may ask so.

Each request (method, path, query, body) is held against GitHub's published OpenAPI description
(tests/fixtures/github-openapi.json), and so is each answer. A request that breaks it is answered
with 500 and kept in `breaches`, which every test that stops the server looks at.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import json
import re
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qsl

import jsonschema
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

DESCRIPTION = Path(__file__).parent.parent / "fixtures" / "github-openapi.json"
TOKEN = "ghs_T0KEN-that-nobody-may-see"
BOT = "github-actions[bot]"
REPOSITORY = "shop/infra"
_EPOCH = "2026-11-22T11:00:00Z"
#: Both were validated against GitHub's GraphQL schema (tests/fixtures/github-openapi.md).
_VIEWER = "query { viewer { login } }"
_MINIMIZE = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) "
    "{ minimizedComment { isMinimized } } }"
)


class Breach(Exception):
    """A request that GitHub's description does not allow."""


@functools.cache
def _description():
    return Description()


class Description:
    """The OpenAPI description: which operation a request is, and whether it is a right one."""

    def __init__(self):
        self._said = _with_nulls(json.loads(DESCRIPTION.read_text(encoding="utf-8")))
        self._routes = [
            (method.upper(), re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), operation)
            for path, methods in self._said["paths"].items()
            for method, operation in methods.items()
        ]

    def operation(self, method, path, query, body):
        """The operation and the values in its path. Raises Breach."""
        for said, pattern, operation in self._routes:
            found = pattern.fullmatch(path)
            if said == method and found:
                self._judge(operation, found.groupdict(), query, body)
                return operation, found.groupdict()
        raise Breach(f"{method} {path} is no operation")

    def judge_answer(self, operation, status, answer):
        """Raise Breach where GitHub would not answer so."""
        said = self._resolved(operation["responses"].get(str(status)))
        if said is None:
            return  # 401, 429, 500: described for no operation
        content = said.get("content", {}).get("application/json")
        if content is not None:
            self._validate(content["schema"], answer, f"answer of {operation['operationId']}")

    def _judge(self, operation, in_path, query, body):
        parameters = [self._resolved(each) for each in operation.get("parameters", ())]
        given = {"path": in_path, "query": query}
        for each in parameters:
            values = given.get(each["in"], {})
            if each["name"] in values:
                self._validate(
                    each["schema"], _typed(values[each["name"]], each["schema"]), each["name"]
                )
            elif each.get("required"):
                raise Breach(f"{each['name']} is missing")
        unknown = set(query) - {each["name"] for each in parameters if each["in"] == "query"}
        if unknown:
            raise Breach(f"no such query: {sorted(unknown)}")
        if int(query.get("per_page", 1)) > 100:
            raise Breach("per_page is at most 100")
        expected = operation.get("requestBody")
        if expected is None:
            if body:
                raise Breach("it takes no body")
            return
        schema = expected["content"]["application/json"]["schema"]
        said = json.loads(body)
        self._validate(schema, said, "body")
        if set(said) - set(schema["properties"]):
            raise Breach(f"no such fields: {sorted(set(said) - set(schema['properties']))}")

    def _resolved(self, node):
        while isinstance(node, dict) and "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self._said["components"][kind][name]
        return node

    def _validate(self, schema, value, what):
        whole = {**schema, "components": self._said["components"]}
        try:
            jsonschema.Draft202012Validator(whole).validate(value)
        except jsonschema.ValidationError as wrong:
            raise Breach(f"{what}: {wrong.json_path}: {wrong.message}") from None

    def example(self, schema):
        """The least that fits a schema."""
        schema = self._resolved(schema)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.example(schema[choice][-1])
        kind = schema.get("type")
        if isinstance(kind, list) and "null" in kind:
            return None
        if "enum" in schema:
            return schema["enum"][0]
        if kind == "object" or "properties" in schema:
            needed = schema.get("required", ())
            return {name: self.example(schema["properties"][name]) for name in needed}
        plain = {"array": [], "integer": 1, "number": 1.0, "boolean": False, "null": None}
        return copy.copy(plain.get(kind, _EPOCH))

    def answer_of(self, operation, status):
        """The schema of an answer."""
        return self._resolved(operation["responses"][str(status)])["content"]["application/json"][
            "schema"
        ]


def _with_nulls(node):
    """OpenAPI 3.0's `nullable` as JSON Schema says it."""
    if isinstance(node, list):
        return [_with_nulls(each) for each in node]
    if not isinstance(node, dict):
        return node
    said = {name: _with_nulls(each) for name, each in node.items()}
    if said.pop("nullable", None) is not True:
        return said
    if "type" in said:
        said["type"] = [said["type"], "null"]
        if "enum" in said:
            said["enum"] = [*said["enum"], None]
        return said
    return {"anyOf": [{"type": "null"}, said]}


def _typed(text, schema):
    return int(text) if schema.get("type") == "integer" and text.isdigit() else text


class Planned:
    """An answer in place of the true one. `after`: the request has its effect first."""

    def __init__(self, status, body=None, headers=None, *, after=False, cut=False):
        self.status = status
        self.body = {"message": "planned"} if body is None else body
        self.headers = headers or {}
        self.after = after
        self.cut = cut


class FakeGitHub:
    """One repository. `calls`: method and path of each request that it took.

    login: whom the token belongs to
    linked: whether answers have a Link header (a proxy may drop it)
    before: called with method and path as a request comes in: another run, at the same time
    """

    def __init__(self, *, login=BOT, linked=True, graphql_path="/graphql", prefix=""):
        self.description = _description()
        self.login = login
        self.linked = linked
        self.before = lambda *_: None
        self.calls = []
        self.breaches = []
        self.comments = []
        self.issues = []
        self.pulls = []
        self._planned = []
        self._numbers = itertools.count(1)
        self._graphql_path = graphql_path
        self._prefix = prefix
        self._lock = threading.RLock()

    def plan(self, method, path, *answers):
        """The next requests whose path ends so are answered so."""
        self._planned += [(method, path, answer) for answer in answers]

    @property
    def writes(self):
        """The calls that change something."""
        return [call for call in self.calls if call[0] != "GET" and call[1] != "viewer"]

    def add_comment(self, number, body, *, by=None):
        """A comment that stands there."""
        made = next(self._numbers)
        comment = {
            "id": made,
            "node_id": f"IC_{made}",
            "html_url": f"https://github.com/{REPOSITORY}/pull/{number}#issuecomment-{made}",
            "issue_url": f"https://api.github.com/repos/{REPOSITORY}/issues/{number}",
            "url": f"https://api.github.com/repos/{REPOSITORY}/issues/comments/{made}",
            "user": self._user(by or self.login),
            "created_at": _EPOCH,
            "updated_at": _EPOCH,
            "body": body,
            "minimized": None,
        }
        self.comments.append((number, comment))
        return comment

    def add_issue(self, title, body, *, by=None, state="open", labels=(), pull_request=False):
        """An issue that stands there."""
        schema = {"$ref": "#/components/schemas/issue"}
        number = len(self.issues) + 1
        issue = {
            **self.description.example(schema),
            "number": number,
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "title": title,
            "body": body,
            "user": self._user(by or self.login),
            "state": state,
            "state_reason": None,
            "labels": [{"name": label} for label in labels],
        }
        if pull_request:
            at = f"https://github.com/{REPOSITORY}/pull/{number}"
            issue["pull_request"] = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), at)
        self.issues.append(issue)
        return issue

    def add_pull(self, number, head, sha):
        """An open pull request of a branch `owner:branch`."""
        pull = self.description.example({"$ref": "#/components/schemas/pull-request-simple"})
        pull |= {"number": number, "head": {**pull["head"], "label": head, "sha": sha}}
        self.pulls.append(pull)

    def of(self, number):
        """The comments of an issue or pull request."""
        return [comment for at, comment in self.comments if at == number]

    def _user(self, login):
        user = self.description.example({"$ref": "#/components/schemas/simple-user"})
        return {**user, "login": login}

    def answer(self, method, path, query, body, headers):
        """Status, JSON and headers for a request."""
        self.before(method, path)
        with self._lock:
            try:
                return self._answered(method, path, query, body, headers)
            except Breach as breach:
                self.breaches.append(str(breach))
                return 500, {"message": f"breach: {breach}"}, {}

    def _answered(self, method, path, query, body, headers):  # noqa: PLR0911 - an answer each
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        if path == self._graphql_path:
            return self._graphql(json.loads(body))
        if not path.startswith(self._prefix):
            raise Breach(f"{path} is not below {self._prefix}")
        path = path.removeprefix(self._prefix)
        operation, named = self.description.operation(method, path, query, body)
        self.calls.append((method, path))
        planned = self._next_planned(method, path)
        if planned is not None and not planned.after:
            self.description.judge_answer(operation, planned.status, planned.body)
            return planned.status, planned.body, planned.headers
        if f"{named['owner']}/{named['repo']}" != REPOSITORY:
            return 404, {"message": "Not Found", "status": "404"}, {}
        said = json.loads(body) if body else {}
        status, answer, more = self._done(operation["operationId"], named, query, said)
        if status != 204:
            self.description.judge_answer(operation, status, answer)
        if planned is not None:
            if planned.cut:
                return None, None, None
            return planned.status, planned.body, planned.headers
        return status, answer, more

    def _next_planned(self, method, path):
        for one in self._planned:
            if one[0] == method and path.endswith(one[1]):
                self._planned.remove(one)
                return one[2]
        return None

    def _graphql(self, said):
        if said["query"] == _VIEWER:
            self.calls.append(("POST", "viewer"))
            planned = self._next_planned("POST", "viewer")
            if planned is not None:
                return planned.status, planned.body, planned.headers
            return 200, {"data": {"viewer": {"login": self.login}}}, {}
        if said["query"] == _MINIMIZE:
            node = said["variables"]["id"]
            self.calls.append(("POST", f"minimize {node}"))
            for _, comment in self.comments:
                if comment["node_id"] == node:
                    comment["minimized"] = {"reason": "outdated"}
                    return 200, {"data": {"minimizeComment": {"minimizedComment": None}}}, {}
            return 200, {"data": None, "errors": [{"message": f"no node {node}"}]}, {}
        raise Breach(f"no such GraphQL document: {said['query']}")

    def _done(self, operation, named, query, said):  # noqa: PLR0911 - an operation each
        number = int(named.get("issue_number", 0))
        if operation == "issues/list-comments":
            return self._page(self.of(number), query)
        if operation == "issues/create-comment":
            return 201, self.add_comment(number, _sized(said["body"])), {}
        if operation in ("issues/update-comment", "issues/delete-comment"):
            return self._changed_comment(operation, int(named["comment_id"]), said)
        if operation == "issues/list-for-repo":
            found = [i for i in self.issues if i["user"]["login"] == query["creator"]]
            if query.get("state", "open") != "all":
                raise Breach("an issue that is closed is looked for, too")
            return self._page(found, query)
        if operation == "issues/create":
            made = self.add_issue(said["title"], _sized(said["body"]), labels=said["labels"])
            return 201, made, {}
        if operation == "issues/update":
            issue = self.issues[number - 1]
            if "body" in said:
                _sized(said["body"])
            issue.update(said)
            return 200, issue, {}
        assert operation == "pulls/list"
        return self._page([p for p in self.pulls if p["head"]["label"] == query["head"]], query)

    def _changed_comment(self, operation, made, said):
        there = next((one for one in self.comments if one[1]["id"] == made), None)
        if there is None:
            return 404, {"message": "Not Found"}, {}
        if operation == "issues/delete-comment":
            self.comments.remove(there)
            return 204, None, {}
        there[1]["body"] = _sized(said["body"])
        return 200, there[1], {}

    def _page(self, found, query):
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        shown = found[(page - 1) * size : page * size]
        more = {}
        if self.linked and page * size < len(found):
            more = {"Link": f'<https://api.github.com/elsewhere?page={page + 1}>; rel="next"'}
        elif self.linked and page > 1:
            more = {"Link": '<https://api.github.com/elsewhere?page=1>; rel="first"'}
        return 200, shown, more


def _sized(body):
    if len(body) > 65_536 or len(body.encode()) > 65_536:
        raise Breach(f"a body of {len(body.encode())} bytes")
    return body


@contextlib.contextmanager
def running(github):
    """The address of a server of it; at the end, nothing may have broken GitHub's description."""

    async def application(scope, receive, send):
        request = Request(scope, receive)
        status, answer, headers = await run_in_threadpool(
            github.answer,
            request.method,
            request.url.path,
            dict(parse_qsl(request.url.query, keep_blank_values=True)),
            await request.body(),
            request.headers,
        )
        if status is None:
            # As when a proxy dies: the connection ends in the middle of an answer.
            await send(
                {
                    "type": "http.response.start",
                    "status": 201,
                    "headers": [(b"content-length", b"9")],
                }
            )
            await send({"type": "http.response.body", "body": b""})
            return
        body = b"" if answer is None else json.dumps(answer).encode()
        response = Response(body, status, headers, "application/json")
        await response(scope, receive, send)

    listener = socket.create_server(("127.0.0.1", 0))
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            ready.set()

        @contextlib.contextmanager
        def capture_signals(self):
            yield

    config = uvicorn.Config(
        application, date_header=False, log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    assert ready.wait(10), "the fake did not start"
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
    assert github.breaches == []

"""How a run ends where something is strange or somebody stops it: with a report that says so."""

from __future__ import annotations

import httpx
import pytest
from check_workspace.conversations import Step

from unit.check_workspace.second import (
    ALL,
    CREATE,
    ENDPOINTS,
    GET,
    GRANT,
    LIFE,
    SECRET,
    SECRETS,
    TAKEN,
    Door,
    check,
    conversation,
    workspace,
)

LISTED = conversation("listed", Step("GET", ENDPOINTS))
LEFT = {"name": "dbserving-check-00000000-x"}
GONE = conversation("gone", Step("GET", f"{ENDPOINTS}/nope", status=404))


def test_an_answer_without_an_id_ends_its_conversation_alone(tmp_path):
    def without_id(_request, _status, content):
        if not isinstance(content, dict) or "id" not in content:
            return None
        return 200, {name: value for name, value in content.items() if name != "id"}

    longer = conversation("grant", *GRANT.steps, GET)
    transport = Door(workspace().transport(), without_id)

    done = check(transport, tmp_path, conversations=(longer, TAKEN))

    assert done.code == 2
    assert [row[:4] for row in done.rows()] == [
        ("strange", "", "an answer", "without an id to ask by"),
        ("missing", "id", "<32 hex digits>", "absent"),
    ]
    assert (done.report["asked"]["conversations"], done.report["cut_short"]) == (2, 1)


class Raw(httpx.BaseTransport):
    """A workspace that answers every GET of that path so."""

    def __init__(self, path, content, **headers):
        self._inner = workspace().transport()
        self._path = path
        self._content = content
        self._headers = headers

    def handle_request(self, request):
        if (request.method, request.url.path) != ("GET", self._path):
            return self._inner.handle_request(request)
        stream = httpx.ByteStream(self._content)
        return httpx.Response(200, stream=stream, headers=self._headers)


STRANGE = {
    "deep JSON": (b"[" * 100_000 + b"]" * 100_000, {}, "nested too deeply to be read"),
    "rather deep JSON": (b"[" * 600 + b"]" * 600, {}, "nested too deeply to be read"),
    "a broken gzip": (b"xx", {"Content-Encoding": "gzip"}, "packed in a way that it is not"),
}


@pytest.mark.parametrize(("content", "headers", "why"), STRANGE.values(), ids=STRANGE)
def test_an_answer_that_nobody_can_use_is_a_difference(content, headers, why, tmp_path):
    there = Raw(f"{SECRETS}/list", content, **headers)

    done = check(there, tmp_path, conversations=(SECRET, TAKEN))

    assert (done.code, done.report["cut_short"]) == (2, 1)
    assert done.rows() == [("strange", "", "an answer", why, 1)]
    assert done.report["asked"]["conversations"] == 2


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b'{"endpoints":["a",null]}', ("more", "endpoints", "absent", "<a list>")),
        (b'{"endpoints":{"a":1}}', ("more", "endpoints", "absent", "<an object>")),
    ],
)
def test_a_list_of_something_else_is_a_difference_and_what_is_left_unknown(content, row, tmp_path):
    done = check(Raw(ENDPOINTS, content), tmp_path, conversations=(LISTED,))

    assert done.code == 1
    assert row in [found[:4] for found in done.rows()]
    assert done.report["left"] is None
    assert done.report["ended"] == f"GET of {ENDPOINTS}: no list of objects with a name"


class Stopping(httpx.BaseTransport):
    """Somebody presses Ctrl-C at each of those requests, which take effect, once."""

    def __init__(self, there, *at):
        self._inner = there.transport()
        self._at = list(at)

    def handle_request(self, request):
        response = self._inner.handle_request(request)
        if self._at and self._at[0] == (request.method, request.url.path):
            self._at.pop(0)
            raise KeyboardInterrupt
        return response


def test_after_a_second_interrupt_what_is_left_is_unknown(tmp_path, capsys):
    there = Stopping(workspace(), ("POST", ENDPOINTS), ("GET", ENDPOINTS))

    done = check(there, tmp_path, conversations=(LIFE,))

    assert (done.code, done.report["left"]) == (130, None)
    assert "What is left in the workspace is not known" in done.texts
    assert "CLEAN=1" in capsys.readouterr().err


def test_an_interrupt_while_things_are_removed_does_not_say_that_nothing_was(tmp_path, capsys):
    there = workspace()
    there.ui("POST", ENDPOINTS, LEFT)
    stopping = Stopping(there, ("DELETE", f"{ENDPOINTS}/{LEFT['name']}"))

    done = check(stopping, tmp_path, "--clean-only")

    said = capsys.readouterr()
    assert done.code == 130
    assert "what       1 thing is removed" in said.out
    assert said.err == (
        "check-workspace: interrupted while it removed them; the same command shows what is left\n"
    )


def test_the_end_of_the_input_is_no_yes(tmp_path, capsys):
    def ended(_question):
        raise EOFError

    there = workspace()

    done = check(there.transport(), tmp_path, conversations=(GONE,), confirm=False, answer=ended)

    said = capsys.readouterr()
    assert (done.code, there.writes) == (1, ())
    assert "Nothing was asked" in said.err
    assert "1 conversation of 1 request, 0 of which count" in said.out


def test_where_no_report_can_be_written_nothing_is_asked(tmp_path, capsys):
    there = workspace()
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "folder" / "report.json").mkdir(parents=True)

    codes = [
        check(there.transport(), folder, conversations=ALL).code
        for folder in (file, file / "below", tmp_path / "folder")
    ]

    assert codes == [64, 64, 64]
    assert there.calls == ()
    assert "name another folder with --report" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["/?o=123", "/ml/endpoints/chat?o=123#x", "/", ""], ids=lambda text: text or "bare"
)
def test_of_an_address_from_a_browser_the_workspace_is_taken(address, tmp_path):
    transport = workspace().transport()
    asked = ["--confirm", "acme.cloud.databricks.com"]

    done = check(
        transport,
        tmp_path,
        *asked,
        host=f"https://acme.cloud.databricks.com{address}",
        conversations=(conversation("made", CREATE),),
        confirm=False,
    )

    assert done.code == 0


@pytest.mark.parametrize("address", ["http://[::1", "http://x:port", "ftp://x", "https://", "a b"])
def test_what_is_no_address_is_said_in_a_sentence(address, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        check(workspace().transport(), tmp_path, host=address)

    assert stopped.value.code == 64
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{address} is no address of a workspace" in line

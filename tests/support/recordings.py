"""What the real engine is recorded doing, and how a recording is written down.

A recording is a list of steps; of each the calls that the provider got, with its answers, and the
state afterwards. What differs from run to run has the same stand-in everywhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databricks_serving.state.tokens import PROVIDER_OF

from .context import ENDPOINTS
from .crash_programs import Edit, churn, described, keys
from .programs import QUICKSTART, plaintext_endpoint

Json = dict[str, Any]

RECORDINGS = Path(__file__).parent.parent / "fixtures" / "grpc"
#: The secret configuration of the stack; nothing that anybody should keep to themselves.
KEY = "the-key"
ANOTHER_KEY = "another-key"


@dataclass(frozen=True)
class Step:
    """One `pulumi` command.

    `command`: up, preview, refresh or destroy; `program`: what stands in the project from here on;
    `edits`: done in the UI before it; `failing`: how many deployments are to fail; `refused`: the
    call that the workspace refuses once; `killed_after`: the call after which the provider dies;
    `slow`: deployments take an hour; `later`: the hour has passed.
    """

    command: str
    program: str | None = None
    refresh: bool = False
    key: str = KEY
    edits: tuple[Edit, ...] = ()
    failing: int = 0
    refused: tuple[str, str] | None = None
    killed_after: str | None = None
    slow: bool = False
    later: bool = False


def changed(text: str, *edits: tuple[str, str]) -> str:
    """A program with pieces of its text replaced; each must be there."""
    for before, after in edits:
        assert before in text, before
        text = text.replace(before, after)
    return text


POST = ("POST", ENDPOINTS)
TAGGED = 'tags={"team": "a"},'
HERS = ("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "team", "value": "hers"}]})
MARKED = 'tags={"team": config.require_secret("key")},'
IMPATIENT = 'deploy={"timeout": "1s"},'
RENAMED = ', opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="keys")])'

#: Resources that nothing links come in any order.
AFTER_THE_KEY = "opts=pulumi.ResourceOptions(depends_on=[key]),"

RECORDED: dict[str, tuple[Step, ...]] = {
    "three-linked": (
        Step("preview", QUICKSTART),
        Step("up"),
        Step("up"),
        Step("preview", refresh=True),
    ),
    "changed-in-place": (
        Step("up", QUICKSTART),
        Step("preview", changed(QUICKSTART, ('"calls": 100', '"calls": 7'))),
        Step("up"),
        Step("up", refresh=True),
    ),
    "drift": (
        Step("up", plaintext_endpoint(more=TAGGED)),
        Step("refresh", edits=(HERS,)),
        Step("preview"),
        Step("up", edits=(HERS,), refresh=True),
    ),
    "vanished": (
        Step("up", plaintext_endpoint()),
        Step("up", refresh=True, edits=(("DELETE", f"{ENDPOINTS}/chat", {}),)),
    ),
    "replaced-delete-first-with-a-dependent": (
        Step("up", keys()),
        Step("preview", keys(scope_more=', initial_manage_principal="users"')),
        Step("up"),
    ),
    "replaced-create-first": (
        Step("up", QUICKSTART),
        Step("preview", changed(QUICKSTART, ('name="llm-keys"', 'name="other"'))),
        Step("up"),
    ),
    "replacement-fails-midway": (
        Step("up", described("one")),
        Step("up", described("two"), refused=POST),
        Step("up", refresh=True),
    ),
    "create-fails-partly": (
        Step("up", plaintext_endpoint(), failing=1),
        Step("preview"),
        Step("up"),
    ),
    "a-wait-times-out": (
        Step("up", plaintext_endpoint(more=IMPATIENT), slow=True),
        Step("refresh"),
        Step("preview", later=True),
        Step("up"),
    ),
    "create-is-refused": (Step("up", QUICKSTART, refused=POST), Step("up")),
    "update-fails": (
        Step("up", churn(1)),
        Step("up", churn(2), failing=1),
        Step("up", refresh=True),
    ),
    "one-taken-out-and-all-destroyed": (
        Step("up", keys() + churn(more=AFTER_THE_KEY)),
        Step("up", keys()),
        Step("destroy", refresh=True),
    ),
    "destroyed": (Step("up", QUICKSTART), Step("destroy")),
    "secrets-rotated": (
        Step("up", keys() + plaintext_endpoint(more=AFTER_THE_KEY)),
        Step("preview", key=ANOTHER_KEY),
        Step("up", key=ANOTHER_KEY),
    ),
    "a-leaf-marked-secret": (
        Step("up", plaintext_endpoint(more=MARKED)),
        Step("refresh", edits=(HERS,)),
        Step("up", key=ANOTHER_KEY),
    ),
    "not-valid": (Step("preview", plaintext_endpoint(more='description=["no text"],')),),
    "renamed-with-an-alias": (
        Step("up", keys()),
        Step("up", changed(keys(scope_more=RENAMED), ('SecretScope("keys"', 'SecretScope("safe"'))),
        Step("destroy"),
    ),
    "the-provider-is-killed": (
        Step("up", plaintext_endpoint(), killed_after=f"POST {ENDPOINTS}"),
        Step("up"),
    ),
}

_TIME = 1_700_000_000_000
_STAND_INS = (
    (re.compile(r"hmac-sha256:[0-9a-f]{64}"), "fingerprint-{}"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"), "key-{}"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"), "id-{}"),
)


def normal(recorded: Any) -> Any:
    """The same with stand-ins for addresses, ids, keys, fingerprints and times.

    A stand-in is numbered by where its value comes first, so that equal ones stay equal.
    """
    text = json.dumps(recorded, sort_keys=True)
    text = re.sub(r"http://127\.0\.0\.1:\d+", "http://workspace", text)
    text = re.sub(r"(?<![\w-])1[789]\d{11}(?![\w-])", str(_TIME), text)
    for kind, pickled in PROVIDER_OF.items():
        text = text.replace(pickled, _provider_of(kind))
    for pattern, name in _STAND_INS:
        found = list(dict.fromkeys(pattern.findall(text)))
        for number, value in enumerate(found):
            text = text.replace(value, name.format(number))
    return json.loads(text)


def _provider_of(kind: str) -> str:
    return f"provider of {kind}"


def written(recording: list[Json]) -> str:
    """A recording as it stands in its file: a line for each call, and for each resource."""
    return _list([_step(step) for step in recording], " ") + "\n"


def _step(step: Json) -> str:
    calls = _list([_line(call) for call in step["calls"]], "  ")
    state = _list([_line(resource) for resource in step["state"]], "  ")
    return f'{{"calls": {calls}, "failed": {_line(step["failed"])}, "state": {state}}}'


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _list(lines: list[str], margin: str) -> str:
    joined = f",\n{margin}".join(lines)
    return f"[\n{margin}{joined}\n{margin[:-1]}]" if lines else "[]"


def read(name: str) -> list[Json]:
    """The recording of that name, with the serialized providers in their places."""
    kept: list[Json] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return with_providers(kept)


def with_providers(recording: list[Json]) -> list[Json]:
    """A recording with the serialized providers in their places."""
    text = json.dumps(recording)
    for kind, pickled in PROVIDER_OF.items():
        text = text.replace(f'"{_provider_of(kind)}"', f'"{pickled}"')
    restored: list[Json] = json.loads(text)
    return restored

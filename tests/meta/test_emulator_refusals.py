"""What the emulated service refuses and a program can know beforehand, a preview refuses too.

The two are independent witnesses of one contract. A replacement deletes before it creates: what the
service would refuse only then has cost an endpoint.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

import databricks_serving_emulator.serving
from databricks_serving_emulator import Behaviour, RegisteredModel, Workspace
from databricks_serving_emulator.wire import Request
from meta.refusals import REFUSALS
from meta.refusals.case import churn, has_units, throughput, without
from support.endpoints import config, limit, openai, problems, program, registered, units
from support.valid_programs import VALID

SERVING = Path(databricks_serving_emulator.serving.__file__).parent
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"

#: The calls that write: the part of the program that they take (None: all), method and path.
CALLS = {
    "POST": (None, "POST", ENDPOINTS),
    "POST pt": (None, "POST", f"{ENDPOINTS}/pt"),
    "PUT config": ("config", "PUT", f"{ENDPOINTS}/chat/config"),
    "PUT pt": ("config", "PUT", f"{ENDPOINTS}/pt/chat/config"),
    "PUT gateway": ("ai_gateway", "PUT", f"{ENDPOINTS}/chat/ai-gateway"),
    "PATCH telemetry": ("telemetry_config", "PATCH", f"{ENDPOINTS}/chat/telemetry-config"),
    "PATCH notifications": ("email_notifications", "PATCH", f"{ENDPOINTS}/chat/notifications"),
    "PATCH tags": ("tags", "PATCH", f"{ENDPOINTS}/chat/tags"),
}


@dataclass(frozen=True)
class Left:
    """A program that the emulated service refuses and no rule does.

    says: a regular expression
    model: what the workspace knows of a model
    """

    program: dict
    says: str
    by: str = "POST"
    model: RegisteredModel | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)


GUARDED = {"guardrails": {"input": {"safety": True}}}

LEFT_TO_THE_SERVICE = {
    "no source but one issue knows how many entities are too many": Left(
        program(
            config=config(
                *(registered(f"m{n}") for n in range(16)),
                routes={"m0": 100, **{f"m{n}": 0 for n in range(1, 16)}},
            )
        ),
        r"at most 15 served entities",
    ),
    "only the workspace knows its secrets": Left(
        program(
            config=config(
                openai(model={"openai_config": {"openai_api_key": "{{secrets/llm/other}}"}})
            )
        ),
        r"Secret does not exist",
    ),
    "only the workspace knows its scopes": Left(
        churn(environment_vars={"KEY": "{{secrets/other/openai}}"}),
        r"Scope other does not exist",
    ),
    "only the workspace knows which models are agents": Left(
        {**churn(), "ai_gateway": {"rate_limits": [limit()]}},
        r"Agent endpoints support only inference tables",
        model=RegisteredModel(name="main.ml.churn", kind="agent"),
    ),
    "only the workspace knows which models can have throughput": Left(
        throughput(entity_name="main.ml.churn"),
        r"main\.ml\.churn cannot have provisioned throughput",
        model=RegisteredModel(name="main.ml.churn", kind="agent"),
    ),
    "only the workspace knows the steps of a model's throughput": Left(
        throughput(),
        r"max_provisioned_throughput must be a multiple of 1000",
        model=RegisteredModel(
            name="system.ai.llama", kind="foundation_model", throughput_chunk_size=1000
        ),
    ),
    "only the workspace knows the steps of a model's units": Left(
        program(config=config(units())),
        r"provisioned_model_units must be a multiple of 20",
        by="POST pt",
        model=RegisteredModel(
            name="system.ai.llama", kind="foundation_model", model_unit_chunk_size=20
        ),
    ),
    "what is on where `enabled` is left out is the service's choice": Left(
        program(config={**config(registered()), "auto_capture_config": {}}),
        r"catalog_name must be specified when the inference table is enabled",
    ),
    "somebody else may have said what is served": Left(
        program(config=None, telemetry_config={"telemetry_profile_id": "profile-1"}),
        r"not supported for endpoint type 'NO_CONFIG'",
        by="PATCH telemetry",
    ),
    "one source alone calls guardrails of registered models unsupported": Left(
        {**churn(), "ai_gateway": GUARDED},
        r"guardrails are not supported for custom models",
        behaviour=Behaviour(weak_rules=True),
    ),
    "one source alone calls fallback of registered models unsupported": Left(
        {**churn(), "ai_gateway": {"fallback_config": {"enabled": True}}},
        r"fallback_config is not supported for custom models",
        behaviour=Behaviour(weak_rules=True),
    ),
}

#: Refusals that a program cannot meet, or that depend on what stands: a part of each text, with
#: why.
OUT_OF_REACH = {
    "already exists": "only the workspace knows",
    "Endpoint with name '…' does not exist": "only the workspace knows",
    "endpoints are allowed per workspace": "only the workspace knows",
    "cannot be updated to have none": "depends on what stands: the plan replaces",
    "currently updating": "depends on what stands: the update waits",
    "cannot change while the inference table": "depends on what stands: the plan switches it off",
    "has no provisioned throughput": "depends on what stands",
    "Only one of rate_limits and ai_gateway": "depends on what stands: no answer shows the older",
    "key must be one of user, endpoint": "older rate_limits are sent as the gateway's",
    "calls is required and cannot be negative": "older rate_limits are sent as the gateway's",
    "The model version must be": "no program asks how a model can be provisioned",
    "can be stopped and started": "no program stops or starts",
    "is not stopped": "no program stops or starts",
    "is stopped already": "no program stops or starts",
    "is not ready": "no program asks for metrics",
}


def workspace(*, several=False):
    """A workspace that has the secret of the programs, and ignores no field."""
    behaviour = Behaviour(single_external_entity=not several)
    made = Workspace(strict=True, behaviour=behaviour)
    made.deployments.plan(polls=0)
    send(made, "POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
    secret = {"scope": "llm", "key": "openai", "string_value": "sk-1"}
    assert send(made, "POST", f"{SECRETS}/put", secret).status == 200
    return made


def send(to, method, path, body):
    headers = {"authorization": f"Bearer {to.settings.token}"}
    return to.answer(Request(method, path, headers=headers, body=json.dumps(body).encode()))


def tags_of(said):
    """A program's tags as the API takes them: a list."""
    tags = said.get("tags")
    listed = isinstance(tags, dict)
    return [{"key": key, "value": tags[key]} for key in tags] if listed else tags


def call(service, by, said):
    """The answer to one call of those that the program takes; for a change, the rest stands."""
    part, method, path = CALLS[by]
    body = {**said, "tags": tags_of(said)} if "tags" in said else said
    if part is None:
        return send(service, method, path, body)
    rest = without(body, part)
    if by == "PUT pt":
        rest["config"] = config(units())
    creation = f"{ENDPOINTS}/pt" if has_units(rest) else ENDPOINTS
    assert send(service, "POST", creation, rest).status == 200
    if part == "config":
        body = {"config": said[part]} if by == "PUT pt" else said[part]
    elif part == "ai_gateway":
        body = said[part]
    elif part == "tags":
        body = {"add_tags": body[part]}
    else:
        body = {part: said[part]}
    return send(service, method, path, body)


def answer(case, by):
    """The emulated service's answer to a call that the case is about."""
    return call(workspace(several=case.allowances.multiple_external_models), by, case.program)


def answer_left(left):
    """The emulated service's answer to a program that no rule refuses."""
    service = workspace()
    service.behaviour = left.behaviour
    if left.model is not None:
        service.serving.register_model(left.model)
    return call(service, left.by, left.program)


REFUSED = {f"{name}, by {by}": (case, by) for name, case in REFUSALS.items() for by in case.calls}


@pytest.mark.parametrize(("case", "by"), REFUSED.values(), ids=REFUSED.keys())
def test_the_service_refuses(case, by):
    answered = answer(case, by)

    assert answered.status == 400
    assert re.search(case.says, answered.json()["message"])


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_preview_refuses_what_the_service_would(case):
    found = [(rule, path) for path, rule, _ in problems(case.program, case.allowances)]

    assert (case.rule, case.path) in found


@pytest.mark.parametrize("left", LEFT_TO_THE_SERVICE.values(), ids=LEFT_TO_THE_SERVICE.keys())
def test_what_cannot_be_known_is_left_to_the_service(left):
    answered = answer_left(left)

    assert answered.status == 400
    assert re.search(left.says, answered.json()["message"])
    assert problems(left.program) == []


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_what_a_preview_lets_pass_the_service_takes(said):
    answered = call(workspace(), "POST pt" if has_units(said) else "POST", said)

    assert problems(said) == []
    assert (answered.status, answered.json().get("message")) == (200, None)


def changes(said):
    """The calls that change an endpoint into what the program says, part by part."""
    configures = "PUT pt" if has_units(said) else "PUT config"
    names = {part: by for by, (part, _, _) in CALLS.items() if part not in (None, "config")}
    return [{**names, "config": configures}[part] for part in said if part in {*names, "config"}]


CHANGES = {f"{name}, by {by}": (said, by) for name, said in VALID.items() for by in changes(said)}


@pytest.mark.parametrize(("said", "by"), CHANGES.values(), ids=CHANGES.keys())
def test_what_a_preview_lets_pass_the_service_takes_as_a_change(said, by):
    answered = call(workspace(), by, said)

    assert answered.status == 200


def refusal_texts():
    """Every text with which the emulator refuses a write of an endpoint, `…` for what varies."""
    for module in sorted(SERVING.glob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                yield from _texts_in(function)


def _texts_in(function):
    for found in ast.walk(function):
        if not isinstance(found, ast.Call) or not isinstance(found.func, ast.Name):
            continue
        if found.func.id in ("invalid", "conflict", "ApiError"):
            for text in _said(found.args[-1], function):
                if isinstance(text, ast.Constant):
                    yield text.value
                elif isinstance(text, ast.JoinedStr):
                    yield "".join(
                        part.value if isinstance(part, ast.Constant) else "…"
                        for part in text.values
                    )


def _said(text, function):
    """The argument itself, or whatever the function gives its name to."""
    if not isinstance(text, ast.Name):
        return [text]
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == text.id
    ]


@cache
def met():
    """The messages with which the emulator refused the programs above."""
    answers = [
        *(answer(case, by) for case, by in REFUSED.values()),
        *(answer_left(left) for left in LEFT_TO_THE_SERVICE.values()),
    ]
    return tuple({answered.json()["message"] for answered in answers})


def _meets(text, message):
    return re.fullmatch(".*".join(re.escape(part) for part in text.split("…")), message)


TEXTS = sorted(set(refusal_texts()))


def test_the_refusals_are_found():
    assert len(TEXTS) > 60
    assert all(any(part in text for text in TEXTS) for part in OUT_OF_REACH)


@pytest.mark.parametrize("text", TEXTS)
def test_every_refusal_of_the_service_has_its_place_here(text):
    excused = any(part in text for part in OUT_OF_REACH)

    assert excused != any(_meets(text, message) for message in met())

"""What the emulator answers is what its own OpenAPI description says, whatever is sent.

Schemathesis makes requests out of the description, valid ones and others, and holds the answers
against it. They are the same at each run, 100 for each call in the random phase. For more of them:
`make test-long EXAMPLES=1000`; for others: `make test-long SEED=7`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from databricks_serving_emulator import RunningServer, Workspace
from databricks_serving_emulator.description.examples import BODIES
from databricks_serving_emulator.routing import ROUTES, find_route
from unit.emulator.bodies import ENDPOINTS, SECRETS, custom, endpoint, external

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("DBSERVING_EXAMPLES", "100")
SEED = os.environ.get("DBSERVING_SEED")
CHOSEN = ("--seed", SEED) if SEED else ("--generation-deterministic",)
SERVICE_PRINCIPAL = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "dose-made-up"
pytestmark = pytest.mark.timeout(3600)

KEPT = (
    endpoint(external("gpt"), ai_gateway=BODIES["ai_gateway"]["all"]),
    endpoint(external("gpt", task="llm/v1/completions"), name="complete"),
    endpoint(external("gpt", task="llm/v1/embeddings"), name="embed"),
    BODIES["endpoint"]["custom"],
    endpoint({"name": "spec", "entity_name": "ml.prod.features"}, name="features"),
    {**BODIES["throughput"]["units"], "name": "units"},
    endpoint(custom(), name="resting"),
    {"name": "later"},
)


class Tended(Workspace):
    """A workspace in which, every 20 calls, somebody puts things back as they were."""

    def __init__(self):
        super().__init__(foundation_models=("databricks-gte",))
        self._asked = 0

    def begin_answer(self, request):
        if self._asked % 20 == 0:
            self._tend()
        self._asked += 1
        return super().begin_answer(request)

    def _tend(self):
        for body in KEPT:
            self._without_fail("DELETE", f"{ENDPOINTS}/{body['name']}")
            if "config" in body:
                self.deployments.plan(name=body["name"], polls=0, times=1)
            self.ui("POST", ENDPOINTS, body)
        self.ui("POST", f"{ENDPOINTS}/resting/config:stop")
        self._without_fail("POST", f"{SECRETS}/scopes/delete", {"scope": "llm-keys"})
        self.ui("POST", f"{SECRETS}/scopes/create", {"scope": "llm-keys"})
        self.ui("POST", f"{SECRETS}/put", BODIES["secret"]["text"])
        self.ui("POST", f"{SECRETS}/acls/put", BODIES["acl"]["read"])

    def _without_fail(self, *asked):
        with contextlib.suppress(ValueError):  # it is gone
            self.ui(*asked)


def schemathesis(workspace, *options):
    """Run it on that workspace, over HTTP; its exit code, and what it says."""
    workspace.identities.add_service_principal(
        application_id=SERVICE_PRINCIPAL, client_secret=CLIENT_SECRET, groups=["admins"]
    )
    with RunningServer(workspace) as server:
        return _schemathesis(server.url, options)


def _schemathesis(url, options):
    with httpx.Client(base_url=url, trust_env=False) as http:
        # Route-optimized endpoints take nothing but OAuth tokens.
        granted = http.post(
            "/oidc/v1/token",
            auth=(SERVICE_PRINCIPAL, CLIENT_SECRET),
            data={"grant_type": "client_credentials"},
        ).json()
        token = {"Authorization": f"Bearer {granted['access_token']}"}
        sent = http.post(
            "/api/2.0/sql/statements", headers=token, json=BODIES["statement"]["usage"]
        ).json()
    known = {
        "DATABRICKS_TOKEN": granted["access_token"],
        "DATABRICKS_CLIENT_ID": SERVICE_PRINCIPAL,
        "DATABRICKS_CLIENT_SECRET": CLIENT_SECRET,
        "STATEMENT_ID": sent["statement_id"],
    }
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(HERE / "schemathesis.toml"), "--no-color"),
            *("run", f"{url}/_emulator/openapi.json", "--url", url, *CHOSEN, *options),
        ],
        env={**os.environ, "NO_PROXY": "*", **known},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def never(met, *, answered):
    """The calls of which none was answered, or none was refused."""
    return [
        f"{route.method} {route.pattern}"
        for route in ROUTES
        if (route.method, route.pattern, answered) not in met
    ]


def test_no_answer_contradicts_the_description_and_every_call_is_answered_and_refused():
    workspace = Tended()

    code, said = schemathesis(workspace, "--phases=examples,coverage,fuzzing", f"-n{EXAMPLES}")

    assert code == 0, said
    met = set()
    for call in workspace.calls:
        found = find_route(call.method, call.path.partition("?")[0])
        if found is not None:
            met.add((found[0].method, found[0].pattern, call.status < 300))
    assert "\n".join(never(met, answered=True)) == ""
    assert "\n".join(never(met, answered=False)) == ""


def test_no_chain_of_calls_contradicts_the_description():
    code, said = schemathesis(Workspace(), "--phases=stateful", f"-n{EXAMPLES}")

    assert code == 0, said

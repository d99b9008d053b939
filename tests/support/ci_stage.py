"""A repository with two stacks, one workspace, and a GitHub: what the recipes are run on."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from offline import Pulumi, engine_directory

from databricks_serving_emulator import RunningServer, Workspace
from databricks_serving_emulator.wire import json_response

from .fake_github import REPOSITORY, FakeGitHub, running
from .workflows import Runner, machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from databricks_serving_emulator.wire import Request, Response

TOKEN = "dapi-recipes"
PASSPHRASE = "of-the-stacks"
CHAT = "/api/2.0/serving-endpoints/chat-prod"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
#: The same for every stack, but for the names.
PROGRAM = """\
import pulumi
from databricks_serving import Secret, SecretScope, ServingEndpoint

stack = pulumi.get_stack()
value = pulumi.Config().require_secret("openaiKey")
scope = SecretScope("keys", name=f"llm-{stack}")
key = Secret("openai", scope=scope.name, key="openai", value=value)
ServingEndpoint(
    "chat",
    name=f"chat-{stack}",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    ai_gateway={"rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}]},
)
"""
#: A login that does not import the SDK, which takes a second. The recipes' own is tried once each.
QUICKLY = {"DATABRICKS_AUTH_TYPE": "pat", "DATABRICKS_TOKEN": TOKEN}


README = Path(__file__).parents[2] / "examples/ci/README.md"


def is_told(name: str, printed: str) -> bool:
    """Whether the block of the README that follows `<!-- name -->` was printed, line by line."""
    block = re.search(rf"<!-- {name} -->\n```text\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None, name
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    plain = re.sub(r"127\.0\.0\.1:\d+", "dbc-shop.cloud.databricks.com", plain)
    return block[1] in re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", plain)


@dataclass
class Federation:
    """The workspace, which takes the tokens that GitHub and GitLab vouch with; and GitHub's issuer.

    `vouched`: whose token was exchanged, as (issuer, audience, client); `seconds`: how long such
    a token lasts
    """

    workspace: Workspace
    seconds: int = 3600
    vouched: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def settings(self) -> Any:
        """The workspace's; the server asks for the token."""
        return self.workspace.settings

    def hurried(self) -> AbstractContextManager[None]:
        """The workspace's."""
        return self.workspace.hurried()

    def begin_answer(self, request: Request) -> Response:
        """The answer of whom it is for."""
        if request.path == "/id-token":
            assert request.header("authorization") == "Bearer of-this-job"
            return json_response({"value": f"github {request.query['audience']}"})
        form = dict(parse_qsl(request.body.decode("latin-1")))
        if request.path == "/oidc/v1/token" and "subject_token" in form:
            self.vouched.append((*form["subject_token"].split(), form["client_id"]))
            return json_response(
                {"access_token": TOKEN, "token_type": "Bearer", "expires_in": self.seconds}
            )
        return self.workspace.begin_answer(request)


@dataclass
class Stage:
    """The repository and all that its recipes talk to. `home`: of the runner that runs them."""

    repository: Path
    home: Path
    engine: Path
    door: Federation
    url: str
    github: FakeGitHub
    api_url: str
    environment: dict[str, str]
    runs: int = 0

    @property
    def backend(self) -> str:
        """The address of the state."""
        return (self.home / "backend").as_uri()

    def pulumi(self, *arguments: str) -> None:
        """What somebody of the team does at their desk."""
        more = {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE, "PULUMI_BACKEND_URL": self.backend}
        desk = Pulumi(self.engine, self.home / "desk", self.repository, self.url, TOKEN, more)
        code, printed = desk.run(*arguments)
        assert code == 0, printed

    def deploy(self) -> None:
        """Both stacks are made, and `prod` is deployed."""
        self.pulumi("stack", "init", "staging")
        self.pulumi("stack", "init", "prod")
        self.pulumi("up", "--stack", "prod", "--yes", "--skip-preview")
        self.door.workspace.clear_calls()

    def change(self, model: str) -> None:
        """The commit that asks for another model."""
        (self.repository / "__main__.py").write_text(PROGRAM.replace("gpt-4", model))

    def limit(self, calls: int) -> None:
        """Somebody in the UI sets the rate limit of `chat-prod`."""
        limits = [{"calls": calls, "key": "user", "renewal_period": "minute"}]
        answer = self.door.workspace.ui("PUT", f"{CHAT}/ai-gateway", {"rate_limits": limits})
        assert answer.status == 200

    def let_look(self, robot: str) -> None:
        """Somebody gives an identity the least that a look at the stack `prod` needs."""
        ui = self.door.workspace.ui
        made = ui("GET", CHAT).json()["id"]
        grant = {"service_principal_name": robot, "permission_level": "CAN_VIEW"}
        right = {"scope": "llm-prod", "principal": robot, "permission": "READ"}
        for method, path, body in (
            ("PATCH", f"permissions/serving-endpoints/{made}", {"access_control_list": [grant]}),
            ("POST", "secrets/acls/put", right),
        ):
            answer = ui(method, f"/api/2.0/{path}", body)
            assert answer.status == 200, answer

    def writes(self) -> list[tuple[str, str]]:
        """The writes that reached the workspace, as (method, path), and forget them."""
        writes = [(call.method, call.path) for call in self.door.workspace.writes]
        self.door.workspace.clear_calls()
        return writes

    def runner(self, event: str, payload: dict[str, Any], **more: str) -> Runner:
        """A run of a workflow that this event starts; `more`: see `Runner.more`."""
        self.runs += 1
        return Runner(
            environment=self.environment,
            repository=self.repository,
            home=self.home / f"run-{self.runs}",
            settings={
                "vars": {
                    "DATABRICKS_HOST": self.url,
                    "DATABRICKS_CLIENT_ID": ROBOT,
                    "PULUMI_BACKEND_URL": self.backend,
                },
                "secrets": {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE},
            },
            github={
                "event_name": event,
                "event": payload,
                "ref": "refs/heads/main",
                "repository": REPOSITORY,
                "run_attempt": "1",
                "run_id": str(9_000 + self.runs),
            },
            api_url=self.api_url,
            more=more,
        )


@contextmanager
def opened(tmp_path: Path) -> Iterator[Stage]:
    """An empty repository with the stacks `staging` and `prod`, and nothing deployed."""
    workspace = Workspace(token=TOKEN, strict=True)
    workspace.identities.add_service_principal(
        "ci", application_id=ROBOT, client_secret="dose-made-up"
    )
    door, github, home = Federation(workspace), FakeGitHub(), tmp_path / "runners"
    (home / "backend").mkdir(parents=True)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\noptions:\n  refresh: always\n"
    )
    (repository / "requirements.txt").write_text("databricks-serving[cli]\n")
    (repository / "__main__.py").write_text(PROGRAM)
    for stack in ("staging", "prod", "rehearsal"):
        settings = "config:\n  shop:openaiKey: made-up\n"
        (repository / f"Pulumi.{stack}.yaml").write_text(settings)
    engine = engine_directory()
    environment = machine(home, engine, Path(sys.executable).parent)
    # The server's type says Workspace, and it asks for answers and settings alone.
    with running(github) as api_url, RunningServer(door) as server:  # type: ignore[arg-type]  # see above
        yield Stage(repository, home, engine, door, server.url, github, api_url, environment)
    assert workspace.unknown_calls == ()

"""The story of the demo: create, nothing to do, drift, repair, change, refusal, destroy."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import typer

from databricks_serving.cli.emulator import DEFAULT_TOKEN
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs import pulumi

from .stage import ENDPOINT, ENDPOINTS, Stage
from .traces import no_traces

KEY = "sk-demo-not-a-real-key"

#: The first release that answers with the documented exit codes.
_OLDEST_ENGINE = (3, 227)
_HOST = "pulumi-language-python"

_TO_CHAT = (
    ('"name": "openai_embeddings"', '"name": "openai_chat"'),
    ('"name": "text-embedding-ada-002"', '"name": "gpt-4"'),
    ('"task": "llm/v1/embeddings"', '"task": "llm/v1/chat"'),
)
_SECOND = """\
            },
            {
                "name": "a_second_one",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
"""
_SECOND_ENTITY = (("            }\n        ]\n", _SECOND),)

_UP = ("up", "--yes", "--skip-preview")
_DESTROY = ("destroy", "--yes", "--skip-preview")
_PREVIEW = ("preview", "--diff", "--suppress-progress", "--suppress-outputs")
_DRIFT = ("refresh", "--preview-only", "--expect-no-changes", "--diff", "--suppress-progress")


def play(emulator: str | None) -> None:
    """Tell the story on this emulator, or on one of its own.

    Raises `StoryBroken` where it does not go as told or no emulator answers, `UsageMistake` where
    there is no engine or the extra `emulator` is missing, `EngineFailed` where the engine cannot be
    run.
    """
    try:
        from databricks_serving_emulator import (  # noqa: PLC0415 - needs the extra `emulator`
            RunningServer,
            Workspace,
        )
        from databricks_serving_emulator.program import (  # noqa: PLC0415 - the same
            engine_environment,
        )
    except ModuleNotFoundError as missing:
        raise UsageMistake(
            f"The package {missing.name!r} is missing. Install what the demo needs with: "
            "pip install 'databricks-serving[cli,emulator]'",
            id="extra-missing",
        ) from None
    engine = _engine()
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="dbserving-demo-"))
        url = (
            emulator.rstrip("/")
            if emulator
            else stack.enter_context(RunningServer(Workspace(token=DEFAULT_TOKEN))).url
        )
        program = _quickstart(Path(made, "project"))
        environment = {
            **engine_environment(Path(made, "home"), url, DEFAULT_TOKEN),
            # What the engine needs is beside it: the demo downloads nothing.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "NO_COLOR": "1",
        }
        typer.echo("Databricks Model Serving as code, on a workspace that runs on this machine:")
        typer.echo(url)
        stage = Stage(engine, environment, url, DEFAULT_TOKEN, program)
        stage.arrive()
        # An emulator of its own ends with it.
        with no_traces(stage) if emulator else contextlib.nullcontext():
            _tell(stage)


def _engine() -> str:
    """Where `pulumi` is, of a release that is new enough, with what runs Python programs."""
    found = pulumi.on_path(os.environ)
    remedy = (
        "Install Pulumi 3.227 or newer: https://www.pulumi.com/docs/install/ (in a checkout of "
        "this project, `make setup` obtains one, and `make demo` uses it), then run this again."
    )
    if found is None:
        raise UsageMistake(
            f"There is no `pulumi` on PATH, and the demo runs on the real engine. {remedy}",
            id="no-engine",
        )
    told = pulumi.version(found, os.environ)
    if told is None:
        raise UsageMistake(f"{found} does not tell its version. {remedy}", id="demo-engine")
    major, minor = (int(part) for part in told.split(".")[:2])
    if (major, minor) < _OLDEST_ENGINE:
        raise UsageMistake(f"{found} is {told}, and too old. {remedy}", id="demo-engine")
    # The engine also looks beside its own file, to which the one on PATH may be a link.
    beside = {str(Path(found).parent), str(Path(found).resolve().parent)}
    search = os.pathsep.join([*beside, os.environ.get("PATH", "")])
    if shutil.which(_HOST, path=search) is None:
        raise UsageMistake(
            f"{found} comes without {_HOST}, which runs Python programs. {remedy}", id="demo-engine"
        )
    return found


def _quickstart(project: Path) -> Path:
    """A copy of examples/quickstart as a project of its own; the program."""
    packaged = Path(__file__).with_name("quickstart")
    # An editable installation has no copies of its own, but the checkout's files.
    checkout = Path(__file__).resolve().parents[5]
    program = packaged / "__main__.py"
    settings = packaged / "Pulumi.yaml"
    if not program.is_file():
        program = checkout / "examples" / "quickstart" / "__main__.py"
        settings = checkout / "Pulumi.yaml"
    project.mkdir(parents=True)
    lines = settings.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("main:")]
    (project / "Pulumi.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return Path(shutil.copy(program, project / "__main__.py"))


def _tell(stage: Stage) -> None:
    _created(stage)
    _drifted_and_repaired(stage)
    _changed(stage)
    _refused(stage)
    stage.heading("Destroy", "Endpoint, secret and scope go, in this order.")
    stage.run(*_DESTROY, shown="destroy")
    typer.echo(f"\nThat was the whole job, in {time.monotonic() - stage.begun:.0f} seconds.")
    typer.echo("Next: `dbserving emulator` runs a workspace to go on with by hand.")


def _created(stage: Stage) -> None:
    stage.heading(
        "Create",
        "The quickstart declares a secret scope, a secret and the serving endpoint of the "
        "Databricks documentation: OpenAI's text-embedding-ada-002, 100 calls per user and minute, "
        "tag team=gen-ai.",
    )
    stage.prepare("stack", "init", "dev", shown="stack init dev")
    secret = ("config", "set", "--secret", "openaiKey")
    stage.prepare(*secret, KEY, shown=f"{' '.join(secret)} …")
    stage.run(*_UP, shown="up")

    stage.heading("Nothing to do", "A second preview looks at the workspace and finds no change.")
    stage.run(*_PREVIEW, "--expect-no-changes", shown="preview --diff --expect-no-changes")


def _drifted_and_repaired(stage: Stage) -> None:
    stage.heading(
        "Drift",
        "Somebody raises the rate limit to 1000 in the Serving UI. A scheduled job finds out: it "
        "names exactly that, writes nothing, and exits 7.",
    )
    limits = {"rate_limits": [{"calls": 1000, "key": "user", "renewal_period": "minute"}]}
    put = {"method": "PUT", "path": f"{ENDPOINTS}/{ENDPOINT}/ai-gateway", "body": limits}
    stage.control("POST", "ui", put)
    stage.run(*_DRIFT, shown="refresh --preview-only --expect-no-changes --diff", expect=7)

    stage.heading("Repair", "`pulumi up` puts the limit back, with one request.")
    stage.run(*_UP, shown="up")


def _changed(stage: Stage) -> None:
    stage.heading(
        "Change",
        "The program switches from embeddings to chat. The preview shows it; `up` sends one "
        "request, waits for the deployment, and the old model serves until the new one is ready.",
    )
    stage.control("POST", "deployments", {"seconds": 3})
    stage.edit(_TO_CHAT)
    stage.run(*_PREVIEW, shown="preview --diff")
    stage.run(*_UP, shown="up")


def _refused(stage: Stage) -> None:
    stage.heading(
        "Refusal",
        "An endpoint with an external model has exactly one served entity. The preview knows, "
        "before anything is sent.",
    )
    before = stage.program.read_text(encoding="utf-8")
    stage.edit(_SECOND_ENTITY)
    stage.run(*_PREVIEW, shown="preview --diff", expect=1)
    stage.program.write_text(before, encoding="utf-8")

"""The whole main job without an account: `make demo`.

Starts the bundled workspace emulator and runs the quickstart on the real Pulumi engine: create,
drift, repair, change, refusal, destroy. Everything it writes is in a temporary directory.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import re
import shutil
import sys
import tempfile
import textwrap
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline import NoEngineError, Pulumi, engine_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 80
TOKEN = "dapi-emulator"  # noqa: S105 - the emulator's own default
KEY = "sk-demo-not-a-real-key"
ENDPOINT = "/api/2.0/serving-endpoints/openai_endpoint"

TO_CHAT = (
    ('"name": "openai_embeddings"', '"name": "openai_chat"'),
    ('"name": "text-embedding-ada-002"', '"name": "gpt-4"'),
    ('"task": "llm/v1/embeddings"', '"task": "llm/v1/chat"'),
)
SECOND = """\
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
SECOND_ENTITY = (("            }\n        ]\n", SECOND),)


class StoryBroken(Exception):
    """A step did not go as told; the message says how."""


@dataclass
class Stage:
    """Where the story is told: the engine, the workspace, and what has been seen of it."""

    pulumi: Pulumi
    emulator: str
    program: Path
    bold: bool
    seen: int = 0
    number: int = 0
    begun: float = field(default_factory=time.monotonic)

    def heading(self, title: str, what: str) -> None:
        """A step begins."""
        self.number += 1
        line = f"{self.number}. {title}"
        print()
        print(f"\033[1m{line}\033[0m" if self.bold else line)
        print("-" * len(line))
        print(textwrap.fill(what, WIDTH))

    def run(self, *arguments: str, shown: str, expect: int = 0) -> str:
        """Run `pulumi`, show what matters of its output. Raises `StoryBroken` on another exit."""
        print(f"\n  $ pulumi {shown}", flush=True)
        code, printed = self.pulumi.run(*arguments)
        for line in essential(printed):
            print(f"    {line}")
        if code != expect:
            raise StoryBroken(f"`pulumi {shown}` exits {code}, not {expect}:\n\n{printed}")
        if code:
            print(f"    exit code {code}")
        self.requests()
        return printed

    def prepare(self, *arguments: str, shown: str) -> None:
        """Run `pulumi` where its output tells nothing. Raises `StoryBroken` where it fails."""
        print(f"\n  $ pulumi {shown}", flush=True)
        code, printed = self.pulumi.run(*arguments)
        if code:
            raise StoryBroken(f"`pulumi {shown}` exits {code}:\n\n{printed}")

    def requests(self) -> None:
        """Show the writes that reached the workspace since the last time."""
        writes = self.control("GET", "calls?writes=true")["calls"]
        print()
        for call in writes[self.seen :]:
            path = call["path"].removeprefix("/api/2.0/")
            print(f"    the workspace got {call['method']} {path}")
        if len(writes) == self.seen:
            print("    the workspace got no write")
        self.seen = len(writes)

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call the control routes: what a person, or the world, does to the workspace."""
        request = urllib.request.Request(  # noqa: S310 - loopback, started by this demo
            f"{self.emulator}/_emulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
            return json.load(answer)

    def edit(self, changes: tuple[tuple[str, str], ...]) -> None:
        """Change the program, and show how."""
        before = self.program.read_text()
        after = before
        for old, new in changes:
            if old not in after:
                raise StoryBroken(f"the quickstart has no longer the line {old!r}")
            after = after.replace(old, new)
        self.program.write_text(after)
        print("\n  in __main__.py:")
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""):
            if line[:1] in "+-" and line[:3] not in ("+++", "---"):
                print(f"    {line[0]} {textwrap.shorten(line[1:], WIDTH - 6, placeholder=' …')}")


_BESIDE_THE_STORY = (
    "[urn=",
    "[id=",
    "pulumi:pulumi:Stack",
    "--outputs:--",
    "last_updated_timestamp",
    "Duration",
    "Previewing",
    "Updating (",
    "Destroying (",
    "The resources in the stack",
    "If you want to remove",
    "updating....",
    "destroying....",
    "(refresh)",
)
#: Of the lines that come and go while `up` works, those that say what became of a resource.
_WORKING = re.compile(r"(creating|refreshing|refresh|updating|deleting|running) (\(|$)")


def essential(printed: str) -> Iterator[str]:
    """The lines of Pulumi's output that tell the story, once each, within 80 columns."""
    shown = set()
    for line in printed.splitlines():
        text = line.rstrip().replace("pulumi-python:dynamic/databricks_serving:", "")
        if not text.strip() or any(part in text for part in _BESIDE_THE_STORY):
            continue
        if _WORKING.search(text) and "DEPLOYMENT" not in text:
            continue
        if text.startswith(" ") and ("(" in text and text in shown):
            continue
        shown.add(text)
        indent = " " * (len(text) - len(text.lstrip()))
        yield from textwrap.wrap(
            text.strip(),
            WIDTH - 4,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
            break_long_words=False,
        )


UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
PREVIEW = ("preview", "--diff", "--suppress-progress", "--suppress-outputs")
DRIFT = ("refresh", "--preview-only", "--expect-no-changes", "--diff", "--suppress-progress")


def tell(stage: Stage) -> None:
    """The story. Raises `StoryBroken` where it does not go as told."""
    stage.heading(
        "Create",
        "examples/quickstart declares a secret scope, a secret and the serving endpoint of the "
        "Databricks documentation: OpenAI's text-embedding-ada-002, 100 calls per user and minute, "
        "tag team=gen-ai.",
    )
    stage.prepare("stack", "init", "dev", shown="stack init dev")
    secret = ("config", "set", "--secret", "openaiKey")
    stage.prepare(*secret, KEY, shown=f"{' '.join(secret)} …")
    stage.run(*UP, shown="up")

    stage.heading("Nothing to do", "A second preview looks at the workspace and finds no change.")
    stage.run(*PREVIEW, "--expect-no-changes", shown="preview --diff --expect-no-changes")

    stage.heading(
        "Drift",
        "Somebody raises the rate limit to 1000 in the Serving UI. A scheduled job finds out: it "
        "names exactly that, writes nothing, and exits 7.",
    )
    limits = {"rate_limits": [{"calls": 1000, "key": "user", "renewal_period": "minute"}]}
    put = {"method": "PUT", "path": f"{ENDPOINT}/ai-gateway", "body": limits}
    stage.control("POST", "ui", put)
    stage.run(*DRIFT, shown="refresh --preview-only --expect-no-changes --diff", expect=7)

    stage.heading("Repair", "`pulumi up` puts the limit back, with one request.")
    stage.run(*UP, shown="up")

    stage.heading(
        "Change",
        "The program switches from embeddings to chat. The preview shows it; `up` sends one "
        "request, waits for the deployment, and the old model serves until the new one is ready.",
    )
    stage.control("POST", "deployments", {"seconds": 3})
    stage.edit(TO_CHAT)
    stage.run(*PREVIEW, shown="preview --diff")
    stage.run(*UP, shown="up")

    stage.heading(
        "Refusal",
        "An endpoint with an external model has exactly one served entity. The preview knows, "
        "before anything is sent.",
    )
    before = stage.program.read_text()
    stage.edit(SECOND_ENTITY)
    stage.run(*PREVIEW, shown="preview --diff", expect=1)
    stage.program.write_text(before)

    stage.heading("Destroy", "Endpoint, secret and scope go, in this order.")
    stage.run(*DESTROY, shown="destroy")
    print(f"\nThat was the whole job, in {time.monotonic() - stage.begun:.0f} seconds.")
    print("Next: README.md, or `. .venv/bin/activate` and `dbserving emulator`.")


@contextlib.contextmanager
def workspace(url: str | None) -> Iterator[str]:
    """The address of an emulator: the given one, or one of our own on a free port."""
    if url is not None:
        yield url.rstrip("/")
        return
    from databricks_serving_emulator import RunningServer, Workspace  # noqa: PLC0415 - not if given

    with RunningServer(Workspace(token=TOKEN)) as server:
        yield server.url


def quickstart(directory: Path) -> Path:
    """A copy of examples/quickstart as a project of its own; the program."""
    source = ROOT / "examples" / "quickstart" / "__main__.py"
    project = (ROOT / "Pulumi.yaml").read_text()
    lines = [line for line in project.splitlines() if not line.startswith("main:")]
    (directory / "Pulumi.yaml").write_text("\n".join(lines) + "\n")
    return Path(shutil.copy(source, directory / "__main__.py"))


def main() -> int:
    """Tell the story; 0 where it goes as told."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--emulator", metavar="URL", help="use this emulator instead of our own")
    arguments = parser.parse_args()
    try:
        engine = engine_directory()
        with (
            tempfile.TemporaryDirectory(prefix="dbserving-demo-") as made,
            workspace(arguments.emulator) as url,
        ):
            home, project = Path(made, "home"), Path(made, "project")
            project.mkdir(parents=True)
            program = quickstart(project)
            print("Databricks Model Serving as code, on a workspace that runs on this machine:")
            print(url)
            pulumi = Pulumi(engine, home, project, url, TOKEN)
            tell(Stage(pulumi, url, program, bold=sys.stdout.isatty()))
    except (NoEngineError, StoryBroken) as broken:
        print(f"\ndemo: {broken}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped; its temporary directory is removed", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A Pulumi program on an engine of the person's own, with everything that it writes elsewhere.

The engine runs in the project's directory, so that its imports, `main` and virtual environment are
what they are; backend and configuration are in a directory of the run, plugins the person's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .stack_file import UnreadableError, project_file, stack_file

_NOT_INHERITED = ("DATABRICKS_", "ARM_", "PULUMI_")
#: Where the person's plugins are; the engine keeps its logs there, too.
_PLUGINS = "PULUMI_HOME"
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")
#: Tells the provider that there is no workspace but the one that DATABRICKS_HOST names.
_ONE_WORKSPACE = "DATABRICKS_SERVING_ONE_WORKSPACE"
_HERE = ("127.0.0.1", "localhost")


class NoEngineError(Exception):
    """There is no `pulumi`, so nothing was deployed."""


class ProgramError(Exception):
    """`pulumi` ended with an error; the message has all that it printed."""


@dataclass(frozen=True)
class Program:
    """A stack of the project in `project`, on the workspace at `host`; `home`: where it writes."""

    project: Path
    home: Path
    host: str
    token: str = field(repr=False)
    stack: str = "test"

    def begin(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Make the stack, with the configuration of its file in the project, and more.

        Raises `NoEngineError`, and `ProgramError` where there is no project, or a secret of the
        stack's file has no other value.
        """
        named = next((n for n in _PROJECT_FILES if (self.project / n).is_file()), None)
        if named is None:
            raise ProgramError(f"{self.project} holds no Pulumi.yaml: it is no Pulumi project.")
        # The engine writes beside the project file; so it gets a copy of that.
        beside = self.home / "stack"
        beside.mkdir(parents=True)
        try:
            self._copied(self.project / named, beside / named, {*config, *secrets})
        except UnreadableError as wrong:
            raise ProgramError(str(wrong)) from None
        self._run("stack", "init", self.stack, "--no-select", directory=beside)
        for key, value in config.items():
            self._configured("config", "set", key, "--plaintext", "--", value)
        for key, value in secrets.items():
            self._configured("config", "set", key, "--secret", "--", value)

    def _copied(self, source: Path, copy: Path, given: set[str]) -> None:
        """The project's file and its stack's; `given`: the keys that need no value in there."""
        project = project_file(source)
        copy.write_text(project.alone, encoding="utf-8")
        own = self.project / project.directory / self._config.name
        if not own.is_file():
            return
        stack = stack_file(own)
        full = {key if ":" in key else f"{project.name}:{key}" for key in given}
        missing = [key for key in stack.encrypted if key not in full]
        if missing:
            names = [key.removeprefix(f"{project.name}:") for key in missing]
            example = ", ".join(f'"{name}": "made-up"' for name in names)
            raise ProgramError(
                f"{own} has secrets, which a test does not decrypt: {', '.join(names)}. Give each "
                f"another value, with secrets={{{example}}}."
            )
        self._config.write_text(stack.text, encoding="utf-8")

    def up(self) -> str:
        """`pulumi up`; what it printed. Raises `ProgramError`."""
        return self._configured("up", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """What the program exports, secrets in clear."""
        printed = self._run("stack", "output", "--json", "--show-secrets", "--stack", self.stack)
        outputs: dict[str, Any] = json.loads(printed)
        return outputs

    @property
    def _config(self) -> Path:
        return self.home / "stack" / f"Pulumi.{self.stack}.yaml"

    def _configured(self, *arguments: str) -> str:
        options = ("--stack", self.stack, "--config-file", str(self._config))
        before, dashes, after = _parted(arguments)
        return self._run(*before, *options, *dashes, *after)

    def _run(self, *arguments: str, directory: Path | None = None) -> str:
        environment = engine_environment(self.home, self.host, self.token)
        program = shutil.which("pulumi", path=environment["PATH"])
        if program is None:
            raise NoEngineError(
                "There is no `pulumi` on PATH, and the program is deployed by it. Install it: "
                "https://www.pulumi.com/docs/install/"
            )
        ended = subprocess.run(  # noqa: S603 - no shell, and the program was looked up
            [program, *arguments[:1], "--non-interactive", "--color", "never", *arguments[1:]],
            cwd=directory or self.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ended.returncode:
            said = f"{ended.stdout}{ended.stderr}".strip()
            raise ProgramError(f"`pulumi {arguments[0]}` in {self.project} failed:\n{said}")
        return ended.stdout


def engine_environment(home: Path, host: str, token: str) -> dict[str, str]:
    """The environment of an engine on the workspace at `host`, that writes below `home` alone."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name == _PLUGINS or not name.startswith(_NOT_INHERITED)
    }
    backend = home / "backend"
    backend.mkdir(parents=True, exist_ok=True)
    # Without a `virtualenv` in Pulumi.yaml the engine takes the first python on PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **inherited,
        "PATH": path,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "DATABRICKS_HOST": host,
        "DATABRICKS_TOKEN": token,
        # The person's own profiles have no part in this.
        "DATABRICKS_CONFIG_FILE": str(home / "no-databrickscfg"),
        # Nor has a workspace that the program or the stack's configuration names.
        _ONE_WORKSPACE: "true",
        # The workspace is on this machine, whatever stands between it and others.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _unproxied()),
    }


def _unproxied() -> str:
    """What no proxy is asked for: of the two spellings some read the one first, some the other."""
    said = [os.environ[name] for name in ("NO_PROXY", "no_proxy") if os.environ.get(name)]
    # All; beside others it is the name of a host.
    return "*" if "*" in said else ",".join(dict.fromkeys([*said, *_HERE]))


def _parted(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if "--" not in arguments:
        return arguments, (), ()
    at = arguments.index("--")
    return arguments[:at], ("--",), arguments[at + 1 :]

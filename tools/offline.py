"""Running `pulumi` with all that it writes in one directory: no account, no network."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOOLS = Path(__file__).resolve().parent


class NoEngineError(Exception):
    """There is no `pulumi`; the message says what to do."""


def engine_directory() -> Path:
    """Where `pulumi` and its plugins are; obtained in silence. Raises `NoEngineError`."""
    found = subprocess.run(
        [sys.executable, str(TOOLS / "engine.py"), "--print-bin"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise NoEngineError(f"{found.stderr.strip()}\n`make setup` obtains an engine.")
    return Path(found.stdout.strip())


@dataclass(frozen=True)
class Pulumi:
    """A `pulumi` on the file backend below `home`, in `project`, talking to one workspace."""

    engine: Path
    home: Path
    project: Path
    host: str
    token: str
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The environment of the engine and of what it starts."""
        backend = self.home / "backend"
        backend.mkdir(parents=True, exist_ok=True)
        # A language host without the `virtualenv` option takes the first python3 on PATH.
        own = f"{Path(sys.executable).parent}{os.pathsep}{self.engine}"
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATABRICKS_", "ARM_", "PULUMI_"))
        }
        return {
            **inherited,
            "PATH": f"{own}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(self.home / "pulumi"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "NO_COLOR": "1",
            "DATABRICKS_HOST": self.host,
            "DATABRICKS_TOKEN": self.token,
            # The person's own profiles have no part in this.
            "DATABRICKS_CONFIG_FILE": str(self.home / "no-databrickscfg"),
            **self.more,
        }

    def start(self, *arguments: str, session: bool = False) -> subprocess.Popen[str]:
        """A running `pulumi`; `session`: in a process group of its own."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=session,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit code of `pulumi`, and all that it printed."""
        with self.start(*arguments) as started:
            printed, _ = started.communicate()
        return started.returncode, printed

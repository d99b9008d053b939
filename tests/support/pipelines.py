"""A runner of GitLab's jobs on this machine: one `bash` for each, their scripts as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .workflows import loaded


@dataclass(frozen=True)
class Ended:
    """A job as it ended. verdict: `passed`, `warning` (it was allowed to fail so) or `failed`.

    artifacts: what was kept; reports: the files of each kind that merge requests show
    """

    verdict: str
    code: int
    printed: str
    artifacts: tuple[str, ...]
    reports: dict[str, tuple[Path, ...]]


@dataclass(frozen=True)
class Pipeline:
    """A pipeline; `variables`: the project's and GitLab's own, as every script sees them."""

    file: Path
    repository: Path
    directory: Path
    environment: dict[str, str]
    variables: dict[str, str]

    def jobs(self) -> list[str]:
        """The jobs that the pipeline has, by their rules."""
        said = loaded(self.file)
        names = [name for name in said if not name.startswith(".") and name != "stages"]
        return [name for name in names if self._runs(_whole(said, name))]

    def run(self, name: str, **of_matrix: str) -> Ended:
        """Run a job, in a checkout of its own; `of_matrix`: one combination of its matrix."""
        job = _whole(loaded(self.file), name)
        for key, value in of_matrix.items():
            assert value in job["parallel"]["matrix"][0][key]
        place = self.directory / "-".join((name, *of_matrix.values()))
        shutil.copytree(self.repository, place)
        given = {**self.variables, **job.get("variables", {}), **of_matrix}
        tokens = {
            key: f"gitlab {_filled(said['aud'], given)}"
            for key, said in job.get("id_tokens", {}).items()
        }
        lines = (*job.get("before_script", ()), *job["script"])
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
            cwd=place,
            env={**self.environment, "HOME": str(self.directory), **given, **tokens},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        kept = job["artifacts"]
        assert not ran.returncode or kept["when"] == "always"
        return Ended(
            _verdict(ran.returncode, job),
            ran.returncode,
            ran.stdout,
            tuple(
                sorted(
                    str(file.relative_to(place))
                    for folder in kept["paths"]
                    for file in (place / folder).iterdir()
                )
            ),
            {kind: tuple(place.glob(said)) for kind, said in kept["reports"].items()},
        )

    def _runs(self, job: Any) -> bool:
        return any(
            all(self._holds(part) for part in rule["if"].split(" && ")) for rule in job["rules"]
        )

    def _holds(self, said: str) -> bool:
        """Whether `$NAME == "text"` or `$NAME == $OTHER` is so; what is not set is null."""
        left, right = (
            text.strip('"') if text.startswith('"') else self.variables.get(text.removeprefix("$"))
            for text in said.split(" == ")
        )
        return left == right


def _verdict(code: int, job: Any) -> str:
    if not code:
        return "passed"
    return "warning" if code in job.get("allow_failure", {}).get("exit_codes", ()) else "failed"


def _whole(said: Any, name: str) -> Any:
    """A job with what it extends, one level deep as here."""
    job = said[name]
    base = said[job["extends"]]
    both = {**base.get("variables", {}), **job.get("variables", {})}
    return {**base, **job, "variables": both}


def _filled(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables[found[1]], text)

"""A runner of GitHub's workflows on this machine: jobs in order, their scripts as they stand.

Scripts are run by `bash -e`, as GitHub does, each job in an empty directory, with the runner's own
variables and those of the recipe, and nothing else. A step that `uses` an action is stood in for by
what that does here: a copy of the repository, a copy of a folder, nothing. `pip` is a stand-in too,
which notes what was to be installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .fake_github import REPOSITORY, TOKEN

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
#: What GitHub answers for a variable or a secret that nobody has set.
_MAY_BE_UNSET = ("vars", "secrets")
#: What notes what `pip` was to install: the environment has it all.
PIP = '#!/bin/sh\necho "$@" >> "$HOME/pip.log"\n'


def loaded(path: Path) -> Any:
    """A recipe. Plain YAML 1.2, in which `on` is a name and `1:30` is no number."""
    return YAML(typ="safe").load(path)


@dataclass
class Step:
    """A script that was run: its name, exit code and everything that it printed."""

    name: str
    code: int
    printed: str


@dataclass
class Job:
    """A job as it ended. `skipped`: its `if` said no."""

    outputs: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    skipped: bool = False

    @property
    def codes(self) -> dict[str, int]:
        """The exit code of each script that was run."""
        return {step.name: step.code for step in self.steps}

    @property
    def is_green(self) -> bool:
        """Whether every script of it went well."""
        return not any(self.codes.values())

    def printed(self, name: str) -> str:
        """What the script of that name printed."""
        return next(step.printed for step in self.steps if step.name == name)


@dataclass
class Runner:
    """Everything around a workflow, and `artifacts` of its run.

    environment: of the machine; repository: what a checkout brings; home: with `pip.log`
    settings: the repository's variables and secrets; github: the context of that name, with `event`
    more: what each script has besides, and wins (a way to log in that costs no second)
    """

    environment: dict[str, str]
    repository: Path
    home: Path
    settings: dict[str, dict[str, str]]
    github: dict[str, Any]
    api_url: str = ""
    more: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Path] = field(default_factory=dict)
    _jobs: int = 0

    def run(
        self,
        workflow: Any,
        name: str,
        *,
        matrix: dict[str, str] | None = None,
        needs: dict[str, Job] | None = None,
    ) -> Job:
        """Run one job of a workflow; `matrix`: one of its combinations."""
        job, ended = workflow["jobs"][name], Job()
        for key, value in (matrix or {}).items():
            assert value in job["strategy"]["matrix"][key]
        contexts: dict[str, Any] = {
            **self.settings,
            "github": {**self.github, "token": self._token(job)},
            "matrix": matrix or {},
            "needs": {other: {"outputs": told.outputs} for other, told in (needs or {}).items()},
            "steps": {},
            "failed": False,
        }
        if not holds(job.get("if", "success()"), contexts):
            return Job(skipped=True)
        self._jobs += 1
        directory = self.home / f"job-{self._jobs}"
        directory.mkdir(parents=True)
        said = {**workflow.get("env", {}), **job.get("env", {})}
        for number, step in enumerate(job["steps"]):
            if holds(step.get("if", "success()"), contexts):
                ran = self._step(step, number, directory, contexts, said, ended, job)
                contexts["failed"] = contexts["failed"] or bool(ran)
        ended.outputs = {
            key: filled(value, contexts) for key, value in job.get("outputs", {}).items()
        }
        return ended

    def _step(
        self,
        step: Any,
        number: int,
        directory: Path,
        contexts: dict[str, Any],
        said: dict[str, Any],
        ended: Job,
        job: Any,
    ) -> int:
        if "uses" in step:
            self._use(step, directory, contexts)
            return 0
        files = directory.parent / f"{directory.name}-{number}"
        files.mkdir()
        own = {
            key: filled(value, contexts) for key, value in {**said, **step.get("env", {})}.items()
        }
        (files / "script").write_text(step["run"])
        ran = subprocess.run(
            ["bash", "-e", str(files / "script")],
            cwd=directory,
            env={**self._variables(files, directory, job), **own, **self.more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        ended.steps.append(Step(step.get("name", step["run"]), ran.returncode, ran.stdout))
        ended.summary += (files / "summary").read_text()
        if "id" in step:
            lines = (files / "output").read_text().splitlines()
            told = dict(line.split("=", 1) for line in lines)
            contexts["steps"][step["id"]] = {"outputs": told}
        return ran.returncode

    def _variables(self, files: Path, directory: Path, job: Any) -> dict[str, str]:
        """What GitHub's runner gives to each script."""
        for name in ("output", "summary"):
            (files / name).touch()
        event = files / "event.json"
        event.write_text(json.dumps(self.github["event"]))
        given = {
            **self.environment,
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api_url,
            "GITHUB_EVENT_NAME": self.github["event_name"],
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(files / "output"),
            "GITHUB_REF": self.github["ref"],
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": self.github["run_attempt"],
            "GITHUB_RUN_ID": self.github["run_id"],
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "0" * 40,
            "GITHUB_STEP_SUMMARY": str(files / "summary"),
            "GITHUB_WORKSPACE": str(directory),
            "RUNNER_TEMP": str(files),
        }
        if "id-token" in job["permissions"]:
            workspace = self.settings["vars"]["DATABRICKS_HOST"]
            given["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{workspace}/id-token?of=github"
            given["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "of-this-job"
        return given

    def _token(self, job: Any) -> str:
        """The job's token, which GitHub takes for a comment or an issue where the job says so."""
        may = job["permissions"]
        return TOKEN if "write" in (may.get("pull-requests"), may.get("issues")) else "ghs_reads"

    def _use(self, step: Any, directory: Path, contexts: dict[str, Any]) -> None:
        """Do what an action does."""
        action = step["uses"].partition("@")[0]
        given = {key: filled(value, contexts) for key, value in step.get("with", {}).items()}
        if action == "actions/checkout":
            shutil.copytree(self.repository, directory, dirs_exist_ok=True)
        elif action == "actions/upload-artifact":
            kept = self.home / "artifacts" / self.github["run_id"] / given["name"]
            shutil.rmtree(kept, ignore_errors=True)
            if (directory / given["path"]).exists():  # else the action warns, and is green
                shutil.copytree(directory / given["path"], kept)
                self.artifacts[given["name"]] = kept
        elif action == "actions/download-artifact":
            wanted = given.get("pattern", given.get("name"))
            found = [path for name, path in self.artifacts.items() if Path(name).match(wanted)]
            # By a name it has to be there; by a pattern the action goes on.
            assert found or "pattern" in given, f"no artifact {wanted}"
            for path in found:
                shutil.copytree(path, directory / given["path"], dirs_exist_ok=True)
        else:
            assert action in ("actions/setup-python", "pulumi/actions"), action


def filled(text: Any, contexts: dict[str, Any]) -> str:
    """A value with its expressions replaced."""
    if isinstance(text, bool):
        return str(text).lower()
    return _EXPRESSION.sub(lambda found: str(_value(found[1], contexts)), str(text))


def holds(condition: str, contexts: dict[str, Any]) -> bool:
    """Whether an `if` lets a job or a step run. Without a status function, success is asked too."""
    found = _EXPRESSION.fullmatch(condition.strip())
    said = found[1] if found else condition
    status = any(f"{name}()" in said for name in ("cancelled", "success", "always", "failure"))
    return (status or not contexts["failed"]) and bool(_value(said, contexts))


def _value(said: str, contexts: dict[str, Any]) -> Any:  # noqa: PLR0911 - a form each
    """What an expression comes to: `&&`, `==`, `!=`, `!`, texts, names, two status functions."""
    said = said.strip()
    if "&&" in said:
        return all(_value(part, contexts) for part in said.split("&&"))
    for sign in ("==", "!="):
        if sign in said:
            left, right = (_value(part, contexts) for part in said.split(sign))
            return (left == right) is (sign == "==")
    if said.startswith("!"):
        return not _value(said[1:], contexts)
    if said.startswith("'"):
        return said.strip("'")
    if said in ("cancelled()", "success()"):
        return said == "success()" and not contexts["failed"]
    found: Any = contexts
    for step in said.split("."):
        if step not in found and said.partition(".")[0] in _MAY_BE_UNSET:
            return ""
        found = found[step]
    return found


def machine(home: Path, engine: Path, python: Path) -> dict[str, str]:
    """The environment of a runner with `dbserving`, `pulumi` and a `pip` that installs nothing."""
    stands_in = home / "stand-ins"
    stands_in.mkdir(parents=True)
    (stands_in / "pip").write_text(PIP)
    (stands_in / "pip").chmod(0o755)
    path = (str(stands_in), str(python), str(engine), os.environ["PATH"])
    return {
        "PATH": os.pathsep.join(path),
        "LANG": "C.UTF-8",
        "PULUMI_HOME": str(home / "pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # Nobody's answers are late here.
        "DBSERVING_CONFIRM_DELAY": "0s",
    }

"""What is installed: Python, packages, the engine."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Iterator

from databricks_serving.cli.jobs import pulumi
from databricks_serving.cli.jobs.project import project_file, toolchain

from .check import Check, Finding, Surroundings, failed, ok, skipped, warning

_GROUP = "Versions"
_OURS = "databricks-serving"
_INSTALL = "pip install --upgrade 'databricks-serving[cli,emulator]'"
#: From which release on the engine can do what (pulumi's CHANGELOG).
_ENGINE = (
    ((3, 227), "exit codes that tell what failed"),
    ((3, 229), "a refresh preview that takes no lock"),
    ((3, 254), "import files with outputs, which `dbserving import` writes"),
)
#: The first SDK whose `read` may answer inputs.
_SDK = (3, 216)
#: The marker of what the command needs wherever it runs.
_IN_CLI = re.compile(r"""extra\s*==\s*['"]cli['"]""")
#: `pulumi>=3.216,<4; extra == "cli"`
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?")


def python(_: Surroundings) -> Finding:
    """The interpreter; pip has refused what is too old."""
    return ok(f"{platform.python_implementation()} {platform.python_version()}")


def packages(around: Surroundings) -> Finding:
    """Our own packages and what the command needs, none too old or missing."""
    wrong, fine = [], [f"{_OURS} {around.installed(_OURS)}"]
    for name, bounds in _required():
        version = around.installed(name)
        if version is None:
            wrong.append(f"{name} is not installed")
        elif not _fits(version, bounds):
            wrong.append(f"{name} is {version}, and {bounds} is needed")
        else:
            fine.append(f"{name} {version}")
    return failed("; ".join(wrong), f"Install it: {_INSTALL}") if wrong else ok(", ".join(fine))


def sdk(around: Surroundings) -> Finding:
    """Pulumi's SDK for Python."""
    version = around.installed("pulumi")
    if version is None:
        return failed("the package pulumi is not installed", f"Install it: {_INSTALL}")
    if _numbers(version) < _SDK:
        least = ".".join(map(str, _SDK))
        return failed(
            f"{version}: before {least} a refresh cannot answer inputs",
            "Upgrade it: pip install --upgrade pulumi",
        )
    return ok(version)


def pip(around: Surroundings) -> Finding:
    """What the engine lists a program's packages with, where no other toolchain is said.

    (`python -m pip list`, in the engine's sdk/python/toolchain/pip.go)
    """
    if (version := around.installed("pip")) is not None:
        return ok(version)
    file = project_file(around.directory)
    if file is not None and (other := toolchain(file)) not in ("", "pip"):
        return skipped(f"{file.name} has the toolchain {other}")
    return warning(
        "not in this environment: `pulumi` cannot list a program's packages without, so that "
        "neither the demo nor a project without another toolchain runs",
        "Install it: python -m ensurepip, or make the environment with uv venv --seed",
    )


def engine(around: Surroundings) -> Finding:
    """The command `pulumi`."""
    program = pulumi.on_path(around.environment)
    if program is None:
        remedy = "Install it (https://www.pulumi.com/docs/install/), or put it on PATH."
        if around.state_file:
            return warning("not on PATH; with --state, `drift` needs none", remedy)
        return failed("there is no `pulumi` on PATH", remedy)
    try:
        version = pulumi.version(program, around.environment)
    except pulumi.EngineFailed as wrong:
        return failed("`pulumi` cannot be run", str(wrong))
    if version is None:
        return failed("`pulumi version` tells none", "Run `pulumi version` and see what it says.")
    lacking = [what for least, what in _ENGINE if _numbers(version) < least]
    if lacking:
        return warning(
            f"{version}: too old for {'; '.join(lacking)}",
            "Upgrade it: https://www.pulumi.com/docs/install/",
        )
    return ok(version)


def _required() -> Iterator[tuple[str, str]]:
    """What our own distribution asks for, for the command: names and bounds (`>=3.216,<4`)."""
    for line in importlib.metadata.requires(_OURS) or ():
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        name, bounds, marker = match.groups()
        elsewhere = marker is not None and not _IN_CLI.fullmatch(marker.strip())
        if name not in (_OURS, "pulumi") and not elsewhere:
            yield name, bounds.strip()


def _fits(version: str, bounds: str) -> bool:
    own = _numbers(version)
    for bound in filter(None, bounds.split(",")):
        limit = _numbers(bound)
        if (bound.startswith(">=") and own < limit) or (bound.startswith("<") and own >= limit):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3])


CHECKS = (
    Check("python", _GROUP, "Python", python, here=True),
    Check("packages", _GROUP, "Packages", packages, here=True),
    Check("pip", _GROUP, "pip", pip, here=True),
    Check("pulumi-sdk", _GROUP, "Pulumi SDK", sdk, here=True),
    Check("pulumi-cli", _GROUP, "Pulumi CLI", engine, here=True),
)

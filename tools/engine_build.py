"""Build the Pulumi engine and its Python language host from the Go modules that Pulumi publishes.

Two wrapper modules under `tools/pulumi`, because they need `sdk/v3` at different versions: the
newest language host is a module that Go module proxies do not serve. `go install …@version` is no
way, since the modules' own files have replace directives; a wrapper module ignores those.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from engine_surroundings import (
    DYNAMIC,
    HOST,
    LAUNCHER,
    PKG,
    SDK,
    NotThisWayError,
    Surroundings,
    ask,
    major_minor,
    required_version,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST_GO = (1, 26)


def from_build(here: Surroundings, target: Path) -> str:
    """Compile both programs, copy the two scripts that go with them; say where they are from."""
    go = shutil.which("go", path=here.env.get("PATH", ""))
    if go is None:
        raise NotThisWayError("no go on PATH; Go 1.26 or newer is needed")
    env = go_env(here.env)
    # Asked inside the module: a Go that may fetch the toolchain it needs has done so there.
    go_version = ask(env, [go, "env", "GOVERSION"], here.modules / "engine")
    if major_minor(go_version) < OLDEST_GO:
        raise NotThisWayError(f"{go} is {go_version}; Go 1.26 or newer is needed")
    here.say(
        f"build: pulumi {here.version} from its Go modules with {go_version}; "
        "the first time this takes about 7 minutes"
    )
    # An interrupted `go` leaves its temporary files behind: here, they go with ours.
    with tempfile.TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as work:
        compile_programs(here, go, {**env, "GOTMPDIR": work}, target)
    sdk = ask(env, [go, "mod", "download", "-json", SDK], here.modules / "engine")
    copy_scripts(Path(json.loads(sdk)["Dir"]), target)
    return f"built from Pulumi's Go modules with {go_version}"


def compile_programs(here: Surroundings, go: str, env: Mapping[str, str], target: Path) -> None:
    """Compile the engine and the language host, each in its own module."""
    engine, host = here.modules / "engine", here.modules / "language-host"
    command = go_build(go, target / "pulumi", here.version, f"{PKG}/cmd/pulumi")
    # The vendor's own tags: no C library for user names, no gRPC tracing.
    command[2:2] = ["-tags", "osusergo,grpcnotrace"]
    run(here, "compiling the engine", command, env, engine)
    host_version = required_version(host, SDK)
    command = go_build(go, target / HOST, host_version, f"{SDK}/python/cmd/{HOST}")
    run(here, "compiling the Python language host", command, env, host)


def go_env(env: Mapping[str, str]) -> dict[str, str]:
    """Build without a C compiler, and without a workspace file that may lie further up."""
    return {**env, "CGO_ENABLED": "0", "GOWORK": "off"}


def go_build(go: str, output: Path, version: str, package: str) -> list[str]:
    """Compose the command; without its version the Automation API refuses an engine."""
    flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
    return [go, "build", "-trimpath", "-ldflags", flags, "-o", str(output), package]


def copy_scripts(sdk: Path, target: Path) -> None:
    """Copy the language host's launcher and the dynamic provider out of the SDK's module."""
    for script in (sdk / "python/cmd" / LAUNCHER, sdk / "python/dist" / DYNAMIC):
        shutil.copyfile(script, target / script.name)
        (target / script.name).chmod(0o755)

"""Obtaining an engine, with fake `pulumi` and `go` programs and a release site on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import importlib.util
import io
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[3] / "tools"


def load(name):
    """Load a tool by its path; like a script, it finds its siblings beside itself."""
    sys.path.insert(0, str(TOOLS))
    try:
        spec = importlib.util.spec_from_file_location(f"tools_{name}", TOOLS / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(TOOLS))
    return module


engine = load("engine")
release = sys.modules["engine_release"]
surroundings = sys.modules["engine_surroundings"]

# What a fake `go` does, as `case` branches on its arguments. It finds its own files, not PATH's.
GO = """#!/bin/sh
PATH=/usr/bin:/bin
echo "$PWD: $*" >> "{root}/go.log"
case "$*" in
  "env GOVERSION") echo "{version}" ;;
  "mod download"*) echo '{{"Dir": "{root}/sdk"}}' ;;
  build*) {build}
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod 755 "$2" ;;
esac
"""


def program(path, text="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def pulumi(folder, version="3.259.0", companions=("language-python", "resource-pulumi-python")):
    for companion in companions:
        program(folder / f"pulumi-{companion}")
    return program(folder / "pulumi", f"#!/bin/sh\necho v{version}\n")


def go(root, version="go1.26.8", build=""):
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        program(root / "sdk/python" / script)
    return program(root / "go-bin/go", GO.format(root=root, version=version, build=build))


def modules(root):
    """Two wrapper modules like those under tools/pulumi."""
    for name, requirement in (
        ("engine", "github.com/pulumi/pulumi/pkg/v3 v3.259.0"),
        ("language-host", "github.com/pulumi/pulumi/sdk/v3 v3.68.0 // indirect"),
    ):
        (root / "modules" / name).mkdir(parents=True, exist_ok=True)
        (root / "modules" / name / "go.mod").write_text(f"require (\n\t{requirement}\n)\n")
        (root / "modules" / name / "go.sum").write_text("sums\n")
    return root / "modules"


def environment(root, *path, releases="http://127.0.0.1:9"):
    return {
        "PATH": os.pathsep.join(str(folder) for folder in path),
        "HOME": str(root / "home"),
        "DBSERVING_PULUMI_RELEASES": releases,
    }


def here(root, *path, releases="http://127.0.0.1:9", patience=8.0):
    """Surroundings that know nothing of this machine; `lines` collects what they say."""
    lines = []
    env = environment(root, *path, releases=releases)
    found = surroundings.Surroundings(env, lines.append, modules(root), patience, heartbeat=0.05)
    return found, lines


def archive(*names, content=b"#!/bin/sh\necho v3.259.0\n"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


RELEASED = (
    "pulumi/pulumi",
    "pulumi/pulumi-language-python",
    "pulumi/pulumi-language-python-exec",
    "pulumi/pulumi-resource-pulumi-python",
)


def published(packed, digest=None):
    """The two files of a release, as the vendor's site has them."""
    name = f"pulumi-v3.259.0-{release.release_platform()}.tar.gz"
    sums = f"{'0' * 64}  another.tar.gz\n{digest or hashlib.sha256(packed).hexdigest()}  {name}\n"
    return {"/pulumi-3.259.0-checksums.txt": sums.encode(), f"/{name}": packed}


@contextlib.contextmanager
def site(files):
    """A release site on loopback; yields its address and the paths that were asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def shelf(root):
    folder = root / "home/.cache/databricks-serving"
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def kept(root):
    return root / "home/.cache/databricks-serving/pulumi-3.259.0"


# --- on PATH ------------------------------------------------------------------------------------


def test_a_new_enough_pulumi_on_path_is_used(tmp_path):
    pulumi(tmp_path / "bin", version="3.260.1")
    around, lines = here(tmp_path, tmp_path / "bin")
    assert engine.obtain(around) == surroundings.Engine(
        tmp_path / "bin", "3.260.1", "found on PATH"
    )
    assert lines == []
    assert shelf(tmp_path) == []


def test_an_old_pulumi_on_path_is_passed_over_with_the_reason(tmp_path):
    old = pulumi(tmp_path / "bin", version="3.226.0")
    around, _ = here(tmp_path, tmp_path / "bin")
    with pytest.raises(surroundings.NotThisWayError) as refused:
        engine.on_path(around)
    assert str(refused.value) == f"passing over {old}: it is 3.226.0, 3.227 or newer is needed"


def test_a_pulumi_too_old_to_import_outputs_is_used_with_a_note(tmp_path):
    pulumi(tmp_path / "bin", version="3.227.0")
    around, lines = here(tmp_path, tmp_path / "bin")
    assert engine.on_path(around).version == "3.227.0"
    assert lines == ["note: pulumi 3.227.0 cannot import outputs; 3.254 and newer can"]


def test_a_pulumi_that_cannot_run_python_is_passed_over(tmp_path):
    bare = pulumi(tmp_path / "bin", companions=("language-go",))
    around, _ = here(tmp_path, tmp_path / "bin")
    with pytest.raises(surroundings.NotThisWayError) as refused:
        engine.on_path(around)
    assert str(refused.value) == (
        f"passing over {bare}: it comes without "
        "pulumi-language-python and pulumi-resource-pulumi-python"
    )


def test_a_link_to_pulumi_leads_to_the_directory_with_all_of_it(tmp_path):
    whole = pulumi(tmp_path / "opt")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/pulumi").symlink_to(whole)
    around, _ = here(tmp_path, tmp_path / "bin")
    assert engine.on_path(around).bin == (tmp_path / "opt").resolve()


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\necho broken >&2; exit 1\n", "#!/bin/sh\n", "#!/nowhere/sh\n"]
)
def test_a_broken_pulumi_on_path_is_passed_over(tmp_path, script):
    program(tmp_path / "bin/pulumi", script)
    around, _ = here(tmp_path, tmp_path / "bin")
    with pytest.raises(surroundings.NotThisWayError):
        engine.on_path(around)


# --- a release ----------------------------------------------------------------------------------


def test_a_release_is_downloaded_checked_and_kept(tmp_path):
    with site(published(archive(*RELEASED))) as (address, _):
        around, _ = here(tmp_path, releases=address)
        found = engine.obtain(around)
    assert found.bin == kept(tmp_path) / "bin"
    assert found.origin == f"the official release from {address}"
    assert shelf(tmp_path) == ["lock", "pulumi-3.259.0"]


def test_a_second_run_finds_the_release_and_asks_nobody(tmp_path):
    with site(published(archive(*RELEASED))) as (address, asked):
        around, _ = here(tmp_path, releases=address)
        engine.obtain(around)
        assert len(asked) == 2
        again = engine.obtain(around)
        assert len(asked) == 2
    assert again.origin == f"the official release from {address}, kept"


def test_a_release_with_another_checksum_is_discarded(tmp_path):
    with site(published(archive(*RELEASED), digest="0" * 64)) as (address, _):
        around, lines = here(tmp_path, releases=address)
        with pytest.raises(surroundings.NotThisWayError):
            engine.obtain(around, ["release"])
    assert lines[-1].endswith(".tar.gz is not what its checksum says: discarded")
    assert shelf(tmp_path) == ["lock"]


def test_a_release_without_its_python_host_is_not_kept(tmp_path):
    with site(published(archive("pulumi/pulumi"))) as (address, _):
        around, lines = here(tmp_path, releases=address)
        with pytest.raises(surroundings.NotThisWayError):
            engine.obtain(around, ["release"])
    assert lines[-1] == (
        "release: it brought no pulumi-language-python and no pulumi-language-python-exec "
        "and no pulumi-resource-pulumi-python"
    )
    assert shelf(tmp_path) == ["lock"]


def test_only_the_programs_of_an_archive_are_unpacked_and_nothing_outside(tmp_path):
    packed = tmp_path / "release.tar.gz"
    names = ("../pulumi", "/pulumi/pulumi-x", "pulumi/../pulumi-y", "pulumi/LICENSE")
    packed.write_bytes(archive(*names, "pulumi/bin/pulumi"))
    (tmp_path / "bin").mkdir()
    release.unpack(packed, tmp_path / "bin")
    assert [entry.name for entry in (tmp_path / "bin").iterdir()] == ["pulumi"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bin", "release.tar.gz"]


def test_a_broken_archive_is_a_reason_and_no_traceback(tmp_path):
    with site(published(b"no archive")) as (address, _):
        around, lines = here(tmp_path, releases=address)
        with pytest.raises(surroundings.NotThisWayError):
            engine.obtain(around, ["release"])
    assert lines[-1] == f"release: cannot download from {address}: not a gzip file"


def test_a_site_without_this_release_is_named_with_the_answer(tmp_path):
    with site({}) as (address, _):
        around, lines = here(tmp_path, releases=address)
        with pytest.raises(surroundings.NotThisWayError):
            engine.obtain(around, ["release"])
    assert lines == [f"release: cannot download from {address}: Not Found"]


def test_a_site_that_never_answers_costs_its_patience_and_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        around, lines = here(tmp_path, releases=address, patience=0.2)
        started = time.monotonic()
        with pytest.raises(surroundings.NotThisWayError):
            engine.obtain(around, ["release"])
        assert time.monotonic() - started < surroundings.Surroundings.patience
    assert len(lines) == 1
    assert lines[0].startswith(f"release: cannot download from {address}: ")


# --- a build ------------------------------------------------------------------------------------


def test_on_a_closed_network_the_engine_is_built(tmp_path):
    go(tmp_path)
    around, lines = here(tmp_path, tmp_path / "go-bin")
    found = engine.obtain(around)
    assert found.bin == kept(tmp_path) / "bin"
    assert found.origin == "built from Pulumi's Go modules with go1.26.8"
    assert sorted(entry.name for entry in found.bin.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    assert lines[0] == "path: no pulumi on PATH"
    assert lines[1].startswith("release: cannot download from http://127.0.0.1:9: ")
    assert lines[2] == (
        "build: pulumi 3.259.0 from its Go modules with go1.26.8; "
        "the first time this takes about 7 minutes"
    )


def test_both_programs_are_built_with_their_versions_in_their_own_modules(tmp_path):
    go(tmp_path)
    around, _ = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around, ["build"])
    said = (tmp_path / "go.log").read_text()
    version = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
    tags = "-tags osusergo,grpcnotrace"
    assert f"/engine: build {tags} -trimpath -ldflags -s -w {version}=v3.259.0 -o /" in said
    assert f"/language-host: build -trimpath -ldflags -s -w {version}=v3.68.0 -o /" in said


def test_a_second_run_finds_the_build_and_starts_nothing(tmp_path):
    go(tmp_path)
    around, _ = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around)
    (tmp_path / "go.log").unlink()
    again = engine.obtain(around)
    assert again.origin == "built from Pulumi's Go modules with go1.26.8, kept"
    assert not (tmp_path / "go.log").exists()


def test_a_changed_go_sum_is_built_again(tmp_path):
    go(tmp_path)
    around, _ = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around, ["build"])
    (tmp_path / "go.log").unlink()
    (tmp_path / "modules/language-host/go.sum").write_text("other sums\n")
    again = engine.obtain(around, ["build"])
    assert again.origin == "built from Pulumi's Go modules with go1.26.8"
    assert (tmp_path / "go.log").exists()


@pytest.mark.parametrize("gone", ["obtained.json", "bin/pulumi-language-python-exec"])
def test_half_a_cache_is_not_taken_for_a_whole_one(tmp_path, gone):
    go(tmp_path)
    around, _ = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around, ["build"])
    (kept(tmp_path) / gone).unlink()
    assert engine.cached(around, engine.WAYS) is None
    engine.obtain(around, ["build"])
    assert (kept(tmp_path) / gone).exists()


def test_a_way_that_is_asked_for_does_not_take_what_another_one_left(tmp_path):
    go(tmp_path)
    with site(published(archive(*RELEASED))) as (address, _):
        around, _ = here(tmp_path, tmp_path / "go-bin", releases=address)
        engine.obtain(around, ["release"])
        built = engine.obtain(around, ["build"])
    assert built.origin == "built from Pulumi's Go modules with go1.26.8"
    assert shelf(tmp_path) == ["lock", "pulumi-3.259.0"]


def test_an_old_go_is_refused_by_its_version(tmp_path):
    program_path = go(tmp_path, version="go1.25.3")
    around, lines = here(tmp_path, tmp_path / "go-bin")
    with pytest.raises(surroundings.NotThisWayError):
        engine.obtain(around, ["build"])
    assert lines == [f"build: {program_path} is go1.25.3; Go 1.26 or newer is needed"]


def test_a_failed_build_leaves_no_cache_and_shows_what_go_said(tmp_path):
    go(tmp_path, build="echo module lookup disabled >&2; exit 1;")
    around, lines = here(tmp_path, tmp_path / "go-bin")
    with pytest.raises(surroundings.NotThisWayError):
        engine.obtain(around, ["build"])
    assert lines[-1] == "build: compiling the engine failed\n    module lookup disabled"
    assert shelf(tmp_path) == ["lock"]


def test_an_engine_of_another_version_is_not_kept(tmp_path):
    go(tmp_path, build='printf \'#!/bin/sh\\n\' > "$9"; chmod 755 "$9"; exit 0;')
    around, _ = here(tmp_path, tmp_path / "go-bin")
    with pytest.raises(surroundings.NotThisWayError):
        engine.obtain(around, ["build"])
    assert shelf(tmp_path) == ["lock"]


def test_a_long_build_gives_signs_of_life(tmp_path):
    go(tmp_path, build="sleep 0.3;")
    around, lines = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around, ["build"])
    assert "  compiling the engine: 0 s so far" in lines


def test_what_a_killed_run_left_is_removed(tmp_path):
    go(tmp_path)
    (tmp_path / "home/.cache/databricks-serving/pulumi-3.259.0.part-abc/fresh").mkdir(parents=True)
    around, _ = here(tmp_path, tmp_path / "go-bin")
    engine.obtain(around, ["build"])
    assert shelf(tmp_path) == ["lock", "pulumi-3.259.0"]


def test_two_runs_at_once_build_once(tmp_path):
    go(tmp_path, build="sleep 0.3;")
    around, lines = here(tmp_path, tmp_path / "go-bin")
    found = []
    runs = [
        threading.Thread(target=lambda: found.append(engine.obtain(around, ["build"])))
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(each.origin for each in found) == [
        "built from Pulumi's Go modules with go1.26.8",
        "built from Pulumi's Go modules with go1.26.8, kept",
    ]
    assert "waiting for another run that is obtaining the engine" in lines


def test_a_cache_directory_that_the_environment_names_is_used_unless_relative(tmp_path):
    env = environment(tmp_path) | {"XDG_CACHE_HOME": str(tmp_path / "elsewhere")}
    named = surroundings.Surroundings(env, print, modules(tmp_path))
    assert named.cache == tmp_path / "elsewhere/databricks-serving/pulumi-3.259.0"
    relative = surroundings.Surroundings(env | {"XDG_CACHE_HOME": "x"}, print, modules(tmp_path))
    assert relative.cache == kept(tmp_path)


# --- the command --------------------------------------------------------------------------------


def command(root, *arguments, path=()):
    """Start the real script, with a cache and a PATH of its own."""
    return subprocess.Popen(
        [sys.executable, TOOLS / "engine.py", *arguments],
        env=environment(root, *path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_without_any_way_there_is_one_paragraph_and_exit_code_1(tmp_path, capsys):
    assert engine.main([], environment(tmp_path), modules(tmp_path)) == 1
    err = capsys.readouterr().err
    assert err.startswith(
        "There is no Pulumi engine. path: no pulumi on PATH. "
        "release: cannot download from http://127.0.0.1:9: "
    )
    assert err.endswith(
        ". build: no go on PATH; Go 1.26 or newer is needed. "
        "Install Pulumi 3.227 or newer (https://www.pulumi.com/docs/install/) so that `pulumi` "
        "is on PATH, or Go 1.26 or newer (https://go.dev/dl/) so that it can be built here, then "
        "run this again.\n"
    )
    assert err.count("\n") == 1


def test_a_way_that_is_asked_for_is_the_only_one_tried(tmp_path, capsys):
    go(tmp_path)
    env = environment(tmp_path, tmp_path / "go-bin")
    assert engine.main(["--way", "path"], env, modules(tmp_path)) == 1
    assert capsys.readouterr().out == "path: no pulumi on PATH\n"


def test_a_cache_that_cannot_be_written_is_an_error_without_traceback(tmp_path, capsys):
    (tmp_path / "home").write_text("not a directory")
    assert engine.main([], environment(tmp_path), modules(tmp_path)) == 1
    assert "Not a directory" in capsys.readouterr().err


def test_print_bin_prints_the_directory_alone(tmp_path):
    pulumi(tmp_path / "bin")
    with command(tmp_path, "--print-bin", path=(tmp_path / "bin",)) as started:
        out, err = started.communicate(timeout=60)
    assert out == f"{tmp_path / 'bin'}\n"
    assert err == f"pulumi 3.259.0, found on PATH\n  in {tmp_path / 'bin'}\n"
    assert started.returncode == 0


def test_the_plain_command_says_which_one_it_took(tmp_path):
    pulumi(tmp_path / "bin")
    with command(tmp_path, path=(tmp_path / "bin",)) as started:
        out, err = started.communicate(timeout=60)
    assert (out, err) == (f"pulumi 3.259.0, found on PATH\n  in {tmp_path / 'bin'}\n", "")


def test_ctrl_c_during_a_build_leaves_nothing_and_answers_130(tmp_path):
    go(tmp_path, build="exec sleep 60;")
    with command(tmp_path, "--way", "build", path=(tmp_path / "go-bin",)) as started:
        for line in started.stdout:
            if line == "  compiling the engine ...\n":
                break
        # As a terminal does it: to the whole group, the compiler included.
        os.killpg(started.pid, signal.SIGINT)
        _, err = started.communicate(timeout=30)
    assert (started.returncode, err) == (130, "interrupted: nothing unfinished was kept\n")
    assert shelf(tmp_path) == ["lock"]

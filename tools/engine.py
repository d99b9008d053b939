"""Obtain a real `pulumi`: the one on PATH, an official release, or a build from its Go modules.

Standard library only: it runs before anything is installed.

A release or a build is kept in `$XDG_CACHE_HOME/databricks-serving/pulumi-<version>/bin`
(`~/.cache` by default) and found there again. The version is the one that
`tools/pulumi/engine/go.mod` requires. `DBSERVING_PULUMI_RELEASES` names another release site.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine_build import from_build
from engine_release import from_release
from engine_surroundings import (
    DYNAMIC,
    HOST,
    LAUNCHER,
    MODULES,
    Engine,
    NotThisWayError,
    Surroundings,
    major_minor,
    version_of,
)

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

OLDEST_PULUMI = (3, 227)  # answers with the documented exit codes
OLDEST_IMPORT = (3, 254)  # `pulumi import --file` takes outputs

PROGRAMS = ("pulumi", HOST, LAUNCHER, DYNAMIC)
STAMP = "obtained.json"
WAYS = ("path", "release", "build")
MAKERS = {"release": from_release, "build": from_build}

WHAT_TO_DO = (
    "Install Pulumi 3.227 or newer (https://www.pulumi.com/docs/install/) so that `pulumi` is on "
    "PATH, or Go 1.26 or newer (https://go.dev/dl/) so that it can be built here, then run this "
    "again."
)


def on_path(here: Surroundings) -> Engine:
    """Find a `pulumi` on PATH that is new enough and can run Python."""
    path = here.env.get("PATH", "")
    found = shutil.which("pulumi", path=path)
    if found is None:
        raise NotThisWayError("no pulumi on PATH")
    pulumi = Path(found).absolute()
    version = version_of(here.env, pulumi)
    if major_minor(version) < OLDEST_PULUMI:
        raise NotThisWayError(f"passing over {pulumi}: it is {version}, 3.227 or newer is needed")
    if major_minor(version) < OLDEST_IMPORT:
        here.say(f"note: pulumi {version} cannot import outputs; 3.254 and newer can")
    # The engine also looks beside its own file, to which the one on PATH may be a link.
    for folder in (pulumi.parent, pulumi.resolve().parent):
        search = f"{folder}{os.pathsep}{path}"
        missing = [name for name in (HOST, DYNAMIC) if shutil.which(name, path=search) is None]
        if not missing:
            return Engine(folder, version, "found on PATH")
    raise NotThisWayError(f"passing over {pulumi}: it comes without {' and '.join(missing)}")


def key_of(here: Surroundings, way: str) -> str:
    """Name what a way would make: under another key, what the cache holds is not it."""
    key = f"{way} {here.version} {sys.platform} {platform.machine()}"
    if way == "build":
        for module in ("engine", "language-host"):
            go_sum = (here.modules / module / "go.sum").read_bytes()
            key += f" {module}:{hashlib.sha256(go_sum).hexdigest()}"
    return key


def cached(here: Surroundings, ways: Sequence[str]) -> Engine | None:
    """Return the engine in the cache if it is whole and was obtained in one of these ways."""
    try:
        stamp = json.loads((here.cache / STAMP).read_text(encoding="utf-8"))
        key, origin = stamp["key"], stamp["origin"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    folder = here.cache / "bin"
    whole = all(os.access(folder / name, os.X_OK) for name in PROGRAMS)
    if whole and key in {key_of(here, way) for way in ways}:
        return Engine(folder, here.version, f"{origin}, kept")
    return None


def make(here: Surroundings, way: str) -> Engine:
    """Obtain an engine beside the cache and, once it works, put it there in one move."""
    with tempfile.TemporaryDirectory(
        prefix=f"{here.cache.name}.part-", dir=here.cache.parent, ignore_cleanup_errors=True
    ) as part:
        fresh = Path(part) / "fresh"
        (fresh / "bin").mkdir(parents=True)
        origin = MAKERS[way](here, fresh / "bin")
        missing = [name for name in PROGRAMS if not os.access(fresh / "bin" / name, os.X_OK)]
        if missing:
            raise NotThisWayError(f"it brought no {' and no '.join(missing)}")
        version = version_of(here.env, fresh / "bin" / "pulumi")
        if version != here.version:
            raise NotThisWayError(f"its engine says {version!r} where {here.version} was expected")
        stamp = {"key": key_of(here, way), "origin": origin, "version": version}
        (fresh / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        if here.cache.exists():
            here.cache.rename(Path(part) / "previous")
        fresh.rename(here.cache)
    return Engine(here.cache / "bin", version, origin)


@contextlib.contextmanager
def alone(here: Surroundings) -> Iterator[None]:
    """Let a second run wait, so that no two build the same; tidy up after one that was killed."""
    if sys.platform == "win32":
        raise NotThisWayError("On Windows, only a pulumi on PATH can be used.")
    shelf = here.cache.parent
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            here.say("waiting for another run that is obtaining the engine")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in shelf.glob("pulumi-*.part-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def obtain(here: Surroundings, ways: Sequence[str] = WAYS) -> Engine:
    """Return an engine by the first of these ways that leads to one."""
    refusals: list[str] = []

    def attempt(way: str, look: Callable[[Surroundings], Engine]) -> Engine | None:
        try:
            return look(here)
        except NotThisWayError as exc:
            here.say(f"{way}: {exc}")
            refusals.append(f"{way}: {str(exc).splitlines()[0]}.")
            return None

    engine = attempt("path", on_path) if "path" in ways else None
    engine = engine or cached(here, ways)
    makers = [way for way in MAKERS if way in ways]
    if engine is None and makers:
        with alone(here):
            engine = cached(here, makers)
            for way in makers:
                engine = engine or attempt(way, partial(make, way=way))
    if engine is None:
        raise NotThisWayError(" ".join(["There is no Pulumi engine.", *refusals, WHAT_TO_DO]))
    return engine


def main(arguments: Sequence[str], env: Mapping[str, str], modules: Path = MODULES) -> int:
    """Obtain an engine and tell where it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--print-bin",
        action="store_true",
        help="print only the directory that must be first on PATH; progress goes to stderr",
    )
    parser.add_argument("--way", choices=WAYS, help="try this way only")
    options = parser.parse_args(arguments)
    progress = sys.stderr if options.print_bin else sys.stdout
    say = partial(print, file=progress, flush=True)
    try:
        engine = obtain(Surroundings(env, say, modules), (options.way,) if options.way else WAYS)
    except KeyboardInterrupt:
        print("interrupted: nothing unfinished was kept", file=sys.stderr)
        return 130
    except (NotThisWayError, OSError) as exc:
        print(exc, file=sys.stderr)
        return 1
    say(f"pulumi {engine.version}, {engine.origin}\n  in {engine.bin}")
    if options.print_bin:
        print(engine.bin)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

"""Starts `python -m pulumi.dynamic` in a few milliseconds: run as a script, by `processes.Nursery`.

A process that has imported what the provider imports, and forks for each request; the child then is
what the launcher of the real engine starts, its modules only come from memory. Not preloaded is
`databricks_serving.dynamic`: it reads the command line and makes what belongs to one process.

Requests are lines of JSON on stdin, `{"engine", "directory", "environment"}`; answered by the pid.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import pkgutil
import runpy
import signal
import sys
from pathlib import Path

#: An environment variable: everything that anybody logs in the process goes to its stderr.
LOGGED = "DBSERVING_TESTS_LOGGED"
LIBRARIES = ("deepdiff", "dill", "grpc", "httpx", "pulumi.dynamic")
PACKAGES = ("databricks_serving.api", "databricks_serving.plan", "databricks_serving.apply")


def preload() -> None:
    """Import what every provider process imports sooner or later."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            importlib.import_module(module.name)


def become_the_provider(order: dict) -> None:
    """In the child: the process that the engine talks to, its output in files."""
    directory = Path(order["directory"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        kept = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(kept, number)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["pulumi.dynamic", order["engine"]]
    # As `python -u` has them: Pulumi writes the port to the buffer below and does not flush it.
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, "wb", buffering=0), write_through=True)
        for number in (1, 2)
    )
    if order["environment"].get(LOGGED):
        logging.basicConfig(level=logging.DEBUG)
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


def main() -> None:
    """Fork for each line; end, and end every child, when there are no more."""
    preload()
    children: set[int] = set()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        # Buried here and nowhere else: until then nobody else gets the number of a child.
        while children and (buried := os.waitpid(-1, os.WNOHANG)[0]):
            children.discard(buried)
        child = os.fork()
        if child == 0:
            os.close(0)
            become_the_provider(order)
            os._exit(0)
        children.add(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()

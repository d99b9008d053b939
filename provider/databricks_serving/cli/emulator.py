"""`dbserving emulator`: a Databricks workspace on this machine."""

from __future__ import annotations

import errno
import re
import shlex
import signal
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from .exits import complain

DEFAULT_TOKEN = "dapi-emulator"  # noqa: S105 - the emulator's public default, no secret


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"(\d{1,6})(ms|s)", duration, re.ASCII)
    if found is None:
        raise typer.BadParameter(f"{duration!r} is no duration such as 50ms or 2s.")
    return int(found[1]) / (1000 if found[2] == "ms" else 1)


def emulator(  # noqa: PLR0913 - an option each
    *,
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen on; one that other machines reach needs --allow-remote."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8765,
    token: Annotated[
        str,
        typer.Option(
            help="The admin's personal access token, one of several: users and service principals "
            "that are added under /_emulator/ have their own. The API answers none without one."
        ),
    ] = DEFAULT_TOKEN,
    db: Annotated[
        Path | None,
        typer.Option(
            help="Keep the workspace and its id in this file. Secrets are in it in clear; a new "
            "file has mode 0600: its owner alone can read it. Plans for deployments to come, "
            "planned faults, switches and recorded calls are not kept, nor how far the clock was "
            "moved.",
            show_default="only in memory",
        ),
    ] = None,
    workspace_id: Annotated[
        str | None,
        typer.Option(
            metavar="DIGITS",
            help="The workspace's id; two emulators with one id count as one workspace. With --db, "
            "of a new file: one that is there keeps its own.",
            show_default="1234567890123456, or with --db a random one",
        ),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(
            help="Begin with what this file of JSON says: pay-per-token endpoints, and what is "
            "posted to the controls. A workspace that --db has kept is not sown again.",
            show_default="an empty workspace",
        ),
    ] = None,
    latency: Annotated[
        float | None,
        typer.Option(
            parser=_seconds,
            metavar="DURATION",
            help="Hold each answer of the API back by so long (50ms, 2s), as a network would.",
            show_default="none",
        ),
    ] = None,
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote",
            help="Permit an address that other machines can reach. Nothing here is encrypted. "
            "There, /_emulator/ needs the token, too.",
        ),
    ] = False,
) -> None:
    """Run an emulated Databricks workspace: Model Serving, AI Gateway and secrets.

    The first line on the standard output is its URL. Without --db everything is gone when it stops
    (Ctrl-C). Faults, time and "somebody changed it in the UI" are steered under /_emulator/.
    """
    # Late: `--help` of every command passes by this module.
    from databricks_serving_emulator import (  # noqa: PLC0415 - a quick --help
        Behaviour,
        Seed,
        SeedError,
        StoreError,
        Workspace,
        read_seed,
    )
    from databricks_serving_emulator.steering import is_loopback  # noqa: PLC0415 - the same

    try:
        from databricks_serving_emulator import serve  # noqa: PLC0415 - needs the extra `emulator`
    except ModuleNotFoundError as missing:
        _fail(
            f"The package {missing.name!r} is missing. "
            "Install what the emulator needs with: pip install 'databricks-serving[cli,emulator]'",
            "extra-missing",
        )
    if not allow_remote and not is_loopback(host):
        _fail(
            f"Refusing to listen on {host}: other machines could reach it, and tokens and secrets "
            "would travel in clear. Add --allow-remote if that is wanted.",
            "remote-address",
        )

    def announce(url: str) -> None:
        typer.echo(url)
        typer.echo(f"export DATABRICKS_HOST={url}")
        typer.echo(f"export DATABRICKS_TOKEN={shlex.quote(token)}")

    try:
        sown = Seed() if seed is None else read_seed(seed)
        is_new = db is None or not db.exists()
        workspace = Workspace(
            token=token,
            workspace_id=workspace_id,
            db=db,
            behaviour=Behaviour(latency=latency or 0.0),
            foundation_models=tuple(sown.foundation_models),
        )
        if is_new:
            sown.sow(workspace)
    except (SeedError, StoreError, ValueError) as error:
        _fail(str(error), "emulator-not-opened")
    try:
        stopped_by = serve(workspace, host, port, announce=announce)
    except OSError as error:
        _fail(_why_not(error, host, port), "cannot-listen")
    finally:
        workspace.close()
    raise typer.Exit(130 if stopped_by == signal.SIGINT else 0)


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use, perhaps by another emulator. Stop that one, or "
            "choose another port with --port (0 takes a free one)."
        )
    return f"Cannot listen on {host} port {port}: {error.strerror or error}."


def _fail(text: str, id_: str) -> NoReturn:
    complain(f"dbserving emulator: {text}", id_)
    raise typer.Exit(1)

"""What the command does, step by step, and what it says meanwhile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from databricks_serving.api.auth import Where
from databricks_serving.errors import NoCredentials

from . import cleaning
from .conversations import Conversation, SuiteFailedError, distinct, heard
from .findings import Findings
from .guard import Bounds
from .naming import Caller, Model, People, new_prefix
from .playing import Planned, planned
from .reaching import Around, Place, StoppedError, origin, reached, say
from .report import many, prepared
from .running import ERROR, INTERRUPTED, SAME, Run, removed
from .sides import LostError, Side

FOLDER = Path(".check-workspace")
USAGE = 64
_WHAT = "Asks a workspace what the emulator's own tests ask the emulator, and tells what differs."


def main(arguments: Sequence[str], around: Around | None = None) -> int:
    """Do what the command line says, and return the exit code."""
    said = _parser().parse_args(arguments)
    terminal = input if sys.stdin.isatty() else None
    around = Around(answer=terminal) if around is None else around
    try:
        return _listed(said, around) if said.list else _done(said, around)
    except (StoppedError, SuiteFailedError, LostError, NoCredentials) as stopped:
        say(str(stopped))
        return ERROR
    except KeyboardInterrupt:
        say("interrupted; nothing was changed in the workspace")
        return INTERRUPTED


def _done(said: argparse.Namespace, around: Around) -> int:
    if not (said.host or said.profile):
        raise StoppedError(
            "Which workspace? Say HOST=… or PROFILE=… (--host, --profile). The environment's own is"
            " not taken: this makes endpoints and scopes, which should not be in just any."
        )
    where = Where(profile=said.profile, host=said.host)
    model = [] if said.with_model is None else [said.with_model.name]
    if not said.clean_only and (why := _unwritable(said.report)):
        say(why)
        return USAGE
    place = reached(where, around, [*said.user, *said.group, *model])
    if said.clean_only:
        return _cleaned(place, said)
    bounds = Bounds(new_prefix(), place.caller, said.with_model)
    people = People(place.caller, tuple(said.user), tuple(said.group))
    findings = Findings()
    plans = _plans(said, around, bounds, people, findings)
    if not plans:
        raise StoppedError("There is nothing to ask; --list says what there is, and why not.")
    _confirm(said, place, bounds.prefix, _about(plans, said))
    run = Run(place, bounds, people, findings, said.report, said.writes)
    try:
        return run.of(plans)
    except KeyboardInterrupt:
        say("interrupted while the report was written")
        return INTERRUPTED


def _unwritable(folder: Path) -> str:
    """Why no report can be written there; empty: it can."""
    try:
        prepared(folder)
    except OSError as refused:
        return (
            f"The report cannot be written to {folder} ({refused.strerror}). Nothing was asked:"
            f" name another folder with --report."
        )
    return ""


def _listed(said: argparse.Namespace, around: Around) -> int:
    caller = Caller("you@example.com")
    people = People(caller, tuple(said.user), tuple(said.group))
    findings = Findings()
    bounds = Bounds(new_prefix(), caller, said.with_model)
    plans = _plans(said, around, bounds, people, findings)
    for plan in plans:
        print(plan.case)
        for step in plan.steps:
            print(f"  {step.method} {step.path.replace(plan.head, '')}")
    print()
    for why, count in findings.left_out.most_common():
        print(f"not asked: {count}, {why}")
    print(_about(plans, said))
    return SAME


def _plans(
    said: argparse.Namespace, around: Around, bounds: Bounds, people: People, findings: Findings
) -> list[Planned]:
    if around.conversations is None:
        say("listening to the emulator's own tests")
    conversations = list(heard() if around.conversations is None else around.conversations)
    conversations = [one for one in conversations if said.only in one.case]
    possible: list[Conversation] = []
    plans: dict[str, Planned] = {}
    for conversation, plan in planned(conversations, bounds, people, around.clock, said.with_model):
        if isinstance(plan, Planned):
            possible.append(conversation)
            plans[conversation.case] = plan
        else:
            findings.left_out[plan] += 1
    chosen = list(possible) if said.all else distinct(possible)
    if alike := len(possible) - len(chosen):
        findings.left_out["it teaches nothing that another one does not (--all)"] = alike
    return [plans[conversation.case] for conversation in chosen]


def _about(plans: list[Planned], said: argparse.Namespace) -> str:
    writes = sum(plan.endpoint_writes for plan in plans)
    requests = sum(len(plan.steps) for plan in plans)
    minutes = max(1, round(5 * writes / said.writes))
    return (
        f"{many(len(plans), 'conversation')} of {many(requests, 'request')}, {writes} of which"
        f" {'counts' if writes == 1 else 'count'} for the workspace's limit of writes: about"
        f" {minutes} min"
    )


def _confirm(said: argparse.Namespace, place: Place, prefix: str, what: str) -> None:
    """Return where the person says yes. Raises `StoppedError`."""
    print(f"workspace  {place.credentials.host}")
    print(f"as         {place.caller.name}")
    print(f"prefix     {prefix}")
    print(f"what       {what}", flush=True)
    answer = said.confirm
    if answer is None and place.around.answer is not None:
        try:
            answer = place.around.answer(f"Go on? Type the host ({place.host}): ")
        except EOFError:
            print()  # what is said next begins a line
    if answer is None or answer.strip().partition("://")[2] != place.host != answer.strip():
        raise StoppedError(
            f"Nothing was asked: it takes a yes, which is the host. Write CONFIRM={place.host}"
            f" (--confirm)."
        )


def _cleaned(place: Place, said: argparse.Namespace) -> int:
    with place.client(Bounds(new_prefix(), place.caller)) as client:
        things = cleaning.found(Side(client, place.around.clock))
    for thing in things:
        print(f"{thing.kind:10} {thing.name}")
    if not things:
        say("nothing of earlier runs is left")
        return SAME
    verb = "is" if len(things) == 1 else "are"
    what = f"{many(len(things), 'thing')} {verb} removed"
    _confirm(said, place, "dbserving-check-…", what)
    try:
        left = removed(place, things)
    except KeyboardInterrupt:
        say("interrupted while it removed them; the same command shows what is left")
        return INTERRUPTED
    for thing in left:
        say(f"left: {thing.kind} {thing.name}")
    say(f"{len(things) - len(left)} removed, {len(left)} left")
    return ERROR if left else SAME


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with 64: argparse's own 2 would say that the workspace differs."""
        self.exit(USAGE, f"check-workspace: {message}\n")


def _model(text: str) -> Model:
    name, slash, version = text.rpartition("/")
    if not slash or name.count(".") != 2 or not version.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is no catalog.schema.model/version")
    return Model(name, version)


def _origin(text: str) -> str:
    try:
        return origin(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{text} is no address of a workspace ({wrong})") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of writes")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m check_workspace", description=_WHAT)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--host", type=_origin, help="the workspace's address")
    which.add_argument("--profile", help="its profile in .databrickscfg")
    parser.add_argument("--confirm", metavar="HOST", help="yes, that workspace: no question")
    parser.add_argument("--clean-only", action="store_true", help="remove what runs have left")
    parser.add_argument("--list", action="store_true", help="print what would be asked")
    parser.add_argument("--all", action="store_true", help="also what teaches nothing more")
    parser.add_argument("--only", default="", metavar="TEXT", help="tests with that in their name")
    for who in ("user", "group"):
        parser.add_argument(
            f"--{who}", action="append", default=[], help=f"a {who} that access lists may name"
        )
    parser.add_argument(
        "--with-model",
        type=_model,
        metavar="CATALOG.SCHEMA.MODEL/VERSION",
        help="a registered model that may be served, which costs",
    )
    parser.add_argument(
        "--writes", type=_positive, default=40, metavar="N", help="of endpoints in 5 minutes (40)"
    )
    parser.add_argument(
        "--report", type=Path, default=FOLDER, metavar="FOLDER", help=f"where to ({FOLDER})"
    )
    return parser

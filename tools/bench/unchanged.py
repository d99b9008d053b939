"""A run in which nothing changes: what the plan takes, what the provider, and what the engine.

The provider is asked what the engine asked it: the log of a `pulumi preview` is replayed, one call
after the other, to a provider process that has nothing else to do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .measuring import Row, best_of, ran
from .recording import TOKEN, done, project
from .workspace import KEPT, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from google.protobuf.message import Message
    from offline import Pulumi

    #: What the provider is asked: the method, and the request.
    Call: TypeAlias = tuple[str, Message]

GROUP = "nothing changed"
_SERVICE = "/pulumirpc.ResourceProvider/"
_PLANS = 200
#: Of each series of calls, of which the least counts.
_TURNS = 8


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """Seconds of a plan, of a check and a diff, and of `pulumi preview` and `pulumi up`."""
    endpoints = 100 if quick else 1000
    # In processes of their own: who measures the memory of children stays small.
    plans = ran([sys.executable, "-m", "bench.unchanged", "plans"])
    table = [Row(**row) for row in json.loads(plans.stdout)]
    with tempfile.TemporaryDirectory() as kept, served(KEPT, endpoints) as workspace:
        log = Path(kept, "grpc.jsonl")
        pulumi = project(Path(kept), workspace.url, endpoints=endpoints)
        done(pulumi, "stack", "import", "--file", str(workspace.stack))
        preview = _seconds(pulumi, "preview")
        _seconds(replace(pulumi, more={**pulumi.more, "PULUMI_DEBUG_GRPC": str(log)}), "preview")
        up = _seconds(pulumi, "up", "--yes", "--skip-preview")
        replayed = ran([sys.executable, "-m", "bench.unchanged", "replay", str(log), workspace.url])
    took = json.loads(replayed.stdout)
    provider = endpoints * (took["Check"] + took["Diff"])
    return [
        *table,
        *(
            Row(
                GROUP,
                f"{what} of an endpoint, over gRPC",
                took[what],
                took["GetPluginInfo"],
                note=f"of the provider's CPU, {endpoints} of them; times an empty call",
            )
            for what in ("Check", "Diff")
        ),
        *(
            Row(
                GROUP,
                f"{what} of {endpoints} endpoints",
                seconds,
                provider,
                note=f"times {provider:.2f} s of the provider's CPU; the rest is the engine's",
            )
            for what, seconds in (("pulumi preview", preview), ("pulumi up", up))
        ),
    ]


def _seconds(pulumi: Pulumi, *arguments: str) -> float:
    begun = time.perf_counter()
    done(pulumi, *arguments)
    return time.perf_counter() - begun


# --- the plan alone ------------------------------------------------------------------------------


def plans() -> list[dict[str, object]]:
    """The rows of a plan of one endpoint, by how many entities it has. Seconds of CPU."""
    from databricks_serving.plan.canonical import Sealing, canonical  # noqa: PLC0415 - see `measuring.ran`
    from databricks_serving.plan.plan import make_plan  # noqa: PLC0415 - see `measuring.ran`
    from databricks_serving.plan.states import Actual  # noqa: PLC0415 - see `measuring.ran`
    from databricks_serving_schema import Allowances, Endpoint, parse_endpoint  # noqa: PLC0415 - see `measuring.ran`

    sealing = Sealing(b"k" * 32)
    found: list[dict[str, object]] = []
    for entities in (1, 10):
        program = endpoint(entities)
        parsed = parse_endpoint(program, Allowances())
        applied = canonical(parsed, sealing)

        def plan(parsed: Endpoint = parsed, applied: Any = applied) -> None:  # noqa: ANN401 - a tree
            desired = canonical(parsed, sealing)
            actual = Actual(Endpoint, canonical(parsed, sealing).tree)
            if make_plan(applied=applied, desired=desired, actual=actual).changes:
                raise SystemExit("an unchanged endpoint differs")

        def copied(program: dict[str, object] = program) -> None:
            json.loads(json.dumps(program))

        found.append(
            {
                "group": GROUP,
                "what": f"a plan of {entities} served {'entity' if entities == 1 else 'entities'}",
                "seconds": _cpu(plan),
                "against": _cpu(copied),
                "note": "of CPU; times its own JSON, written and read",
            }
        )
    if "deepdiff" in sys.modules:
        raise SystemExit("a plan without a difference imports deepdiff")
    return found


def endpoint(entities: int) -> dict[str, object]:
    """A program with so many served entities, routes to all of them, tags and a gateway."""
    shares = [100 // entities] * entities
    named = [f"model-{number}" for number in range(entities)]
    return {
        "name": "chat",
        "config": {
            "served_entities": [
                {
                    "name": name,
                    "entity_name": f"main.models.{name}",
                    "entity_version": "3",
                    "workload_size": "Small",
                    "scale_to_zero_enabled": True,
                    "environment_vars": {"LEVEL": "info", "REGION": "eu"},
                }
                for name in named
            ],
            "traffic_config": {
                "routes": [
                    {"served_entity_name": name, "traffic_percentage": share}
                    for name, share in zip(named, shares, strict=True)
                ]
            },
        },
        "tags": {"team": "gen-ai", "cost-center": "4711"},
        "ai_gateway": {
            "usage_tracking_config": {"enabled": True},
            "rate_limits": [
                {"calls": 1000, "key": "endpoint", "renewal_period": "minute"},
                {"calls": 100, "key": "user", "renewal_period": "minute"},
            ],
        },
    }


def _cpu(work: Callable[[], None]) -> float:
    """Seconds of CPU of one, the least of five series."""
    work()

    def series() -> float:
        begun = time.process_time()
        for _ in range(_PLANS):
            work()
        return (time.process_time() - begun) / _PLANS

    return best_of(5, series, key=float)


# --- the provider --------------------------------------------------------------------------------


def replay(log: Path, host: str) -> dict[str, float]:
    """Seconds of CPU that the provider takes for each logged call, by method, and for an empty one.

    What only the first call costs (imports) is not in it: it is what a process that answers all of
    them takes more than one that answers the first, each the least of eight. A diff is what both
    take more than the check alone: the sum is surer than the two.
    """
    from google.protobuf import empty_pb2  # noqa: PLC0415 - see `measuring.ran`
    from pulumi.runtime.proto import provider_pb2  # noqa: PLC0415 - see `measuring.ran`

    configured: list[Call] = [
        ("Configure", request)
        for request in _logged(log, "Configure", "", provider_pb2.ConfigureRequest)
    ]
    checks: list[Call] = [
        ("Check", request)
        for request in _logged(log, "Check", ":ServingEndpoint::", provider_pb2.CheckRequest)
    ]
    diffs: list[Call] = [
        ("Diff", request)
        for request in _logged(log, "Diff", ":ServingEndpoint::", provider_pb2.DiffRequest)
    ]
    empties: list[Call] = [("GetPluginInfo", empty_pb2.Empty())] * len(checks)
    first = [*configured, checks[0], diffs[0]]
    # As the engine asks: what a check has parsed, the diff after it takes.
    pairs = [call for pair in zip(checks, diffs, strict=True) for call in pair]
    series = [first, *([*first, *calls] for calls in (checks, pairs, empties))]
    # In turns, so that a while in which the machine is slow spoils no series whole.
    turns = [[_answered(calls, host) for calls in series] for _ in range(_TURNS)]
    once, *took = (min(of_one) for of_one in zip(*turns, strict=True))
    check, both, empty = ((seconds - once) / len(checks) for seconds in took)
    return {"Check": check, "Diff": both - check, "GetPluginInfo": empty}


def _answered(calls: list[Call], host: str) -> float:
    import grpc  # noqa: PLC0415 - see `measuring.ran`
    from pulumi.runtime.proto import provider_pb2_grpc  # noqa: PLC0415 - see `measuring.ran`

    with tempfile.TemporaryDirectory() as program, _provider(program, host) as process:
        port = int(next(iter(process.stdout or ())))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            for method, request in calls:
                getattr(stub, method)(request)
        process.kill()
        # Not `wait`: only this tells what this child used, and not all.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _logged(log: Path, method: str, urn: str, kind: type[Message]) -> Iterator[Message]:
    from google.protobuf import json_format  # noqa: PLC0415 - see `measuring.ran`

    for line in log.read_text().splitlines():
        call = json.loads(line)
        request = call.get("request")
        if call.get("method") == _SERVICE + method and urn in (request or {}).get("urn", ""):
            yield json_format.ParseDict(request, kind(), ignore_unknown_fields=True)


def _provider(program: str, host: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"],
        cwd=program,
        env={**os.environ, "DATABRICKS_HOST": host, "DATABRICKS_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    if sys.argv[1] == "plans":
        print(json.dumps(plans()))
    else:
        print(json.dumps(replay(Path(sys.argv[2]), sys.argv[3])))

"""How long it takes until something answers: a program's import, the provider, the command.

A plain Python and Pulumi's own import are measured beside them, for nobody can start in less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from .measuring import Ran, Row, ran

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "start-up"
PROVIDER = "python -m pulumi.dynamic"
COMMANDS = {
    "python": ["-c", "pass"],
    "import pulumi": ["-c", "import pulumi"],
    "from databricks_serving import *": ["-c", "from databricks_serving import *"],
    "dbserving --help": ["-m", "databricks_serving.cli.main", "--help"],
    "dbserving drift --help": ["-m", "databricks_serving.cli.main", "drift", "--help"],
    PROVIDER: ["-m", "bench.startup"],
}
#: What the provider is asked, in this order; each time is since its process was started.
ASKED = ("a port", "the first Check", "the first Diff")


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """Seconds until each has started; of the provider, until it has answered."""
    # Where Python keeps no bytecode, it is compiling that would be measured.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    runs: dict[str, list[Ran]] = {what: [] for what in COMMANDS}
    for _ in range(4 if quick else 16):
        # In turns: a busy second of the machine then falls on all of them.
        for what, command in COMMANDS.items():
            runs[what].append(ran([sys.executable, *command], env=environment))
    best = {what: min(run.seconds for run in of) for what, of in runs.items() if what != PROVIDER}
    python, pulumi = best["python"], best["import pulumi"]
    answered = [json.loads(run.stdout) for run in runs[PROVIDER]]
    return [
        Row(GROUP, "python -c pass", python),
        Row(GROUP, "import pulumi", pulumi, python, note="times Python alone"),
        Row(
            GROUP,
            "import of a program: pulumi, databricks_serving",
            best["from databricks_serving import *"],
            pulumi,
            note="times Pulumi's own import",
        ),
        *(
            Row(
                GROUP,
                f"provider process until {what}",
                min(times[what] for times in answered),
                pulumi,
                note="times Pulumi's own import",
            )
            for what in ASKED
        ),
        *(
            Row(GROUP, what, best[what], python, note="times Python alone")
            for what in ("dbserving --help", "dbserving drift --help")
        ),
    ]


def _until_answered() -> dict[str, float]:
    """Start the provider as the engine does, and ask; seconds since the start of each answer."""
    # Here, and in a process of its own: who measures the memory of children stays small.
    import grpc  # noqa: PLC0415 - see `measuring.ran`
    from google.protobuf import json_format, struct_pb2  # noqa: PLC0415 - see `measuring.ran`
    from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc  # noqa: PLC0415 - see `measuring.ran`

    from databricks_serving.state.tokens import PROVIDER_OF  # noqa: PLC0415 - see `measuring.ran`

    def bag(said: Mapping[str, object]) -> struct_pb2.Struct:
        of_kind = {**said, "__provider": PROVIDER_OF["ServingEndpoint"]}
        return json_format.ParseDict(of_kind, struct_pb2.Struct())

    urn = "urn:pulumi:dev::fleet::pulumi-python:dynamic/databricks_serving:ServingEndpoint::chat"
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as program,
        subprocess.Popen(command, cwd=program, stdout=subprocess.PIPE, text=True) as process,
    ):
        try:
            port = int(next(iter(process.stdout or ())))
            moments = [time.perf_counter()]
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()))
                checked = stub.Check(provider_pb2.CheckRequest(urn=urn, news=bag(ENDPOINT)))
                if checked.failures:
                    raise SystemExit(str(checked.failures))
                moments.append(time.perf_counter())
                differs = stub.Diff(
                    provider_pb2.DiffRequest(
                        id="chat", urn=urn, olds=bag(RECORDED), news=bag(ENDPOINT)
                    )
                )
                if differs.changes != provider_pb2.DiffResponse.DIFF_NONE:
                    raise SystemExit(f"an unchanged endpoint differs: {differs}")
                moments.append(time.perf_counter())
        finally:
            process.kill()
    return {what: moment - begun for what, moment in zip(ASKED, moments, strict=True)}


ENTITY = {
    "name": "gpt",
    "external_model": {
        "name": "gpt-4o",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key": "{{secrets/llm-keys/openai}}"},
    },
}
ENDPOINT = {"name": "chat", "config": {"served_entities": [ENTITY]}, "tags": {"team": "gen-ai"}}
RECORDED = {
    **ENDPOINT,
    "__applied": {**ENDPOINT, "config": {"served_entities": {"gpt": ENTITY}}},
    "__key": "00" * 32,
    "__format": 1,
}

if __name__ == "__main__":
    print(json.dumps(_until_answered()))

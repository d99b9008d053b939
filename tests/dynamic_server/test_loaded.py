"""What the two processes of every run load: an import is time that each preview waits for.

The lists are exact, so that a new import is a decision. Libraries that Pulumi itself brings along
are left out: they come and go with its releases.
"""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from support.dynamic_server import URN, struct
from support.loaded import libraries, ours

LIMIT = {"calls": 5, "key": "user", "renewal_period": "minute"}
ENTITY = {
    "name": "gpt",
    "external_model": {
        "name": "gpt-4",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key": "{{secrets/llm/openai}}"},
    },
}
ENDPOINT = {
    "name": "chat",
    "config": {"served_entities": [ENTITY]},
    "tags": {"team": "a"},
    "ai_gateway": {"rate_limits": [LIMIT]},
}
#: As `create` recorded it, in another process.
RECORDED = {
    **ENDPOINT,
    "__applied": {
        "name": "chat",
        "config": {"served_entities": {"gpt": ENTITY}},
        "tags": {"team": "a"},
        "ai_gateway": {"rate_limits": {"user": LIMIT}},
    },
    "__key": "00" * 32,
    "__format": 1,
}

#: A provider of somebody else: all dynamic providers of a stack live in one process.
TELLER = """
import sys
from pulumi.dynamic import CheckResult, ResourceProvider

class Teller(ResourceProvider):
    def check(self, olds, news):
        return CheckResult({"loaded": sorted(sys.modules)}, [])
"""
PICKLED = base64.b64encode(b"cteller\nTeller\n(tR.").decode()

PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
PROGRAM = [
    "databricks_serving",
    "databricks_serving.dynamic",
    "databricks_serving.dynamic.arguments",
    "databricks_serving.dynamic.inputs",
    "databricks_serving.dynamic.plaintext",
    "databricks_serving.dynamic.resources",
    "databricks_serving.dynamic.resources.access",
    "databricks_serving.dynamic.resources.base",
    "databricks_serving.dynamic.resources.endpoint",
    "databricks_serving.dynamic.resources.gateway",
    "databricks_serving.dynamic.resources.secrets",
    "databricks_serving.state",
    "databricks_serving.state.keys",
    "databricks_serving.state.tokens",
]


@pytest.fixture
def loaded(tmp_path, server):
    """Asks the plugin process which modules it has by now."""
    (tmp_path / "teller.py").write_text(TELLER)

    def asked():
        request = provider_pb2.CheckRequest(
            urn=URN.format(kind="Secret", name="teller"),
            news=struct({"__provider": PICKLED}),
        )
        return set(rpc.deserialize_properties(server.stub.Check(request).inputs)["loaded"])

    return asked


def in_program(statements, before=""):
    """The modules that the statements load, in a process of their own, after `before`."""
    probe = f"import sys\n{before}\nknown = set(sys.modules)\n{statements}\n"
    ended = subprocess.run(
        [sys.executable, "-c", probe + "print(*sorted(set(sys.modules) - known))"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return ended.stdout.split()


def test_the_package_loads_nothing_before_a_name_of_it_is_used():
    loaded = in_program("import databricks_serving")

    assert ours(loaded) == PROGRAM[:1]
    assert libraries(loaded) == set()


def test_a_program_loads_the_resources_alone_beside_pulumi():
    loaded = in_program(
        "from databricks_serving import ServingEndpoint", "import pulumi, typing_extensions"
    )

    assert ours(loaded) == PROGRAM
    assert libraries(loaded) == set()


def test_a_program_that_declares_credentials_loads_no_more():
    pulumi_at_work = """
import pulumi, typing_extensions
class Registered(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs
    def call(self, args):
        return {}
pulumi.runtime.set_mocks(Registered())
def declared(declare):
    pulumi.runtime.test(declare)()
declared(lambda: pulumi.ComponentResource("a:b:C", "first"))
"""
    entity = {
        "name": "gpt",
        "external_model": {"openai_config": {"openai_api_key_plaintext": "sk-CANARY-9"}},
    }
    program = f"""
from databricks_serving import ServingEndpoint
declared(lambda: ServingEndpoint("x", config={{"served_entities": [{entity!r}]}}))
"""

    loaded = in_program(program, pulumi_at_work)

    assert ours(loaded) == PROGRAM
    assert libraries(loaded) == set()


def test_a_preview_without_changes_loads_pydantic_and_no_other_library(server, loaded):
    before = loaded()

    checked, failures = server.check("ServingEndpoint", ENDPOINT, name="chat")
    answer = server.diff("ServingEndpoint", RECORDED, ENDPOINT, old_inputs=ENDPOINT)

    assert (checked["name"], failures, answer) == ("chat", [], ("DIFF_NONE", [], False))
    assert libraries(loaded()) - libraries(before) == PYDANTIC
    packages = {".".join(name.split(".")[:2]) for name in ours(loaded())}
    assert {name for name in packages if "_schema." not in name} == {
        "databricks_serving",
        "databricks_serving.api",
        "databricks_serving.apply",
        "databricks_serving.clock",
        "databricks_serving.dynamic",
        "databricks_serving.errors",
        "databricks_serving.plan",
        "databricks_serving.state",
        "databricks_serving_schema",
    }


def test_what_finds_the_leaves_that_differ_is_loaded_where_a_part_differs(server, loaded):
    edited = {**ENDPOINT, "tags": {"team": "b"}}
    before = loaded()

    server.diff("ServingEndpoint", RECORDED, edited, old_inputs=ENDPOINT)

    assert "deepdiff" in libraries(loaded()) - libraries(before)


def test_a_create_with_host_and_token_loads_httpx_and_never_the_sdk(server, loaded):
    before = loaded()

    server.create("SecretScope", {"name": "keys"})

    more = libraries(loaded()) - libraries(before)
    assert more & {"httpx", "databricks", "deepdiff"} == {"httpx"}

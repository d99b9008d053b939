"""A whole program: it runs, makes what was declared, and links what hangs together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.program.declared import Declared, FromConfig, Link, linked
from databricks_serving.program.module import module
from support.executed import executed
from unit.program.hostile import HOSTILE, TREES

NAMES = st.one_of(st.sampled_from([*HOSTILE, "config", "class", "Chat"]), st.text(min_size=1))


def declared(kind, called, /, group="one", **arguments):
    return Declared(kind, called, arguments, group)


def test_a_program_reads_as_people_write_it():
    source = module(
        [
            declared("SecretScope", "llm", name="llm"),
            declared(
                "Secret",
                "llm/openai",
                scope=Link("SecretScope", "llm", "name"),
                key="openai",
                value=FromConfig("llmOpenai"),
            ),
            declared("ServingEndpoint", "chat", group="two", name="chat", tags={"team": "crm"}),
        ]
    )

    assert source == (
        '"""Serving endpoints and secrets, as `dbserving import` found them."""\n'
        "\n"
        "import pulumi\n"
        "\n"
        "from databricks_serving import Secret, SecretScope, ServingEndpoint\n"
        "\n"
        "config = pulumi.Config()\n"
        "\n"
        'llm = SecretScope("llm", name="llm")\n'
        'Secret("llm/openai", scope=llm.name, key="openai", value='
        'config.require_secret("llmOpenai"))\n'
        "\n"
        'ServingEndpoint("chat", name="chat", tags={"team": "crm"})\n'
    )


def test_a_program_without_secrets_does_not_import_pulumi():
    source = module([declared("ServingEndpoint", "chat", name="chat")])

    assert "pulumi" not in source
    assert executed(source) == [("ServingEndpoint", "chat", {"name": "chat"})]


def test_things_of_one_name_have_variables_of_their_own():
    source = module(
        [
            declared("SecretScope", "a-b", name="a-b"),
            declared("SecretScope", "a.b", name="a.b"),
            declared("SecretAcl", "x", scope=Link("SecretScope", "a-b", "name")),
            declared("SecretAcl", "y", scope=Link("SecretScope", "a.b", "name")),
        ]
    )

    assert [
        arguments["scope"] for kind, _, arguments in executed(source) if kind == "SecretAcl"
    ] == [
        "a-b",
        "a.b",
    ]


@given(st.lists(st.tuples(NAMES, TREES), unique_by=lambda each: each[0], max_size=4))
def test_whatever_things_are_called_the_program_makes_them_all(things):
    resources = []
    for name, tree in things:
        resources.append(declared("SecretScope", name, name=name))
        link = Link("SecretScope", name, "name")
        resources.append(declared("ServingEndpoint", name, name=link, config=tree))

    made = executed(module(resources))

    assert [(kind, name, repr(arguments)) for kind, name, arguments in made] == [
        one
        for name, tree in things
        for one in (
            ("SecretScope", name, repr({"name": name})),
            ("ServingEndpoint", name, repr({"name": name, "config": tree})),
        )
    ]


def test_a_reference_becomes_a_link_and_what_only_looks_like_one_does_not():
    link = Link("Secret", "llm/openai", "reference")
    said = {"a": ["{{secrets/llm/openai}}", "{{ secrets/llm/openai }}"], "b": "x", "c": None}

    found = linked(said, {"{{secrets/llm/openai}}": link})

    assert found == {"a": [link, "{{ secrets/llm/openai }}"], "b": "x", "c": None}

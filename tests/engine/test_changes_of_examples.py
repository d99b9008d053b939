"""What the READMEs of examples say of a second run: one project of five of them, changed at once.

A block in the language `diff` is what `pulumi preview --diff` prints then; `…` stands for anything.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from support.examples import EXAMPLES

NAMES = (
    "custom-model",
    "traffic-split",
    "secrets-and-access",
    "permissions",
    "chat-endpoint-component",
)
SECRETS = ("crmToken", "anthropicKey", "supportKey", "searchKey")
#: Shown by the README of the component, which says what it does.
ALIAS = """\
    "find-chat",
    pulumi.ResourceOptions(aliases=[pulumi.Alias(name="search-chat")]),
"""
BILLED = re.compile(r"^```python\n(def billed.*?)^```", re.MULTILINE | re.DOTALL)
DIFF = re.compile(r"^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL)
PERMISSIONS = "/api/2.0/permissions/serving-endpoints"
EVE = {"user_name": "eve@example.com", "permission_level": "CAN_QUERY"}


def module(name):
    return name.replace("-", "_")


def readme(name):
    return (EXAMPLES / name / "README.md").read_text()


def shown(text, printed):
    """Whether the lines of a block are among the printed ones, in this order."""
    lines = iter([line.strip() for line in printed.splitlines()])
    wanted = [".*".join(map(re.escape, line.strip().split("…"))) for line in text.splitlines()]
    return all(any(re.fullmatch(one, line) for line in lines) for one in wanted)


@pytest.fixture
def changed(project):
    """The project after a first `up`, with everything changed that the READMEs change."""
    directory = project.directory
    for name in NAMES:
        program = (EXAMPLES / name / "__main__.py").read_text()
        (directory / f"{module(name)}.py").write_text(program)
    component = (EXAMPLES / "chat-endpoint-component" / "chat_endpoint.py").read_text()
    (directory / "chat_endpoint.py").write_text(component)
    project.write("".join(f"import {module(name)}\n" for name in NAMES))
    environ(project, OPENAI_API_KEY="sk-1")
    configured(project, dict.fromkeys(SECRETS, "sk-1"))
    project.workspace.deployments.plan(polls=0)
    project.up()
    project.sent()

    configured(project, dict.fromkeys(("crmToken", "anthropicKey"), "sk-2"))
    project.run("config", "set", "challengerShare", "50")
    environ(project, OPENAI_API_KEY="sk-2")
    edited(project, "secrets-and-access", 'version="2026-11"', 'version="2026-12"')
    edited(project, "chat-endpoint-component", '    "search-chat",\n', ALIAS)
    billed = BILLED.search(readme("chat-endpoint-component"))[1]
    support = '    "support-chat",\n'
    option = "    pulumi.ResourceOptions(transformations=[billed]),\n"
    edited(project, "chat-endpoint-component", support, support + option)
    edited(project, "chat-endpoint-component", "support = ", f"{billed}\n\nsupport = ")
    for endpoint in ("forecast", "scoring"):
        shows = project.workspace.ui("GET", f"/api/2.0/serving-endpoints/{endpoint}").json()
        body = {"access_control_list": [EVE]}
        project.workspace.ui("PATCH", f"{PERMISSIONS}/{shows['id']}", body)
    return project


def environ(project, **variables):
    project.pulumi = replace(project.pulumi, more={**project.pulumi.more, **variables})


def configured(project, secrets):
    pairs = [part for name, value in secrets.items() for part in ("--secret", f"{name}={value}")]
    project.run("config", "set-all", *pairs)


def edited(project, name, said, instead):
    """Change the program of an example as its README says."""
    file = project.directory / f"{module(name)}.py"
    before = file.read_text()
    assert before.count(said) == 1
    file.write_text(before.replace(said, instead))


def test_the_previews_and_calls_of_a_change_are_as_the_readmes_say(changed):
    printed = changed.preview()
    changed.up()

    blocks = [block for name in NAMES for block in DIFF.findall(readme(name))]
    assert len(blocks) == 6
    assert [block for block in blocks if not shown(block, printed)] == []
    assert "the value of OPENAI_API_KEY changed since it was put" in printed
    assert "eve@example.com has CAN_QUERY, undeclared: it is removed" in printed
    assert ALIAS in readme("chat-endpoint-component")
    assert "(create)" not in printed
    assert "(delete)" not in printed
    assert sorted(re.sub(r"[0-9a-f]{32}", "ID", f"{m} {path}") for m, path in changed.sent()) == [
        "PATCH /api/2.0/serving-endpoints/support-chat/tags",
        "POST /api/2.0/secrets/put",
        "POST /api/2.0/secrets/put",
        "POST /api/2.0/secrets/put",
        "PUT /api/2.0/permissions/serving-endpoints/ID",
        "PUT /api/2.0/serving-endpoints/churn/config",
        "PUT /api/2.0/serving-endpoints/fraud/config",
    ]

"""Stacks that releases of ours have written: refreshed, changed and destroyed by this version.

`tools/record_stack.py` writes down the next one.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databricks_serving_emulator import RunningServer
from support import golden_stack
from support.mini_engine.stand import Door

GOLDEN = sorted((Path(__file__).parent / "golden").iterdir())
ENDPOINTS = "/api/2.0/serving-endpoints"
CLAUDE = f"{ENDPOINTS}/databricks-claude"
EDITS = {
    "force_destroy=False": "force_destroy=True",
    'version="1"': 'version="2"',
    '"READ"': '"WRITE"',
    '"gpt-4"': '"gpt-4o"',
    '"gen-ai"': '"crm"',
    '{"enabled": True}': '{"enabled": False}',
    '"CAN_QUERY"': '"CAN_MANAGE"',
    '"calls": 100': '"calls": 0',
}


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_stack_of_a_release_is_read_changed_and_destroyed(folder, opened, tmp_path):
    workspace = golden_stack.new_workspace()
    program = (folder / "program.txt").read_text()
    with RunningServer(workspace) as server:
        golden_stack.replay(workspace, json.loads((folder / "calls.json").read_text()), server.url)
        found = golden_stack.made_up(workspace, server.url)
        project = opened(Door(workspace), server.url, golden_stack.PASSPHRASE)
        (project.directory / "Pulumi.dev.yaml").write_text((folder / "Pulumi.dev.yaml").read_text())
        (project.directory / "__main__.py").write_text(program)
        project.run("stack", "init", "dev")
        stack = tmp_path / "stack.json"
        stack.write_text(golden_stack.fitted((folder / "stack.json").read_text(), found))
        project.run("stack", "import", "--file", str(stack))

        project.drift(expect=0)
        project.preview("--expect-no-changes")
        unchanged = project.sent()
        for first, then in EDITS.items():
            assert first in program
            program = program.replace(first, then)
        (project.directory / "__main__.py").write_text(program)
        project.up()
        changed = project.sent()
        project.destroy()

    assert unchanged == []
    assert sorted(changed) == sorted(
        [
            ("PUT", f"{CLAUDE}/ai-gateway"),
            ("PUT", f"{CLAUDE}/ai-gateway"),
            ("POST", "/api/2.0/secrets/acls/put"),
            ("POST", "/api/2.0/secrets/put"),
            ("PATCH", f"{ENDPOINTS}/chat/tags"),
            ("PUT", f"{ENDPOINTS}/chat/config"),
            ("PUT", f"{ENDPOINTS}/plain/config"),
            ("PATCH", f"/api/2.0/permissions/serving-endpoints/{found['@id of chat@']}"),
            ("PUT", f"{ENDPOINTS}/chat/ai-gateway"),
        ]
    )
    assert project.state() == []
    listed = workspace.ui("GET", ENDPOINTS).json()["endpoints"]
    assert [endpoint["name"] for endpoint in listed] == ["databricks-claude"]
    assert workspace.ui("GET", CLAUDE).json()["ai_gateway"] == golden_stack.BEFORE

"""What a workspace has from the start: the file of `dbserving emulator --seed`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from databricks_serving_emulator import SeedError, Workspace, read_seed

pytestmark = pytest.mark.one_door("the file is read before any door is there")

GUIDE = Path(__file__).parents[3] / "docs" / "emulator.md"
SCOPE = {"method": "POST", "path": "/api/2.0/secrets/scopes/create", "body": {"scope": "theirs"}}


def seed_of(tmp_path, content):
    path = tmp_path / "workspace.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_the_seed_of_the_guide_is_sown(tmp_path):
    guide = GUIDE.read_text("utf-8").partition("## Begin with a seed")[2]
    seed = read_seed(seed_of(tmp_path, re.search(r"```json\n(.*?)```", guide, re.DOTALL)[1]))
    workspace = Workspace(foundation_models=tuple(seed.foundation_models))

    seed.sow(workspace)

    endpoints = workspace.ui("GET", "/api/2.0/serving-endpoints").json()["endpoints"]
    scopes = workspace.ui("GET", "/api/2.0/secrets/scopes/list").json()["scopes"]
    assert [one["name"] for one in endpoints] == ["databricks-meta-llama-3-3-70b-instruct"]
    assert [one["name"] for one in scopes] == ["theirs"]
    assert workspace.calls == ()


def test_the_first_step_that_is_refused_is_named(tmp_path):
    steps = [{"control": "/_emulator/ui", "body": SCOPE}] * 2
    seed = read_seed(seed_of(tmp_path, {"steps": steps}))

    with pytest.raises(SeedError, match=r"^Step 2 of the seed failed: .*already exists"):
        seed.sow(Workspace())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("no JSON", "is no seed: the body must be a JSON object"),
        ('{"steps": [{"control": "/api/2.0/secrets/put", "body": {}}]}', '"steps" must be a list'),
        ('{"models": []}', 'there is no field "models"'),
    ],
)
def test_what_is_no_seed_is_refused_with_what_to_write(tmp_path, content, why):
    with pytest.raises(SeedError, match=re.escape(why)):
        read_seed(seed_of(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SeedError, match=r"Cannot read .*nowhere\.json: No such file"):
        read_seed(tmp_path / "nowhere.json")

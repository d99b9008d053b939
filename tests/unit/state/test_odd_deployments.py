"""States and previews of the wrong shape, components, and where a program makes a resource."""

from __future__ import annotations

import json

import pytest

from databricks_serving.state.deployment import (
    Complaint,
    NoState,
    Source,
    deployment_of,
    preview_of,
)

ENDPOINT = "pulumi-python:dynamic/databricks_serving:ServingEndpoint"
URN = f"urn:pulumi:dev::shop::{ENDPOINT}::chat"


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


@pytest.mark.parametrize(
    ("exported", "why"),
    [
        ({"deployment": "x"}, "its `deployment` is no object"),
        ({"deployment": {"resources": 5}}, "its `resources` is no list"),
        ({"deployment": {"pending_operations": 5}}, "its `pending_operations` is no list"),
        (
            {"deployment": {"resources": [{"type": ENDPOINT, "inputs": {"tags": nested(200)}}]}},
            "nested over 100 deep",
        ),
    ],
)
def test_a_state_of_the_wrong_shape_is_none(exported, why):
    with pytest.raises(NoState, match=why):
        deployment_of(exported)


@pytest.mark.parametrize("name", ["steps", "diagnostics"])
def test_so_is_a_preview(name):
    with pytest.raises(NoState, match=f"its `{name}` is no list"):
        preview_of({"steps": [], name: 5})


def test_what_has_no_type_is_not_ours_and_a_complaint_may_be_of_nobody():
    preview = preview_of(
        {
            "steps": [{"op": "update", "urn": "x", "newState": {"type": ["a"]}}],
            "diagnostics": [
                {"severity": "error", "message": "one", "urn": "a"},
                {"severity": "error", "message": "two", "urn": URN},
            ],
        }
    )

    assert preview.steps == ()
    assert preview.errors == (Complaint("one"), Complaint("two", URN))


def test_a_component_is_no_resource_of_another_provider():
    entries = [
        {"type": "my:Group", "urn": "a", "custom": False},
        {"type": "aws:s3:Bucket", "urn": "b", "custom": True},
        {"type": "pulumi:providers:aws", "urn": "c", "custom": True},
    ]

    assert deployment_of({"deployment": {"resources": entries}}).others == 1
    assert preview_of({"steps": [{"newState": entry} for entry in entries]}).others == 1


def test_the_name_of_a_programs_file_is_told_as_it_is():
    entry = {
        "type": ENDPOINT,
        "urn": URN,
        "sourcePosition": "project:///mein%20Projekt/__main__.py#7,3",
    }

    (recorded,) = deployment_of({"deployment": {"resources": [entry]}}).resources

    assert recorded.source == Source("mein Projekt/__main__.py", 7)

"""A part of a stack on the real engine, which alone knows targets (scenario FR-09)."""

from __future__ import annotations

from support.programs import QUICKSTART

SECRET = "pulumi-python:dynamic/databricks_serving:Secret"


def test_fr_09_what_is_not_a_target_is_left_as_it_is_and_comes_with_the_next_whole_run(project):
    project.write(QUICKSTART)
    project.up()
    project.sent()
    project.run("config", "set", "--secret", "key", "sk-rotated")
    project.write(QUICKSTART.replace('"team": "gen-ai"', '"team": "platform"'))

    project.up("--target", f"urn:pulumi:dev::shop::{SECRET}::openai")

    assert project.sent() == [("POST", "/api/2.0/secrets/put")]
    project.up()
    assert project.sent() == [("PATCH", "/api/2.0/serving-endpoints/chat/tags")]
    project.preview("--expect-no-changes")

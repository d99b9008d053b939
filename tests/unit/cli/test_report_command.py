"""`dbserving report`: saved reports, said in other formats or merged."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def saved(shop):
    """Reports of two parts of the stack: `endpoints.json` with drift, `secrets.json` without."""
    shop.block_claude()
    both = {"DBSERVING_RUN_ID": "run-1"}
    shop.drift("--exclude", "Secret*/*", "-f", "json=endpoints.json", **both)
    shop.drift("--select", "Secret*/*", "-f", "json=secrets.json", **both)
    return shop


def test_a_saved_report_is_said_in_another_format(saved):
    as_text = saved.run("report", "render", "endpoints.json")
    as_json = saved.run("report", "render", "endpoints.json", "-f", "json")

    assert as_text.returncode == 0
    assert "databricks-claude  RateLimits" in as_text.stdout
    assert as_json.stdout == (saved.directory / "endpoints.json").read_text()


def test_a_report_may_be_piped(saved):
    (saved.directory / "state.json").unlink()
    piped = (saved.directory / "endpoints.json").read_text()

    ended = saved.run("report", "render", "-", "-f", "junit", piped=piped)

    assert ended.returncode == 0
    assert ended.stdout.startswith("<?xml")


def test_two_parts_of_a_run_become_one_report_with_the_graver_code(saved):
    ended = saved.run(
        "report", "merge", "secrets.json", "endpoints.json", "--expect-shards", "2", "-f", "json"
    )

    told = json.loads(ended.stdout)
    assert (ended.returncode, told["summary"]["exit_code"]) == (2, 2)
    assert (len(told["in_sync"]), len(told["findings"])) == (8, 1)


def test_a_part_is_not_replaced_by_the_whole(saved):
    before = (saved.directory / "endpoints.json").read_text()

    ended = saved.run(
        "report", "merge", "endpoints.json", "secrets.json", "-f", "json=endpoints.json"
    )

    assert (ended.returncode, "would overwrite what FILE names" in ended.stderr) == (64, True)
    assert (saved.directory / "endpoints.json").read_text() == before


def test_a_part_that_is_missing_is_an_error(saved):
    ended = saved.run("report", "merge", "secrets.json", "--expect-shards", "2")

    assert ended.returncode == 1
    assert "1" in ended.stdout


def test_reports_of_different_runs_are_merged_only_if_asked_for(saved):
    saved.drift("-f", "json=other.json", DBSERVING_RUN_ID="run-2")

    refused = saved.run("report", "merge", "secrets.json", "other.json")
    taken = saved.run("report", "merge", "secrets.json", "other.json", "--allow-mixed")

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (64, "", 1)
    assert taken.returncode == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "is no report of `dbserving … -f json`"),
        ('{"run": {}}', "tool: Field required"),
        ("[]", "is no report"),
    ],
)
def test_what_is_no_report_is_a_mistake(shop, text, says):
    (shop.directory / "report.json").write_text(text)

    ended = shop.run("report", "render", "report.json")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (64, 1)
    assert says in ended.stderr


def test_a_report_of_a_newer_format_is_a_mistake(saved):
    path = saved.directory / "endpoints.json"
    path.write_text(path.read_text().replace('"format_version": "1.', '"format_version": "2.'))

    ended = saved.run("report", "render", "endpoints.json")

    assert ended.returncode == 64
    assert "use the release that wrote it (dbserving " in ended.stderr


def test_a_report_of_a_newer_format_is_named_so_whatever_else_is_new_in_it(saved):
    path = saved.directory / "endpoints.json"
    newer = json.loads(path.read_text())
    newer["format_version"] = "2.0.0"
    newer["findings"][0]["classification"] = "haunted"
    path.write_text(json.dumps(newer))

    ended = saved.run("report", "render", "endpoints.json")

    assert ended.returncode == 64
    assert "has format 2.0.0" in ended.stderr


def test_a_file_that_is_not_there_is_a_mistake(shop):
    ended = shop.run("report", "render", "nowhere.json")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (64, 1)
    assert "nowhere.json cannot be read" in ended.stderr

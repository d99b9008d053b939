"""Where `dbserving notify` posts to: options, else the environment of GitHub Actions."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.notify import Order, run
from support.fake_github import TOKEN
from support.posts import drifted, posting


@pytest.fixture
def hub(tmp_path):
    with posting(tmp_path) as one:
        yield one


def event(hub, payload):
    path = hub.directory / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
    hub.environment["GITHUB_EVENT_PATH"] = str(path)


def workflow_run(sha):
    return {
        "workflow_run": {
            "head_sha": sha,
            "head_branch": "fix",
            "head_repository": {"owner": {"login": "contributor"}},
            "pull_requests": [],
        }
    }


@pytest.mark.parametrize(
    ("payload", "number"),
    [
        ({"pull_request": {"number": 12}, "number": 12}, 12),
        ({"issue": {"number": 13, "pull_request": {"url": "x"}}}, 13),
        ({"issue": {"number": 13}}, 7),
        ({}, 7),
    ],
)
def test_the_event_says_which_pull_request_else_the_ref_does(hub, payload, number):
    event(hub, payload)

    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.github.of(number)) == 1


def test_an_option_wins_over_the_event(hub):
    event(hub, {"pull_request": {"number": 12}})

    hub.comment(drifted(), number=99)

    assert len(hub.github.of(99)) == 1


def test_after_a_workflow_run_the_pull_request_is_that_of_the_branch_and_commit(hub):
    hub.github.add_pull(40, "contributor:other", "c0ffee")
    hub.github.add_pull(41, "contributor:fix", "0ddba11")
    hub.github.add_pull(42, "contributor:fix", "c0ffee")
    event(hub, workflow_run("c0ffee"))

    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.github.of(42)) == 1


def test_a_workflow_run_whose_pull_request_has_moved_on_posts_nothing(hub, capsys):
    hub.github.add_pull(42, "contributor:fix", "0ddba11")
    event(hub, workflow_run("c0ffee"))

    code = hub.comment(drifted())

    assert code == 0
    assert hub.github.comments == []
    assert "has got another commit since" in capsys.readouterr().err


@pytest.mark.parametrize("payload", ["no json", "[]", '{"pull_request": {}}'])
def test_an_event_that_is_none_is_a_mistake_with_its_remedy(hub, payload):
    event(hub, payload)

    with pytest.raises(UsageMistake, match="no event of GitHub: say --pr NUMBER"):
        hub.comment(drifted())


def test_a_job_that_is_about_no_pull_request_is_told_what_to_say(hub):
    hub.environment["GITHUB_REF"] = "refs/heads/main"

    with pytest.raises(UsageMistake, match="about no pull request: say --pr NUMBER"):
        hub.comment(drifted())


@pytest.mark.parametrize("said", ["", "infra", "a/b/c", "shop/infra/../other", "shop/in fra"])
def test_a_repository_that_is_none_is_refused(hub, said):
    hub.environment["GITHUB_REPOSITORY"] = said

    with pytest.raises(UsageMistake, match="say --repo OWNER/NAME"):
        hub.comment(drifted())


def test_without_a_token_nothing_is_asked(hub):
    del hub.environment["GITHUB_TOKEN"]

    with pytest.raises(UsageMistake, match="set GITHUB_TOKEN or GH_TOKEN"):
        hub.comment(drifted())


def test_the_token_may_stand_in_another_variable(hub):
    hub.environment["BOT_TOKEN"] = hub.environment.pop("GITHUB_TOKEN")

    code = hub.comment(drifted(), token_from="BOT_TOKEN")

    assert code == 0
    assert len(hub.bodies) == 1


def test_a_server_of_enterprise_has_its_graphql_beside_its_rest(tmp_path):
    with posting(tmp_path, prefix="/api/v3", graphql_path="/api/graphql") as hub:
        hub.environment["GITHUB_API_URL"] += "/api/v3"

        code = hub.comment(drifted())

        assert code == 0
        assert len(hub.bodies) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no json", "is no report"),
        ("{}", "is no report"),
        ('{"format_version": "1.0.0"}', "is no report"),
    ],
)
def test_a_file_that_is_no_report_is_a_mistake(hub, text, reason):
    file = hub.directory / "other.json"
    file.write_text(text)

    with pytest.raises(UsageMistake, match=reason):
        run(Order(files=(file,), to="github-pr"), hub.environment, hub.clock)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"mode": "replace"}, "it is one of update, recreate, new"),
        ({"key": ""}, "A key has 1 to 200 characters"),
        ({"key": "x" * 201}, "A key has 1 to 200 characters"),
    ],
)
def test_an_option_with_another_value_is_a_mistake(hub, said, reason):
    with pytest.raises(UsageMistake, match=reason):
        hub.comment(drifted(), **said)


def test_an_unknown_target_is_a_mistake(hub):
    order = Order(files=hub.saved(drifted()), to="gitlab")

    with pytest.raises(UsageMistake, match="it is github-pr or github-issue"):
        run(order, hub.environment, hub.clock)


def test_the_command_itself_posts_and_says_so_on_the_standard_error(hub):
    (file,) = hub.saved(drifted())
    environment = {**os.environ, **hub.environment}

    done = subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", "notify", file, "--to", "github-pr"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Posted https://github.com/shop/infra/pull/7#issuecomment-1." in done.stderr
    assert TOKEN not in done.stderr.replace(f"::add-mask::{TOKEN}", "")
    assert len(hub.bodies) == 1


def test_a_mistake_ends_the_command_with_64(hub):
    (file,) = hub.saved(drifted())

    done = subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", "notify", file, "--to", "gitlab"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 64
    assert "Error: --to gitlab: it is github-pr or github-issue." in done.stderr

"""What a run is asked to do: the command line, then the environment, then the file."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from databricks_serving.cli.configuration import (
    CommonSettings,
    DriftSettings,
    PlanSettings,
    found_file,
    json_schema,
    settings_of,
)
from databricks_serving.cli.exits import UsageMistake
from databricks_serving_schema import Severity


@pytest.fixture(autouse=True)
def repository(tmp_path, monkeypatch):
    """A repository with the project `infra` in it, where the run is."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    return tmp_path


def said_in(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def mistake(kind=DriftSettings, **given):
    with pytest.raises(UsageMistake) as caught:
        settings_of(kind, given)
    return str(caught.value)


def test_without_a_word_there_are_defaults():
    settings = settings_of(DriftSettings, {"stack": None, "select": []})

    assert (settings.parallel, settings.confirm_delay, settings.timeout) == (64, 20.0, None)
    assert (settings.fail_on, settings.drift_exit_code, settings.strict) == (None, 2, False)
    assert settings.include_unmanaged


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(repository, monkeypatch):
    said_in(repository / "dbserving.toml", "parallel = 1\nstack = 'file'\ntimeout = '1m'\n")
    monkeypatch.setenv("DBSERVING_PARALLEL", "2")
    monkeypatch.setenv("DBSERVING_STACK", "environment")

    settings = settings_of(DriftSettings, {"parallel": 3})

    assert (settings.parallel, settings.stack, settings.timeout) == (3, "environment", 60.0)


def test_what_is_said_to_one_command_wins_over_what_is_said_to_all(repository, monkeypatch):
    said_in(
        repository / "dbserving.toml",
        "parallel = 1\nconfirm_delay = '5s'\n[drift]\nparallel = 2\nfail_on = ['unmanaged']\n"
        "[plan]\nfail_on = ['overwrites']\n",
    )
    monkeypatch.setenv("DBSERVING_CONFIRM_DELAY", "6s")
    monkeypatch.setenv("DBSERVING_PLAN_CONFIRM_DELAY", "7s")

    drift, plan = settings_of(DriftSettings, {}), settings_of(PlanSettings, {})

    assert (drift.parallel, plan.parallel) == (2, 1)
    assert (drift.fail_on, plan.fail_on) == (("unmanaged",), ("overwrites",))
    assert (drift.confirm_delay, plan.confirm_delay) == (6.0, 7.0)


def test_false_on_the_command_line_wins_over_true_in_the_file(repository):
    said_in(repository / "dbserving.toml", "strict = true\n")

    assert settings_of(DriftSettings, {}).strict is True
    assert settings_of(DriftSettings, {"strict": False}).strict is False


def test_lists_stand_between_commas_in_the_environment(monkeypatch):
    monkeypatch.setenv("DBSERVING_FORMAT", "text,json=out/report.json")
    monkeypatch.setenv("DBSERVING_FAIL_ON", "drifted, unmanaged")

    settings = settings_of(DriftSettings, {})

    assert settings.format == ("text", "json=out/report.json")
    assert settings.fail_on == ("drifted", "unmanaged")


def test_an_empty_variable_says_nothing(monkeypatch):
    monkeypatch.setenv("DBSERVING_PARALLEL", "")

    assert settings_of(DriftSettings, {}).parallel == 64


def test_the_nearest_file_counts_up_to_the_root_of_the_repository(repository):
    outer = said_in(repository / "dbserving.toml", "stack = 'outer'\n")
    assert found_file().path == outer

    said_in(repository / "infra/pyproject.toml", "[project]\nname = 'x'\n")
    assert found_file().path == outer

    inner = said_in(repository / "infra/pyproject.toml", "[tool.dbserving]\nstack = 'inner'\n")
    assert found_file().path == inner
    assert settings_of(CommonSettings, {}).stack == "inner"


def test_what_stands_above_the_repository_is_somebody_elses(repository):
    (repository / "infra/.git").mkdir()
    said_in(repository / "dbserving.toml", "stack = 'outer'\n")

    assert found_file() is None


def test_outside_of_a_repository_only_the_directory_itself_counts(repository):
    (repository / ".git").rmdir()
    said_in(repository / "dbserving.toml", "stack = 'outer'\n")

    assert found_file() is None


def test_paths_in_the_file_begin_where_it_stands(repository):
    said_in(repository / "dbserving.toml", "ignore-file = 'ci/ignore.toml'\noutput_dir = 'out'\n")

    settings = settings_of(DriftSettings, {})

    assert settings.ignore_file == repository / "ci/ignore.toml"
    assert settings.output_dir == repository / "out"
    assert settings_of(DriftSettings, {"output_dir": Path("own")}).output_dir == Path("own")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stak = 'dev'", "stak is not known; did you mean stack?"),
        ("[drift]\nparalel = 2", "drift.paralel is not known; did you mean parallel?"),
        ("[drift]\nmax_deletes = 2", "drift.max_deletes is not known; it takes stack,"),
        ("drift = 2", "drift is the table of one command: [drift]."),
        ("stack = ", "is no TOML"),
        ("parallel = 'many'", "parallel: Input should be a valid integer"),
        ("[drift]\nparallel = 0", "drift.parallel: Input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(repository, text, says):
    path = said_in(repository / "dbserving.toml", text)

    told = mistake()

    assert told.startswith(str(path))
    assert says in told


def test_a_table_that_is_none_is_a_mistake(repository):
    said_in(repository / "pyproject.toml", "[tool]\ndbserving = 1\n")

    assert "[tool.dbserving] is a table" in mistake()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"timeout": "10x"}, "--timeout: '10x' takes a duration such as 2h, 45m or 1h30m."),
        ({"timeout": "0s"}, "--timeout: Input should be greater than 0."),
        ({"fail_on": ["driftd"]}, "did you mean drifted?"),
        ({"min_severity": "hgh"}, "did you mean high?"),
        ({"color": "allways"}, "did you mean always?"),
        ({"drift_exit_code": 256}, "--drift-exit-code: Input should be less than or equal to 255."),
    ],
)
def test_a_mistake_on_the_command_line_names_the_option(given, says):
    assert says in mistake(**given)


def test_a_mistake_in_the_environment_names_the_variable(monkeypatch):
    monkeypatch.setenv("DBSERVING_DRIFT_PARALLEL", "many")

    assert mistake().startswith("DBSERVING_DRIFT_PARALLEL: ")


def test_a_misspelled_variable_is_a_mistake_and_a_strange_one_is_none(monkeypatch):
    monkeypatch.setenv("DBSERVING_SHARDS", "4")
    assert settings_of(DriftSettings, {}).parallel == 64

    monkeypatch.setenv("DBSERVING_STAK", "dev")
    assert mistake() == "DBSERVING_STAK is not known; did you mean DBSERVING_STACK?"


@pytest.mark.parametrize(("said", "seconds"), [("90s", 90.0), ("1h30m", 5400.0), ("0", 0.0)])
def test_durations_have_units_or_are_seconds(said, seconds):
    assert settings_of(DriftSettings, {"confirm_delay": said}).confirm_delay == seconds


def test_severities_are_words_in_any_case():
    assert settings_of(DriftSettings, {"min_severity": "HIGH"}).min_severity is Severity.HIGH


@pytest.mark.parametrize(
    ("said", "valid"),
    [
        ({"stack": "dev", "format": ["text"], "drift": {"fail_on": ["unmanaged"]}}, True),
        ({"drift": {"max_deletes": "1"}}, False),
        ({"stak": "dev"}, False),
    ],
)
def test_the_schema_of_the_file_knows_what_the_file_may_say(said, valid):
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    assert jsonschema.Draft202012Validator(schema).is_valid(said) is valid


def test_the_file_counts_for_a_run(shop):
    (shop.directory / "dbserving.toml").write_text(
        "format = ['json']\n[drift]\nselect = ['databricks-*']\nstate = 'state.json'\n"
    )

    ended = shop.run("drift")

    assert len(json.loads(ended.stdout)["in_sync"]) == 2

"""Whatever a user can be told has an id, the catalogue has the id, and its sample is real."""

from __future__ import annotations

import ast
import errno
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import generate_errors
import pytest
import typer

from databricks_serving.api.github_answers import _IDS as GITHUB_IDS
from databricks_serving.api.github_answers import refusal
from databricks_serving.catalogue import CATALOGUE, GROUPS
from databricks_serving.cli.app import _with_its_id, app
from databricks_serving.cli.configuration import CommonSettings, settings_of
from databricks_serving.cli.emulator import _why_not
from databricks_serving.cli.exits import UsageMistake, described, id_of
from databricks_serving.cli.jobs.cancel import _seconds
from databricks_serving.cli.jobs.doctor import CHECKS
from databricks_serving.errors import IDS, Answered, error_for
from databricks_serving.report.gate import Gate, Threshold
from databricks_serving.report.ignoring import IgnoreFile
from databricks_serving.report.mistakes import ReportMistake
from databricks_serving_emulator import Workspace
from databricks_serving_schema import ADVICE, RULES
from support.refused import BROKEN

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for package in ("provider/databricks_serving", "schema/databricks_serving_schema")
    for path in (ROOT / package).rglob("*.py")
    if "catalogue" not in path.parts
)
#: What tells a person something, and at which position it has the id.
TELLERS = {"Problem": 1, "complain": 1, "_fail": 1, "identified": 1, "_with_id": 1, "mistake": None}
ERRORS = {"ServingError", "UsageMistake", "ReportMistake", "ErrorEntry"}
#: Whose id is that of the kind, or of the answer: their words are made of what was answered.
BY_KIND = {"ApiError", "GitHubError", "LeftUnfinished"}
DOCTOR = "doctor"


@dataclass(frozen=True)
class Said:
    """A place that tells something: its id (None: none is said), and what it tells as a pattern."""

    place: str
    id: str | None
    passed_on: bool
    pattern: str


def test_every_place_that_tells_of_an_error_says_an_id_of_the_catalogue():
    unsaid = [said.place for said in PLACES if said.id is None and not said.passed_on]
    unknown = {said.id for said in PLACES if said.id} - set(CATALOGUE)

    assert len(PLACES) > 150
    assert unsaid == [], "give each an id=…"
    assert unknown == set(), "give each an Entry in provider/databricks_serving/catalogue"


def test_every_entry_is_of_something_that_is_told():
    told = {said.id for said in PLACES if said.id}
    told |= {*IDS.values(), *GITHUB_IDS.values(), *(check.error_id for check in CHECKS)}
    told |= {rule.id for rule in (*RULES, *ADVICE)}
    told |= {id_of(error) for error in (KeyError("x"), OSError(2, "gone"))}
    told |= {"type", "secret-reference", "two-names", "github-odd-answer", "bad-command-line"}

    assert set(CATALOGUE) - told == set()


def test_no_two_entries_have_one_id_and_ids_are_in_kebab_case():
    ids = [entry.id for entries in GROUPS.values() for entry in entries]

    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one)] == []


def test_an_entry_says_what_happened_and_what_to_do_in_sentences():
    texts = [(one.id, text) for one in CATALOGUE.values() for text in (one.happened, one.remedy)]

    assert [id_ for id_, text in texts if not re.match(r"[^a-z].{9}", text)] == []
    assert [one.id for one in CATALOGUE.values() if not one.happened.endswith(".")] == []


def test_an_entry_s_page_is_there():
    pages = {one.page for one in CATALOGUE.values() if one.page}

    assert [page for page in sorted(pages) if not (ROOT / "docs" / page).is_file()] == []


def test_every_sample_is_what_the_code_prints():
    """By the very text at the place that tells it, with anything for what is filled in."""
    patterns = defaultdict(list)
    for check in CHECKS:
        patterns[check.error_id].extend(FOUND)
    for said in PLACES:
        if said.id is not None:
            patterns[said.id].append(said.pattern)
    # A pattern without words of its own would take anything.
    worded = {
        id_: [p for p in own if len(p.replace(".*", "")) > 9] for id_, own in patterns.items()
    }
    apart = {*MADE, "still-being-updated"}
    sampled = [one for one in CATALOGUE.values() if one.sample and one.id not in apart]

    unreal = [
        entry.id
        for entry in sampled
        if not any(re.fullmatch(p, entry.sample, re.DOTALL) for p in worded.get(entry.id, ()))
    ]

    assert unreal == []
    assert len(sampled) > 120


def test_a_sample_whose_words_the_service_has_is_what_is_made_of_its_answer():
    samples = {id_: CATALOGUE[id_].sample for id_ in MADE}

    assert samples == MADE


def test_the_sample_of_a_refresh_is_what_its_own_test_has():
    said = CATALOGUE["still-being-updated"]
    own_test = (ROOT / "tests" / "dynamic_server" / "test_providers.py").read_text(encoding="utf-8")

    assert f'"{said.sample} [{said.id}]"' in own_test


def test_a_rule_s_sample_is_one_that_its_own_test_has():
    assert {rule.id for rule in (*RULES, *ADVICE)} - set(generate_errors.BROKEN_SAMPLES) == set()


def _planted(id_):
    sample = CATALOGUE[id_].sample
    broken = {
        f"{p}: {m}" for breach in BROKEN.values() for p, rule, m in breach.problems if rule == id_
    }
    return sample if sample in broken else next(iter(broken), "no broken program")


def _raised(kind, act):
    with pytest.raises(kind) as caught:
        act()
    return str(caught.value)


def _answered(call, status, code, message):
    return str(error_for(Answered(call, status, code, message)))


def _mistyped():
    with pytest.raises(Exception, match="No such option") as caught:
        typer.main.get_command(app).main(["drift", "--stak"], standalone_mode=False)
    _with_its_id(caught.value)
    return caught.value.format_message().removesuffix(" [bad-command-line]")


CHAT = "/api/2.0/serving-endpoints/chat"
LIST = "/api/2.0/serving-endpoints"
POSTED = "POST /repos/acme/infra/issues"
NO_OWNER = """
[[ignore]]
resource = "ServingEndpoint/chat"
path = "/tags"
reason = "the platform team writes it"
permanent = true
"""
MADE = {
    "api-invalid-request": _answered(
        f"PUT {CHAT}/config", 400, "INVALID_PARAMETER_VALUE", "no such model"
    ),
    "api-unauthenticated": _answered(f"GET {CHAT}", 403, "403", "Invalid access token"),
    "api-permission-denied": _answered(f"GET {CHAT}", 403, "PERMISSION_DENIED", "No"),
    "api-not-found": _answered(f"GET {CHAT}", 404, "RESOURCE_DOES_NOT_EXIST", "No such endpoint"),
    "api-already-exists": _answered(
        f"POST {LIST}", 400, "RESOURCE_ALREADY_EXISTS", "Endpoint chat exists"
    ),
    "api-conflict": _answered(
        f"PUT {CHAT}/config", 409, "RESOURCE_CONFLICT", "Endpoint is being updated"
    ),
    "api-too-many-requests": _answered(f"POST {LIST}", 429, "REQUEST_LIMIT_EXCEEDED", "Too many"),
    "api-unavailable": _answered(f"GET {CHAT}", 503, "TEMPORARILY_UNAVAILABLE", "Try later"),
    "api-odd-answer": _answered(f"GET {CHAT}", 200, "", "something that is no endpoint"),
    "github-bad-token": str(refusal("GET /repos/acme/infra/pulls/1", 401, "Bad credentials")),
    "github-forbidden": str(
        refusal(f"{POSTED}/1/comments", 403, "Resource not accessible by integration")
    ),
    "github-not-found": str(refusal("GET /repos/acme/infra/pulls/1", 404, "Not Found")),
    "github-gone": str(refusal(POSTED, 410, "Issues are disabled")),
    "github-invalid": str(refusal(POSTED, 422, "Validation Failed")),
    "github-odd-answer": str(
        refusal("POST /graphql", None, "something that is not what GitHub answers")
    ),
    "system-error": described(FileNotFoundError(2, "No such file or directory", "reports")),
    "defect": described(KeyError("x")),
    "bad-command-line": _mistyped(),
    "bad-setting": _raised(UsageMistake, lambda: settings_of(CommonSettings, {"color": "blue"})),
    "bad-duration": _raised(UsageMistake, lambda: _seconds("soon")),
    "bad-threshold": _raised(ReportMistake, lambda: Threshold.parse("many")),
    "unknown-fail-on": _raised(ReportMistake, lambda: Gate(fail_on=frozenset({"drfit"}))),
    "bad-ignore-rule": _raised(ReportMistake, lambda: IgnoreFile.parse(NO_OWNER)),
    "cannot-listen": "dbserving emulator: "
    + _why_not(OSError(errno.EADDRINUSE, "in use"), "127.0.0.1", 8765),
    "emulator-not-opened": "dbserving emulator: "
    + _raised(ValueError, lambda: Workspace(token="")),
    **{id_: _planted(id_) for id_ in ("type", "secret-reference", "two-names", "unknown-field")},
}


def _places() -> Iterator[Said]:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    classes = _error_classes(trees.values())
    for path, tree in trees.items():
        for scope, call in _calls(tree):
            name = _called(call)
            own = name in ("GitHubError", "__init__") and "id" in {k.arg for k in call.keywords}
            if name in classes or name in TELLERS or own:
                said = _said(path, tree, scope, call, name)
                if said is not None:
                    yield said


def _error_classes(trees) -> set[str]:
    """The names of all errors that a user meets, by their base classes."""
    bases = {
        node.name: {_called(ast.Call(base, [], [])) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = set(ERRORS)
    while more := {name for name, its in bases.items() if its & known and name not in known}:
        known |= more
    return {name for name in known if not _is_by_kind(name, bases)}


def _is_by_kind(name, bases) -> bool:
    return name in BY_KIND or any(_is_by_kind(base, bases) for base in bases.get(name, ()))


def _calls(tree) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Every call, with the innermost function around it."""

    def walk(node, scope):
        inner = node if isinstance(node, ast.FunctionDef) else scope
        if isinstance(node, ast.Call):
            yield scope, node
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inner)

    yield from walk(tree, tree)


def _called(call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _said(path, tree, scope, call, name) -> Said | None:
    id_ = next((k.value for k in call.keywords if k.arg in ("id", "id_")), None)
    position = TELLERS.get(name)
    if id_ is None and position is not None and len(call.args) > position:
        id_ = call.args[position]
    if id_ is None and name == "complain":
        text = call.args[0]
        return None if "Error: " not in ast.unparse(text) else _as_said(path, call, None, "")
    at = 2 if name == "Problem" else 0
    text = next(iter(call.args[at : at + 1]), None) or next(
        (k.value for k in call.keywords if k.arg == "message"), None
    )
    told = "" if text is None else _pattern(text, scope, tree)
    prefix = {"Problem": ".*", "_fail": "dbserving emulator: "}.get(name, "")
    return _as_said(path, call, id_, prefix + told)


def _as_said(path, call, id_, pattern) -> Said:
    literal = id_.value if isinstance(id_, ast.Constant) else None
    place = f"{path.relative_to(ROOT)}:{call.lineno}"
    return Said(place, literal, id_ is not None and literal is None, pattern)


def _pattern(text, scope, tree) -> str:  # noqa: PLR0911 - one for each kind of expression
    """What a text can be: itself where it is literal, anything where it is filled in."""
    if isinstance(text, ast.Constant):
        return re.escape(str(text.value))
    if isinstance(text, ast.JoinedStr):
        return "".join(_pattern(part, scope, tree) for part in text.values)
    if isinstance(text, ast.FormattedValue):
        inner = _pattern(text.value, scope, scope) if isinstance(text.value, ast.Name) else ""
        return f"{inner}.*"
    if isinstance(text, ast.BinOp):
        return _pattern(text.left, scope, tree) + _pattern(text.right, scope, tree)
    if ast.unparse(text).endswith(".rstrip()"):
        return _pattern(text.func.value, scope, tree)
    if isinstance(text, ast.Name):
        values = [
            node.value
            for where in (scope, tree)
            for node in ast.walk(where)
            if isinstance(node, ast.Assign)
            and [ast.unparse(target) for target in node.targets] == [text.id]
        ]
        return _pattern(values[0], scope, tree) if values else ".*"
    return ".*"


PLACES = tuple(_places())
#: What doctor's checks find: the id is the check's.
FOUND = tuple(
    _pattern(call.args[0], scope, tree)
    for path in SOURCES
    if path.parent.name == "doctor"
    for tree in (ast.parse(path.read_text(encoding="utf-8")),)
    for scope, call in _calls(tree)
    if _called(call) in ("failed", "warning")
)


def test_the_broken_programs_have_a_message_for_each_rule():
    told = {rule for breach in BROKEN.values() for _, rule, _ in breach.problems}

    assert {rule.id for rule in RULES} - told == set()

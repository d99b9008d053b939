"""Whatever a name or a value is: no format breaks, and none says more than it should."""

from __future__ import annotations

import base64
import html
import json
import re
from fnmatch import fnmatchcase
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from databricks_serving.plan.comparison import Origin
from databricks_serving.report import shown
from databricks_serving.report.formats import FORMATS, render
from databricks_serving.report.ignoring import tomllib
from databricks_serving.report.model import Classification, Report, Val
from databricks_serving.report.paths import covers
from support.reports import change, finding, report_of
from unit.report.hostile import reports

OUR_TAGS = {
    *("<code>", "</code>", "<br>", "<sub>", "</sub>", "</a>"),
    *("<details>", "</details>", "<summary>", "</summary>"),
}


def parsed(text):
    """The page as a reader of CommonMark with tables sees it."""
    return MarkdownIt("commonmark").enable("table").parse(text)


def inline(tokens):
    """The tokens inside paragraphs, cells and headings."""
    return [child for token in tokens for child in token.children or ()]


def tags(tokens):
    """Every piece of HTML on the page."""
    pieces = [t.content for t in (*tokens, *inline(tokens)) if t.type.startswith("html")]
    return {tag for piece in pieces for tag in re.findall(r"<[^>]*>", piece)}


def expected_rows(report):
    """How many rows the table has: one for each field, and one where there is none."""
    count = 0
    for each in report.findings:
        created = report.run.mode == "plan" and each.effect.value == "create"
        told = 0 if created and not each.overwritten else len(each.changes)
        beside = len(each.not_in_code)
        alone = not told and not (beside and each.classification is Classification.IN_SYNC)
        count += told + beside + alone
    return count


@given(reports)
def test_nothing_breaks_the_markdown(report):
    tokens = parsed(render(report, "markdown").text)

    kinds = [token.type for token in tokens]
    rows = kinds.count("tr_open") - kinds.count("thead_open")
    assert rows == expected_rows(report)
    assert kinds.count("td_open") == 6 * rows
    # A reader drops the cells that are too many, so the bars are counted too.
    lines = [line for line in render(report, "markdown").text.splitlines() if line[:1] == "|"]
    assert {line.count("|") for line in lines} <= {7}
    assert kinds.count("heading_open") == 1
    assert {t.type for t in inline(tokens)} <= {
        *("text", "text_special", "html_inline", "softbreak"),
        *("em_open", "em_close", "strong_open", "strong_close"),
    }
    assert {tag for tag in tags(tokens) if not tag.startswith('<a href="http')} <= OUR_TAGS
    for name in ("details", "summary", "code", "sub"):
        page = render(report, "markdown").text
        assert page.count(f"<{name}>") == page.count(f"</{name}>")


@pytest.mark.parametrize(
    "start", ["# a", "- a", "+ a", "* a", "1. a", "12) a", "> a", "=== a", "``` a", "    a", "\t a"]
)
def test_a_sentence_begins_no_list_heading_or_quotation(start):
    drifted = finding("chat", changes=(change("tags", "x", actual="1"),), hint=start)

    tokens = parsed(render(report_of((drifted,), notices=(start,)), "markdown").text)

    kinds = [token.type for token in tokens]
    assert kinds.count("heading_open") == 1
    assert kinds.count("bullet_list_open") == kinds.count("list_item_open") == 2
    assert not {"ordered_list_open", "blockquote_open", "fence", "code_block"} & set(kinds)


@given(reports)
def test_a_cell_says_the_whole_name(report):
    page = render(report, "markdown").text

    cells = {html.unescape(text) for text in re.findall(r"<code>(.*?)</code>", page)}

    assert {shown.name(each.name) for each in report.findings} <= cells


@given(reports)
def test_nothing_breaks_a_workflow_command(report):
    lines = render(report, "github").text

    assert len(lines.splitlines()) == lines.count("\n")
    for line in lines.splitlines():
        said = re.fullmatch(r"::(error|warning|notice)( [^:]*)?::[^\r\n]*", line)
        assert said is not None
        names = [part.partition("=")[0] for part in (said[2] or "").strip().split(",") if part]
        assert names in ([], ["title"], ["file", "line", "title"])


@given(reports)
def test_the_outputs_of_a_step_are_single_lines(report):
    outputs = render(report, "github").outputs

    assert re.fullmatch(r"(sha256:[0-9a-f]{64})?", outputs.pop("digest"))
    assert all(re.fullmatch(r"[a-z0-9_-]*", text) for text in outputs.values())


@given(reports)
def test_nothing_breaks_the_xml(report):
    root = ET.fromstring(render(report, "junit").text)

    names = sorted(case.get("name") for case in root.iter("testcase"))
    errors = [shown.name(e.resource or f"error {n}") for n, e in enumerate(report.errors, 1)]
    synced = [shown.name(name.partition("/")[2]) for name in report.in_sync]
    assert len(names) == len(report.findings) + len(errors) + len(synced)
    assert {shown.name(each.name) for each in report.findings} <= set(names)


@given(reports)
def test_json_comes_back_as_it_went(report):
    text = render(report, "json").text

    assert text.isascii()
    assert Report.model_validate(json.loads(text)) == report


@given(reports, st.integers(40, 120))
def test_nothing_moves_the_cursor_or_leaves_the_page(report, width):
    text = render(report, "text", width=width).text

    assert all(character.isprintable() or character == "\n" for character in text)
    # A digest is there to be copied, and a command that no runner may hear is longer by its escape.
    beside = ("Digest sha256:", "\\u003a:")
    lines = [line for line in text.split("\n") if not line.lstrip().startswith(beside)]
    lines = [line for line in lines if "\\u0023#[" not in line]
    assert max(map(cell_len, lines), default=0) <= width


@given(reports)
def test_the_rules_of_a_snippet_are_about_what_was_found_and_nothing_else(report):
    rules = tomllib.loads(render(report, "ignore-snippet").text).get("ignore", [])

    for rule in rules:
        about = [
            each
            for each in report.findings
            if fnmatchcase(f"{each.workspace}:{each.kind}/{each.name}", rule["resource"])
        ]
        assert about
        if "path" in rule:
            assert any(
                covers(rule["path"], change.pointer, each.kind)
                for each in about
                for change in (*each.changes, *each.not_in_code)
            )


@settings(max_examples=40)
@given(st.lists(reports, min_size=1, max_size=4), st.integers(0, 12_000))
def test_no_page_is_larger_than_its_limit(several, limit):
    page = render(several, "markdown", limit=limit).text

    assert len(page.encode()) <= limit


@settings(max_examples=15)  # 300 findings take a while
@given(reports, st.integers(16_384, 60_000))
def test_the_headline_and_the_gravest_row_survive(report, limit):
    many = report.model_copy(update={"findings": report.findings * 300})

    tokens = parsed(render(many, "markdown", limit=limit).text)

    kinds = [token.type for token in tokens]
    assert kinds.count("heading_open") == 1
    if report.findings:
        cells = [t for t in tokens if t.type == "inline"]
        assert kinds.count("tr_open") >= 2
        first = shown.name(report.findings[0].name)
        assert any(first in "".join(c.content for c in t.children) for t in cells)
    assert {tag for tag in tags(tokens) if not tag.startswith('<a href="http')} <= OUR_TAGS


CANARY = 'sk-canary/4711+"é'


@given(
    kind=st.sampled_from(["secret", "hidden"]),
    mode=st.sampled_from(["drift", "plan"]),
    origin=st.sampled_from([*Origin, None]),
    form=st.sampled_from(FORMATS),
)
def test_no_format_shows_a_secret(kind, mode, origin, form):
    secret = Val(kind=kind, value=CANARY)
    told = change("credentials", applied=secret, desired=secret, actual=secret, origin=origin)
    said = finding("chat", changes=(told,), not_in_code=(told,))

    rendered = render(report_of((said,), mode), form)

    whole = rendered.text + rendered.summary + "".join(rendered.outputs.values())
    for trace in (
        CANARY,
        "canary",
        quote(CANARY, safe=""),
        base64.b64encode(CANARY.encode()).decode(),
        json.dumps(CANARY)[1:-1],
        html.escape(CANARY),
    ):
        assert trace not in whole

"""The twelve typical reports in every format, as files that people can open.

`pytest tests/unit/report/test_golden_reports.py --snapshot-update` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from databricks_serving.report.formats import FORMATS, render
from databricks_serving.report.model import Tool
from support.reports import TYPICAL

GOLDEN = Path(__file__).parent / "golden"
FORMS = {
    "txt": ("text", {"width": 80}),
    "ascii.txt": ("text", {"width": 80, "ascii": True}),
    "json": ("json", {}),
    "md": ("markdown", {}),
    "github.txt": ("github", {}),
    "xml": ("junit", {}),
    "toml": ("ignore-snippet", {}),
}


def page(report, name, how):
    """A report in one format; of a step its outputs too, whose summary is the Markdown."""
    rendered = render(report, name, **how)
    outputs = "".join(f"{key}={value}\n" for key, value in rendered.outputs.items())
    return rendered.text + (f"\n# outputs\n{outputs}" if outputs else "")


@pytest.mark.parametrize("extension", FORMS)
@pytest.mark.parametrize("case", TYPICAL)
def test_a_typical_report_reads_like_this(case, extension, pytestconfig):
    path = GOLDEN / f"{case}.{extension}"
    report = TYPICAL[case]().model_copy(update={"tool": Tool(version="0.0.0")})

    said = page(report, *FORMS[extension])

    if pytestconfig.getoption("update_snapshots"):
        path.write_text(said, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == said


def test_each_format_has_golden_files():
    assert {name for name, _ in FORMS.values()} == set(FORMATS)


def test_there_is_no_golden_file_that_nobody_compares():
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{case}.{extension}" for case in TYPICAL for extension in FORMS
    }


@pytest.mark.parametrize("case", TYPICAL)
def test_no_line_of_text_is_wider_than_80_columns(case):
    lines = render(TYPICAL[case](), "text", width=80).text.splitlines()

    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("case", TYPICAL)
def test_colour_adds_nothing_but_colour(case):
    plain = render(TYPICAL[case](), "text", width=80).text
    coloured = render(TYPICAL[case](), "text", width=80, color=True).text

    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert _without_colour(coloured) == plain


def _without_colour(text):
    first, *rest = text.split("\x1b[")
    return first + "".join(part.partition("m")[2] for part in rest)


@pytest.mark.parametrize("case", TYPICAL)
def test_ascii_is_ascii(case):
    assert render(TYPICAL[case](), "text", width=80, ascii=True).text.isascii()


def test_without_a_width_nothing_is_wrapped():
    lines = render(TYPICAL["incomplete"](), "text").text.splitlines()

    assert max(map(len, lines)) > 150


def test_brief_is_the_summary_alone():
    report = TYPICAL["guardrail-off"]()

    brief = render(report, "text", width=80, brief=True).text

    assert brief.startswith("prod in adb-6131.azuredatabricks.test: 1 drifted (worst: critical)")
    assert render(report, "text", width=80).text.endswith(brief)


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="'html' is no format; there are text, json, markdown"):
        render(TYPICAL["clean"](), "html")

"""Reports whose names and values try to break out of every format."""

from __future__ import annotations

from hypothesis import strategies as st

from databricks_serving.plan.comparison import Origin
from databricks_serving.report.build import told
from databricks_serving.report.model import (
    Classification,
    Effect,
    ErrorEntry,
    FieldChange,
    Finding,
    SourceLine,
    Val,
)
from databricks_serving_schema import Severity
from support.reports import report_of, run

#: Each means something to Markdown, HTML, XML, a workflow command, a terminal, TOML or Jinja.
NASTY = (
    "|",
    "\\|",
    "`",
    "``",
    "*x*",
    "_x_",
    "**",
    "~~x~~",
    "<script>alert(1)</script>",
    "</details>",
    "</code>",
    "<!--",
    "-->",
    "]]>",
    "&amp;",
    "&#124;",
    "![x](https://example.com/x.png)",
    "[x](javascript:alert(1))",
    "https://example.com",
    "www.example.com",
    "@octocat",
    "#123",
    "# head",
    "- item",
    "1. item",
    "> said",
    "\n",
    "\r",
    "\r\n",
    "\n\n| a | b |\n|--|--|\n",
    "\t",
    "\x00",
    "\x1b[31m",
    "\x9b",
    "\u0085",
    "\u2028",
    "\u202e",
    "\ufffe",
    "\U000e0001",
    "%0A",
    "%",
    "::error::x",
    ",line=1::",
    "{{ 7 * 7 }}",
    "{% raw %}",
    '"',
    "'",
    "\\",
    "$x$",
    "日本語",
    "e\u0301",
)
texts = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), min_size=1, max_size=6
).map("".join)
long_texts = st.one_of(texts, texts.map(lambda text: text * 60))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
vals = st.one_of(
    st.builds(Val, kind=st.just("plain"), value=json_values),
    st.builds(Val, kind=st.sampled_from(["secret", "hidden", "absent", "unknown"])),
)
changes = st.builds(
    FieldChange,
    path=long_texts,
    pointer=texts.map(lambda text: "/" + text.replace("~", "~0").replace("/", "~1")),
    origin=st.sampled_from([*Origin, None]),
    severity=st.sampled_from([*Severity, None]),
    applied=vals,
    desired=vals,
    actual=vals,
    reason=st.one_of(
        st.sampled_from(["put by somebody else since", "differs in the workspace"]), texts
    ),
    because=long_texts,
    effect=st.sampled_from(list(Effect)),
)


def _finding(kind, name, workspace, classification, **said):
    base = Finding(kind=kind, name=name, workspace=workspace, classification=classification)
    return told(base, **said)


findings = st.builds(
    _finding,
    kind=st.sampled_from(["ServingEndpoint", "Secret"]),
    name=long_texts,
    workspace=texts,
    classification=st.sampled_from(list(Classification)),
    effect=st.sampled_from(list(Effect)),
    changes=st.lists(changes, max_size=3).map(tuple),
    not_in_code=st.lists(changes, max_size=1).map(tuple),
    owner=st.one_of(st.none(), texts),
    reason=st.one_of(st.just(""), long_texts),
    hint=st.one_of(st.just(""), texts),
    source=st.one_of(st.none(), st.builds(SourceLine, file=texts, line=st.integers(1, 9999))),
)


def _report(mode, found, stack, url, commit, errors, notices):
    return report_of(
        found,
        mode,
        run=run(mode, stack=stack, url=url, commit=commit),
        errors=tuple(ErrorEntry(message=text, resource=text[:3]) for text in errors),
        notices=tuple(notices),
    )


reports = st.builds(
    _report,
    mode=st.sampled_from(["drift", "plan"]),
    found=st.lists(findings, max_size=4).map(tuple),
    stack=texts,
    url=texts,
    commit=texts,
    errors=st.lists(long_texts, max_size=2),
    notices=st.lists(long_texts, max_size=2),
)

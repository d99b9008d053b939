"""The formats of a report by name, and one function for all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .model import SCHEMA_ID, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What `-f` takes.
FORMATS = ("text", "json", "markdown", "github", "junit", "ignore-snippet")
#: What a file of each is called where nobody names it.
EXTENSIONS = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "github": "txt",
    "junit": "xml",
    "ignore-snippet": "toml",
}


@dataclass(frozen=True)
class Rendered:
    """A report in one format.

    `text`: all of it, ending with a line break; of `github` the annotations, which go to the
    standard output. `summary`: of `github`, the Markdown for the step summary. `outputs`: of
    `github`, the step's outputs; neither names nor values have line breaks.
    """

    text: str
    summary: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)


def render(
    report: Report | Sequence[Report],
    format: str,  # noqa: A002 - what `-f` calls it
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,  # noqa: A002 - what the option would be called
    brief: bool = False,
    limit: int | None = None,
) -> Rendered:
    """One or several reports in a format.

    width, color, ascii, brief (the summary alone): of text. limit: of Markdown, its most bytes in
    UTF-8. Several reports are one page of text or Markdown, one JSON array, one list of
    annotations, one JUnit file. Raises ValueError for a format that there is not.
    """
    reports = (report,) if isinstance(report, Report) else tuple(report)
    if format == "text":
        from .text import text  # noqa: PLC0415 - each format brings a library of its own

        pages = (
            text(each, width=width, color=color, ascii_only=ascii, brief=brief) for each in reports
        )
        return Rendered("\n".join(pages))
    if format == "json":
        dumped = [each.model_dump(mode="json", by_alias=True) for each in reports]
        whole = dumped[0] if isinstance(report, Report) else dumped
        # Not even a lone half of a surrogate pair may keep the file from being written.
        return Rendered(json.dumps(whole, indent=2, ensure_ascii=True) + "\n")
    if format == "markdown":
        from .markdown import markdown  # noqa: PLC0415 - the same

        return Rendered(markdown(reports, limit=limit))
    if format == "github":
        from .github import github  # noqa: PLC0415 - the same

        return github(reports)
    if format == "junit":
        from .junit import junit  # noqa: PLC0415 - the same

        return Rendered(junit(reports))
    if format == "ignore-snippet":
        from .snippet import snippet  # noqa: PLC0415 - the same

        return Rendered(snippet(reports))
    raise ValueError(f"{format!r} is no format; there are {', '.join(FORMATS)}")


def schema() -> dict[str, object]:
    """The JSON Schema of a report in JSON (`dbserving schema report`)."""
    said = Report.model_json_schema(by_alias=True, mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **said,
    }

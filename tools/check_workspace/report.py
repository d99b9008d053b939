"""The report of a run, as Markdown and as JSON: fit to be pasted into an issue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

from .differing import Difference, Kind
from .findings import Findings, Met

_HEADINGS = {
    Kind.STATUS: "Another status",
    Kind.CODE: "Another error code",
    Kind.STRANGE: "An answer that nobody can use",
    Kind.SECRET: "A secret is repeated",
    Kind.MISSING: "The workspace does not say it",
    Kind.MORE: "The workspace says more",
    Kind.TYPE: "Another type",
    Kind.VALUE: "Another value",
    Kind.ORDER: "Another order",
}
_BESIDE = {
    Kind.LATE: "Shown late: no difference after a while",
    Kind.WORDS: "Other words: the same refusal in another text, which is no difference",
}


@dataclass(frozen=True)
class About:
    """What a report says of its run: the day, as YYYY-MM-DD, and whose cloud it is."""

    day: str
    cloud: str


def cloud_of(host: str) -> str:
    """Whose cloud a workspace is in, as its host tells: `aws`, `azure`, `gcp`, or `unknown`."""
    ends = {".azuredatabricks.": "azure", ".gcp.databricks.": "gcp", ".databricks.": "aws"}
    return next((cloud for part, cloud in ends.items() if part in host), "unknown")


def write(folder: Path, findings: Findings, about: About, private: Iterable[str]) -> list[Path]:
    """Write both files, and answer where. No value in them has anything of `private`.

    Raises `OSError` where that cannot be.
    """
    shown = _without(findings, private)
    texts = (markdown(shown, about), json.dumps(as_json(shown, about), indent=2) + "\n")
    files = prepared(folder)
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files


def prepared(folder: Path) -> list[Path]:
    """The files of a report in that folder, which is made. Raises `OSError` as `write` would."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in ("report.md", "report.json")]
    for file in files:
        if file.exists():
            file.open("ab").close()
    TemporaryFile(dir=folder).close()
    return files


def _without(findings: Findings, private: Iterable[str]) -> Findings:
    """The last net, in values alone: each was judged before it came here."""
    names = sorted(filter(None, private), key=len, reverse=True)

    def without(text: str) -> str:
        for name in names:
            text = text.replace(name, "<private>")
        return text

    shown = replace(
        findings,
        ended=without(findings.ended),
        left_out=Counter({without(why): count for why, count in findings.left_out.items()}),
        met={},
    )
    for one, met in findings.met.items():
        told = replace(
            one,
            path=without(one.path),
            emulator=without(one.emulator),
            workspace=without(one.workspace),
        )
        merged = shown.met.setdefault(told, Met())
        merged.routes.update(met.routes)
        merged.examples += met.examples
    return shown


def as_json(findings: Findings, about: About) -> dict[str, object]:
    """The report for programs."""
    return {
        "format": 1,
        "day": about.day,
        "cloud": about.cloud,
        "emulator": version("databricks-serving"),
        "asked": {"conversations": findings.asked, "requests": findings.requests},
        "cut_short": findings.cut_short,
        "left_out": dict(findings.left_out),
        "ended": findings.ended,
        "left": findings.left,
        "differences": [_row(*one) for one in findings.of(*_HEADINGS)],
        "beside": [_row(*one) for one in findings.of(*_BESIDE)],
    }


def _row(difference: Difference, met: Met) -> dict[str, object]:
    return {
        "kind": difference.kind.name.lower(),
        "path": difference.path,
        "emulator": difference.emulator,
        "workspace": difference.workspace,
        "times": met.times,
        "routes": sorted(met.routes),
        "examples": met.examples,
    }


def markdown(findings: Findings, about: About) -> str:
    """The report for people."""
    parts = ["# The workspace beside the emulator\n", _summary(findings, about)]
    parts += [_table(kind, title, findings) for kind, title in _HEADINGS.items()]
    parts += [_table(kind, title, findings) for kind, title in _BESIDE.items()]
    if findings.left_out:
        rows = sorted(findings.left_out.items(), key=lambda row: (-row[1], row[0]))
        parts.append("## Not asked\n\n| conversations | why |\n|---:|---|\n")
        parts += [f"| {count} | {_cell(why)} |\n" for why, count in rows]
    return "\n".join(filter(None, parts)).replace("|\n\n|", "|\n|")


def _summary(findings: Findings, about: About) -> str:
    counted = len(findings.of(*_HEADINGS))
    said = [
        (
            f"{about.day}, cloud: {about.cloud}, emulator of databricks-serving"
            f" {version('databricks-serving')}.\n"
        ),
        (
            f"{many(findings.asked, 'conversation')} asked of both,"
            f" {many(findings.requests, 'request')}: **{many(counted, 'difference')}**."
        ),
    ]
    if findings.cut_short:
        said.append(
            f"{many(findings.cut_short, 'conversation')} ended early: one side took what the other"
            f" refused, or answered what nobody can use."
        )
    if findings.ended:
        said.append(f"**Incomplete**: {findings.ended}")
    if findings.left is None:
        said.append(
            "**What is left in the workspace is not known**: the cleaning did not come to its end."
            " The same command with `CLEAN=1` shows it."
        )
    elif findings.left:
        said.append(f"**{many(findings.left, 'thing')} could not be removed** from the workspace.")
    return "\n".join(said) + "\n"


def headline(findings: Findings) -> str:
    """The run in one line."""
    counted = len(findings.of(*_HEADINGS))
    incomplete = "; incomplete" if findings.ended else ""
    incomplete += "; what is left is not known" if findings.left is None else ""
    return f"{many(findings.asked, 'conversation')}, {many(counted, 'difference')}{incomplete}"


def many(count: int, what: str) -> str:
    """So many of them."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _table(kind: Kind, title: str, findings: Findings) -> str:
    rows = findings.of(kind)
    if not rows:
        return ""
    head = "| where | emulator | workspace | times | first met |\n|---|---|---|---:|---|\n"
    return f"## {title}\n\n{head}" + "".join(_line(*row) for row in rows)


def _line(difference: Difference, met: Met) -> str:
    where = [f"`{difference.path}`"] if difference.path else []
    routes = sorted(met.routes)
    where.append(f"`{routes[0]}`" + (f" and {len(routes) - 1} more" if routes[1:] else ""))
    cells = [difference.emulator, difference.workspace]
    told = [" in ".join(where), *map(_code, cells), str(met.times), _cell(met.examples[0])]
    return f"| {' | '.join(told)} |\n"


def _code(text: str) -> str:
    return f"`{_cell(text).replace('`', chr(39))}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

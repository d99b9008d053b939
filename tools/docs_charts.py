"""The charts of the docs as pictures: what shows the repository draws mermaid, the site does not.

Only line charts are known: `title`, `x-axis` with names, `y-axis` with bounds, one `line`.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass

_CHART = re.compile(r"^```mermaid\nxychart-beta\n(?P<said>.*?)^```\n", re.DOTALL | re.MULTILINE)
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 240, 48, 44, 16


@dataclass(frozen=True)
class _Chart:
    title: str
    across: str
    names: list[str]
    unit: str
    most: float
    values: list[float]


def drawn(page: str) -> str:
    """The page with each chart as a picture in it."""
    return _CHART.sub(lambda found: f"{_svg(_read(found['said']))}\n", page)


def _read(said: str) -> _Chart:
    title = re.search(r'title "(.*)"', said)
    across = re.search(r'x-axis "(.*?)" (\[.*\])', said)
    up = re.search(r'y-axis "(.*?)" 0 --> ([\d.]+)', said)
    line = re.search(r"line (\[.*\])", said)
    if not (title and across and up and line):
        raise ValueError(f"no line chart that can be drawn:\n{said}")
    names, values = json.loads(across[2]), json.loads(line[1])
    return _Chart(title[1], across[1], names, up[1], float(up[2]), values)


def _svg(chart: _Chart) -> str:
    """One line of HTML, for a block of HTML in Markdown ends at an empty line."""
    step = (_WIDTH - 2 * _LEFT) / max(1, len(chart.names) - 1)
    floor = _HEIGHT - _BOTTOM

    def y(value: float) -> float:
        return round(floor - (floor - _TOP) * value / chart.most, 1)

    at = [(round(_LEFT + step * place, 1), y(value)) for place, value in enumerate(chart.values)]
    across = html.escape(chart.across)
    parts = [
        f'<path class="axis" d="M{_LEFT} {_TOP}V{floor}H{_WIDTH - _LEFT}"/>',
        f'<text x="{_LEFT - 8}" y="{floor + 4}" text-anchor="end">0</text>',
        f'<text x="{_LEFT - 8}" y="{_TOP + 4}" text-anchor="end">{chart.most:g}</text>',
        f'<text x="{_LEFT + 6}" y="{_TOP + 4}">{html.escape(chart.unit)}</text>',
        f'<text x="{_WIDTH // 2}" y="{_HEIGHT - 4}" text-anchor="middle">{across}</text>',
        f'<polyline points="{" ".join(f"{x},{height}" for x, height in at)}"/>',
    ]
    for (x, height), name, value in zip(at, chart.names, chart.values, strict=True):
        parts += [
            f'<circle cx="{x}" cy="{height}" r="3"/>',
            f'<text x="{x}" y="{height - 9}" text-anchor="middle">{value:g}</text>',
            f'<text x="{x}" y="{floor + 18}" text-anchor="middle">{html.escape(name)}</text>',
        ]
    label = html.escape(chart.title, quote=True)
    return (
        f'<figure class="chart"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg><figcaption>{label}</figcaption></figure>\n'
    )

"""What the demonstration's page is built from: its style, tables, a plot of lines, a plot of bars.

All text is escaped here. Colours are variables of the style, so that both modes show every part.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Any

__all__ = ["STYLE", "code", "line_plot", "scale_floor", "table", "text"]

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6470;--rule:#d7dce2;--paper:#fff;
--panel:#f5f7f9;--blue:#1f6feb;--red:#c4320a;--green:#1a7f37}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9aa4b0;--rule:#343b44;--paper:#15181c;
--panel:#1d2127;--blue:#6ea8fe;--red:#ff8f6b;--green:#5cc777}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:46rem;
margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 1rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem}
p{margin:.5rem 0}.dim,small{color:var(--dim)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.75rem 0;font-size:.95rem}
th{color:var(--dim);font-weight:600;text-align:left}
td,th{padding:.35rem .6rem;border-bottom:1px solid var(--rule);vertical-align:top}
td:first-child,th:first-child{padding-left:0}td:last-child,th:last-child{padding-right:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.number{white-space:normal}
tr.sum td{font-weight:600;border-bottom:0}tr.marked td{color:var(--red)}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
.card{background:var(--panel);border-left:4px solid var(--blue);padding:.75rem 1rem;margin:.75rem 0}
.card.wrong{border-color:var(--red)}.card.right{border-color:var(--green)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.5rem 0 0}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
ol.line{list-style:none;display:flex;flex-wrap:wrap;gap:.5rem 0;padding:0;margin:.75rem 0}
ol.line li{display:flex;align-items:center}
ol.line li+li::before{content:"→";color:var(--dim);padding:0 .4rem}
ol.line div{background:var(--panel);border:1px solid var(--rule);border-radius:6px;
padding:.4rem .6rem;font-size:.85rem}
.bar{display:block;height:.5rem;border-radius:2px;background:var(--blue);min-width:1px}
tr.marked .bar{background:var(--red)}
svg{width:100%;max-width:34rem;height:auto;margin:.5rem 0}
svg text{font:13px system-ui,sans-serif;fill:var(--dim)}
"""
_WIDTH, _HEIGHT = 440, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 100, 12, 34


def text(value: object) -> str:
    """Returns a value as the page may hold it."""
    return html.escape(str(value))


def code(value: object) -> str:
    """Returns an address or digest, which may break anywhere."""
    return f"<code>{text(value)}</code>"


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Iterable[int] = (),
    classes: Mapping[int, str] | None = None,
) -> str:
    """Returns a table.

    Args:
        headings: escaped here.
        rows: cells that are escaped already.
        numbers: the columns that are set flush right.
        classes: of rows, by index.
    """
    right = set(numbers)

    def row(cells: Sequence[str], tag: str, kind: str = "") -> str:
        marks = [' class="number"' if place in right else "" for place in range(len(cells))]
        inside = "".join(f"<{tag}{m}>{c}</{tag}>" for m, c in zip(marks, cells, strict=True))
        return f'<tr class="{kind}">{inside}</tr>' if kind else f"<tr>{inside}</tr>"

    body = [row(cells, "td", (classes or {}).get(place, "")) for place, cells in enumerate(rows)]
    head = row([text(heading) for heading in headings], "th")
    return f'<div class="scroll"><table>{head}{"".join(body)}</table></div>'


def scale_floor(values: Iterable[float]) -> float:
    """Returns where an axis of parts of one begins: the tenth below the least value."""
    return max(0, floor(min(values) * 10 - 1e-9)) / 10


def line_plot(series: Mapping[str, Sequence[float]], across: str) -> str:
    """Returns a plot of parts of one by round, each line named at its end.

    Args:
        series: at most two lines of one length, by name.
        across: what the horizontal axis counts.
    """
    low = scale_floor(value for line in series.values() for value in line)
    count = len(next(iter(series.values())))

    def x(place: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (place / max(1, count - 1))

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - (value - low) / (1 - low))

    parts: list[str] = []
    for tenth in range(round(low * 10), 11):
        height = y(tenth / 10)
        parts.append(
            f'<path d="M{_LEFT} {height:.1f}H{_WIDTH - _RIGHT}" stroke="var(--rule)"/>'
            f'<text x="{_LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{tenth * 10} %</text>'
        )
    for place in range(count):
        parts.append(
            f'<text x="{x(place):.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{place + 1}</text>'
        )
    parts.append(f'<text x="{_WIDTH - _RIGHT + 12}" y="{_HEIGHT - 14}">{text(across)}</text>')
    ends = _apart([y(line[-1]) for line in series.values()])
    looks = zip(series.items(), ends, ("--blue", "--dim"), ("", "6 4"), strict=False)
    for (name, line), end, colour, dashes in looks:
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in enumerate(line))
        parts.append(_line(points, colour, dashes))
        label = f'<text x="{_WIDTH - _RIGHT + 12}" y="{end + 4:.1f}" style="fill:var({colour})">'
        parts.append(f"{label}{text(name)}</text>")
    told = text(", ".join(f"{name}: {line[-1]:.1%} at the end" for name, line in series.items()))
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{told}"'
    return f"<svg {box}>{''.join(parts)}</svg>"


def _line(points: str, colour: str, dashes: str) -> str:
    style = f'fill="none" stroke="var({colour})" stroke-width="2" stroke-dasharray="{dashes}"'
    marks = [point.split(",") for point in points.split()]
    dots = [f'<circle cx="{x}" cy="{y}" r="3.5" fill="var({colour})"/>' for x, y in marks]
    return f'<polyline points="{points}" {style}/>' + "".join(dots)


def _apart(heights: list[float]) -> list[float]:
    """Moves the names of two lines apart where they would lie on each other."""
    if len(heights) == 2 and abs(heights[0] - heights[1]) < 16:
        middle, sign = sum(heights) / 2, 1 if heights[0] >= heights[1] else -1
        return [middle + 8 * sign, middle - 8 * sign]
    return heights


def rows_of(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    """Returns rows with every cell escaped."""
    return [[text(cell) for cell in row] for row in rows]

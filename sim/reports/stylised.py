"""What markets did beside what the model does, as a section of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.metrics.format import compact
from sim.reports.section import replace_section, table_lines

COMMAND = "ape run stylised"
HEADS = ("", "what", "observed", "ours", "seeds", "")
SIDES = (":-", ":-", ":-", "-:", "-:", ":-")
NOTE = (
    "Means over seeds on `reference` with their 95% intervals. *Holds*: mean and interval lie "
    "where the fact wants them; *in the mean*: the mean does. Cases and bands: "
    "`experiments/stylised/{cases,facts}.py`; `make stylised` measures anew."
)


def markdown(measured: Mapping[str, Any]) -> str:
    """The table, and how to read it."""
    rows: list[tuple[str, ...]] = []
    last = None
    for claim in measured["claims"]:
        if claim["fact"] != last:
            last = claim["fact"]
            rows.append((f"**{last}**", f"**{claim['title']}**", "", "", "", ""))
        rows.append(_row(claim))
    return "\n".join([*table_lines(HEADS, SIDES, rows), "", NOTE])


def refresh(path: Path, measured: Mapping[str, Any]) -> None:
    """Put the section into a Markdown file. Raises InputError and OutputError."""
    replace_section(path, COMMAND, markdown(measured))


def _row(claim: Mapping[str, Any]) -> tuple[str, ...]:
    ours = claim["ours"]
    said = claim["verdict"] + (f": {claim['remark']}" if claim["remark"] else "")
    return "", claim["what"], claim["observed"], _shown(ours, claim["unit"]), str(ours["n"]), said


def _shown(ours: Mapping[str, Any], unit: str) -> str:
    if ours["mean"] is None:
        return "–"
    text = _number(ours["mean"], unit)
    interval = ours["interval_95"]
    if interval and interval[0] != interval[1]:
        text += f" ({_number(interval[0], unit)} to {_number(interval[1], unit)})"
    return f"{text}{'%' if unit == '%' else f' {unit}' if unit else ''}"


def _number(value: float, unit: str) -> str:
    text = compact(value) if unit == "USD" else f"{value:.{1 if unit == '%' else 2}f}"
    return (text if any(c in text for c in "123456789") else "0").replace("-", "−")

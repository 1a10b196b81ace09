"""How safe the debt was before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sim.metrics import compact
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import GREY, INK, panels
from sim.trace import Trace

LOW, HIGH, MARK = 0.8, 3.0, 1.25


def health(evidence: Evidence) -> Figure:
    """Debt below each health factor, at the start and at the end of every design."""
    figure = panels([""], 1, panel_px=330)
    first = next(iter(evidence.traces.values())).rows("account")
    _curve(figure, first[first["moment"] == "start"], "start", {"color": INK, "width": 3})
    for design, trace in evidence.traces.items():
        look, rows = evidence.looks[design], trace.rows("account")
        line = {"color": look.colour, "dash": look.dash, "width": 2}
        _curve(figure, rows[rows["moment"] == "end"], f"end, {design}", line)
    figure.add_vline(
        x=1,
        line={"color": GREY, "width": 1, "dash": "dash"},
        annotation={"text": "liquidation below 1", "font": {"color": GREY}, "textangle": -90},
        annotation_position="top left",
    )
    figure.update_xaxes(title="health factor", range=[LOW, HIGH])
    figure.update_yaxes(title="debt at or below it [USD]", tickformat="~s", rangemode="tozero")
    reading = (
        "The curve's height at 1.25 is the debt that is a fall of 20% away from liquidation. Lower "
        "at the end than at the start: debt was repaid or liquidated; further left: what is left "
        f"is less safe. Seed {evidence.seed}; accounts without debt are not in it."
    )
    return Figure("health", _title(evidence), reading, figure)


def _curve(figure: go.Figure, rows: pd.DataFrame, name: str, line: dict[str, object]) -> None:
    owing = rows.dropna(subset=["health"]).sort_values("health", kind="stable")
    within = owing["health"] <= HIGH
    x = np.concatenate([[LOW], owing["health"][within].clip(lower=LOW), [HIGH]])
    y = np.concatenate([[0.0], owing["debt"][within].cumsum(), [owing["debt"][within].sum()]])
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={**line, "shape": "hv"},
        hovertemplate=f"{name}: %{{y:.4s}} USD at or below %{{x:.2f}}<extra></extra>",
    )


def _title(evidence: Evidence) -> str:
    first = next(iter(evidence.traces.values()))
    ends = [f"{d} {compact(_below(t, 'end'))}" for d, t in evidence.traces.items()]
    return (
        f"Debt below a health factor of {MARK}: {compact(_below(first, 'start'))} USD at the "
        f"start; at the end {', '.join(ends)}."
    )


def _below(trace: Trace, moment: str) -> float:
    rows = trace.rows("account")
    return float(rows[(rows["moment"] == moment) & (rows["health"] < MARK)]["debt"].sum())

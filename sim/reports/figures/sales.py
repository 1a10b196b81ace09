"""Prices of auctions and takes against the market."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sim.metrics.series import sale_starts, takes
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import GREY, INK, Look, hours, panels, place, say
from sim.trace import Trace

COLUMNS = 2
PATHS = 60  # more lines would hide each other


def sales(evidence: Evidence) -> Figure:
    """Each sale as a share of the venue's price of its moment, a panel for each design."""
    figure = panels(list(evidence.traces), COLUMNS, shared_yaxes="all", shared_xaxes="all")
    for index, (design, trace) in enumerate(evidence.traces.items()):
        _draw(figure, trace, evidence.looks[design], place(index, COLUMNS))
    _legend(figure)
    figure.update_xaxes(showticklabels=True)
    last = range(max(0, len(evidence.traces) - COLUMNS), len(evidence.traces))
    for index in last:
        figure.update_xaxes(title="hours since the start", **place(index, COLUMNS))
    figure.update_yaxes(title="% of the market price", ticksuffix=" %", col=1)
    reading = (
        "The line at 100% is the market: a dot below it is a bargain for the taker and a loss for "
        "the borrower; larger dots sold more. Grey lines lead from an auction's start to a take "
        f"(some of them). Seed {evidence.seed}."
    )
    return Figure("sales", _title(evidence), reading, figure)


def _draw(figure: go.Figure, trace: Trace, look: Look, where: dict[str, int]) -> None:
    sold, started = takes(trace), sale_starts(trace)
    if sold.empty and started.empty:
        say(figure, "nothing was sold", **where)
        return
    if started.empty:
        _remark(figure, "sold at once, without an auction", where)
    if sold.empty:
        _remark(figure, "no auction found a taker", where)
    _paths(figure, sold, started, where)
    if not started.empty:
        _dots(figure, started, {"symbol": "line-ew-open", "size": 6, "color": GREY}, "start", where)
    if not sold.empty:
        size = 3 + 11 * (sold["value"] / sold["value"].max()) ** 0.5
        marker = {"symbol": look.mark, "size": size, "color": look.colour, "opacity": 0.5}
        _dots(figure, sold, {**marker, "line": {"color": "white", "width": 0.5}}, "take", where)
    figure.add_hline(y=100, line={"color": INK, "width": 1.5}, **where)


def _dots(
    figure: go.Figure, rows: pd.DataFrame, marker: dict[str, Any], what: str, where: dict[str, int]
) -> None:
    figure.add_scatter(
        x=hours(rows["time_s"]),
        y=_share(rows),
        mode="markers",
        marker=marker,
        showlegend=False,
        customdata=rows[["price", "venue"]],
        hovertemplate=what
        + " at %{customdata[0]:.2f} USD, market %{customdata[1]:.2f}, %{x:.2f} h<extra></extra>",
        **where,
    )


def _paths(
    figure: go.Figure, sold: pd.DataFrame, started: pd.DataFrame, where: dict[str, int]
) -> None:
    """A line from the latest start of an auction to a take, for some evenly spread takes."""
    pairs = _pairs(sold, started)
    pairs = pairs.iloc[:: max(1, len(pairs) // PATHS)]
    x: list[float | None] = []
    y: list[float | None] = []
    for pair in pairs.itertuples():
        x += [pair.started_s / 3600, pair.time_s / 3600, None]
        y += [pair.start_share, pair.share, None]
    line = {"color": GREY, "width": 0.8}
    figure.add_scatter(
        x=x, y=y, mode="lines", line=line, opacity=0.7, showlegend=False, hoverinfo="skip", **where
    )


def _pairs(sold: pd.DataFrame, started: pd.DataFrame) -> pd.DataFrame:
    left = sold[["time_s", "account"]].assign(share=_share(sold))
    right = started[["time_s", "account"]].assign(start_share=_share(started))
    right["started_s"] = right["time_s"]
    if left.empty or right.empty:
        return pd.DataFrame(columns=["time_s", "started_s", "share", "start_share"])
    return pd.merge_asof(left, right, on="time_s", by="account").dropna()


def _share(rows: pd.DataFrame) -> pd.Series:
    return 100 * rows["price"] / rows["venue"]


def _remark(figure: go.Figure, text: str, where: dict[str, int]) -> None:
    figure.add_annotation(
        text=text,
        x=0.02,
        y=0.03,
        xref="x domain",
        yref="y domain",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"color": GREY, "size": 13},
        **where,
    )


def _legend(figure: go.Figure) -> None:
    """Entries that stand for all panels."""
    entries = (
        ("market (venue)", {"mode": "lines", "line": {"color": INK, "width": 1.5}}),
        ("take", {"mode": "markers", "marker": {"color": GREY, "size": 10}}),
        ("start of an auction", _ends({"symbol": "line-ew-open", "size": 8, "color": GREY})),
    )
    for name, how in entries:
        figure.add_scatter(x=[None], y=[None], name=name, row=1, col=1, **how)


def _ends(marker: dict[str, Any]) -> dict[str, Any]:
    return {"mode": "lines+markers", "marker": marker, "line": {"color": GREY, "width": 0.6}}


def _title(evidence: Evidence) -> str:
    discount = evidence.of_run("sale_discount_pct")
    parts = [f"{100 - d:.1f}% under {name}" for name, d in discount.items() if d is not None]
    if not parts:
        return "Nothing was sold, so there are no prices to compare."
    return f"Takers paid on average {', '.join(parts)} of the market price."

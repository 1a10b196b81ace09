"""What gas cost, and whether those who had to wait for a block left bad debt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sim.metrics import compact, show
from sim.metrics.inclusion import first_liquidations
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import Look, hours, panels, say, thin
from sim.trace import Trace
from sim.units import GWEI

SOON = 16  # blocks
TITLES = (
    "Base fee, by hours since the start",
    "Bad debt of an account against its wait for a liquidation",
)


def inclusion(evidence: Evidence) -> Figure:
    """Base fees over time above, and accounts by wait and bad debt below; all designs in each."""
    figure = panels(TITLES, 1)
    waits = {design: first_liquidations(trace) for design, trace in evidence.traces.items()}
    for design, trace in evidence.traces.items():
        _base_fee(figure, trace, design, evidence.looks[design])
    for design, spells in waits.items():
        _accounts(figure, spells, design, evidence.looks[design])
    if not any(len(_included(spells)) for spells in waits.values()):
        say(figure, "no account was liquidated", row=2, col=1)
    figure.update_yaxes(title="gwei", type="log", dtick="D2", row=1)
    blocks = "1 + blocks of 12 s from liquidatable to liquidated"
    figure.update_xaxes(title=blocks, type="log", row=2)
    figure.update_yaxes(title="bad debt, USD", rangemode="tozero", row=2)
    reading = (
        "Above, the price of block space, which others on the chain push up as they panic. Below, "
        "a dot is a spell of one account: at 1 its sale began or was taken in the first block in "
        f"which it could be; dots on the ground left no bad debt. Seed {evidence.seed}."
    )
    return Figure("inclusion", _title(evidence, waits), reading, figure)


def _base_fee(figure: go.Figure, trace: Trace, design: str, look: Look) -> None:
    steps = thin(trace.rows("block"), "base_fee")
    figure.add_scatter(
        x=hours(steps["time_s"]),
        y=steps["base_fee"] / GWEI,
        mode="lines",
        line={"color": look.colour, "dash": look.dash, "width": 1.2},
        name=design,
        legendgroup=design,
        hovertemplate=f"{design} %{{y:.0f}} gwei at %{{x:.2f}} h<extra></extra>",
        row=1,
        col=1,
    )


def _accounts(figure: go.Figure, spells: pd.DataFrame, design: str, look: Look) -> None:
    there = _included(spells)
    figure.add_scatter(
        x=1 + there["blocks"],
        y=there["bad_debt"],
        mode="markers",
        marker={"color": look.colour, "symbol": look.mark, "size": 7, "opacity": 0.5},
        name=design,
        legendgroup=design,
        showlegend=False,
        customdata=there[["debt", "blocks"]],
        hovertemplate="debt %{customdata[0]:,.0f} USD, waited %{customdata[1]:.0f} blocks, "
        f"left %{{y:,.0f}} USD under {design}<extra></extra>",
        row=2,
        col=1,
    )


def _included(spells: pd.DataFrame) -> pd.DataFrame:
    return spells[spells["blocks"].notna()]


def _title(evidence: Evidence, waits: dict[str, pd.DataFrame]) -> str:
    peaks = evidence.of_run("base_fee_peak_gwei")
    gas = f"Gas cost up to {show(max(p for p in peaks.values() if p is not None), 'gwei')} gwei"
    said = [f"{_shares(spells)} under {design}" for design, spells in waits.items()]
    if not any(len(_included(spells)) for spells in waits.values()):
        return f"{gas}; no account was liquidated."
    return f"{gas}. Bad debt by wait for a block: {'; '.join(said)}."


def _shares(spells: pd.DataFrame) -> str:
    """Bad debt of those who were in soon, and of all others."""
    there = _included(spells)
    soon = there["blocks"] <= SOON
    left = [compact(float(np.sum(there["bad_debt"][part]))) for part in (soon, ~soon)]
    return f"{left[0]} USD within {SOON} blocks, {left[1]} later"

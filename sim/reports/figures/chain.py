"""What the breakers and the block space did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sim.metrics import show
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import COLOURS, GREY, INK, hours, panels

BINS = 180
HALTS = (
    ("halted_liquidate", "liquidation halted", INK, 130),
    ("halted_borrow", "borrowing halted", COLOURS[1], 119),
    ("halted_withdraw", "withdrawing halted", COLOURS[5], 108),
)


def chain(evidence: Evidence) -> Figure:
    """Block fullness as an area and halts as bars above it, a panel for each design."""
    figure = panels(list(evidence.traces), 1, panel_px=130, shared_xaxes="all")
    for row, trace in enumerate(evidence.traces.values(), start=1):
        steps = trace.rows("block")
        _fullness(figure, steps, row)
        _halts(figure, steps, row)
        if not trace.manifest["design"]["breakers"]:
            _remark(figure, row)
    figure.update_yaxes(range=[0, 138], tickvals=[0, 50, 100], title="gas, % of limit")
    figure.update_xaxes(title="hours since the start", row=len(evidence.traces))
    reading = (
        "The dark area is the mean use of block space in a slice of time, by others on the chain "
        "too, the pale one the peak; close to 100% someone had to wait. A bar above is a halt of "
        "what its colour says. "
        f"Seed {evidence.seed}."
    )
    return Figure("chain", _title(evidence), reading, figure)


def _fullness(figure: go.Figure, steps: pd.DataFrame, row: int) -> None:
    slices = pd.DataFrame(
        {
            "slice": np.arange(len(steps)) * BINS // len(steps),
            "hour": hours(steps["time_s"]),
            "use": 100 * (steps["gas_used"] + steps["others_gas"]) / steps["gas_limit"],
        }
    )
    grouped = slices.groupby("slice")
    x = grouped["hour"].first()
    fills = (("peak", grouped["use"].max(), "#cfcfcf"), ("mean", grouped["use"].mean(), "#8c8c8c"))
    for name, use, colour in fills:
        figure.add_scatter(
            x=x,
            y=use,
            mode="lines",
            line={"width": 0, "shape": "hv"},
            fill="tozeroy",
            fillcolor=colour,
            name=f"gas, {name}",
            legendgroup=name,
            showlegend=row == 1,
            hovertemplate=f"{name} %{{y:.0f}}% at %{{x:.1f}} h<extra></extra>",
            row=row,
            col=1,
        )


def _halts(figure: go.Figure, steps: pd.DataFrame, row: int) -> None:
    for column, name, colour, height in HALTS:
        x: list[float | None] = []
        for begin, end in spans(steps, column):
            x += [begin / 3600, end / 3600, None]
        figure.add_scatter(
            x=x or [None],
            y=[height if v is not None else None for v in x] or [None],
            mode="lines",
            line={"color": colour, "width": 6},
            name=name,
            legendgroup=column,
            showlegend=row == 1,
            hovertemplate=f"{name} %{{x:.2f}} h<extra></extra>",
            row=row,
            col=1,
        )


def spans(steps: pd.DataFrame, column: str) -> list[tuple[int, int]]:
    """Begin and end [s] of each stretch in which the column is true; it lasts to the next step."""
    on = steps[column].fillna(False).astype(bool).to_numpy()
    times = steps["time_s"].to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]])))
    ends = np.append(times[1:], times[-1])
    return [(int(times[a]), int(ends[b - 1])) for a, b in edges.reshape(-1, 2)]


def _remark(figure: go.Figure, row: int) -> None:
    figure.add_annotation(
        text="this design has no breaker",
        x=0.01,
        y=119,
        xref="x domain",
        xanchor="left",
        showarrow=False,
        font={"color": GREY, "size": 12},
        row=row,
        col=1,
    )


def _title(evidence: Evidence) -> str:
    full, halted = evidence.of_run("blocks_full"), evidence.of_run("halted_seconds")
    blocks = ", ".join(f"{show(n, 'blocks')} under {d}" for d, n in full.items())
    halts = [f"{show(s / 60, 's')} min under {d}" for d, s in halted.items() if s]
    halt = (
        f"Liquidation was halted for {', '.join(halts)}."
        if halts
        else "Liquidation was never halted."
    )
    return f"Blocks that were full: {blocks}. {halt}"

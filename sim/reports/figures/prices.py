"""The four prices of a run."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from sim.metrics import show
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import COLOURS, GREY, INK, hours, panels, thin

VISIBLE = 0.05  # [%]: less rounds to nothing
LINES = (
    ("oracle", "oracle", {"color": GREY, "width": 1.3, "shape": "hv", "dash": "dash"}),
    ("venue", "off-chain venue", {"color": COLOURS[5], "width": 2}),
    ("pool", "Uniswap pool", {"color": COLOURS[1], "width": 1.2}),
    ("fundamental", "fundamental", {"color": INK, "width": 1.3, "dash": "dot"}),
)


def prices(evidence: Evidence) -> Figure:
    """A row for each design: the prices, and their distance from the fundamental one."""
    titles = [t for d in evidence.traces for t in (d, f"{d}: distance from the fundamental price")]
    figure = panels(titles, 2, panel_px=150, shared_xaxes="all")
    for row, trace in enumerate(evidence.traces.values(), start=1):
        steps = trace.rows("block")
        for column, name, line in LINES:
            _line(figure, steps, column, row, 1, line=line, name=name, showlegend=row == 1)
            if column != "fundamental":
                gap = steps.assign(**{column: 100 * (steps[column] / steps["fundamental"] - 1)})
                _line(figure, gap, column, row, 2, line=line, showlegend=False)
        figure.add_hline(y=0, line={"color": INK, "width": 1.3, "dash": "dot"}, row=row, col=2)
    figure.update_xaxes(title="hours since the start", row=len(evidence.traces))
    figure.update_yaxes(title="USD per token", col=1)
    figure.update_yaxes(ticksuffix=" %", matches="y2", col=2)
    reading = (
        "Where pool or venue lies below the dotted line, selling pushed the price below what the "
        "market was worth; where the oracle lies above them, the protocol saw the fall too late. "
        f"The fundamental price is the one without anybody's impact. Seed {evidence.seed}."
    )
    return Figure("prices", _title(evidence), reading, figure)


def _line(
    figure: go.Figure, steps: pd.DataFrame, column: str, row: int, col: int, **look: object
) -> None:
    points = thin(steps, column)
    unit = "USD" if col == 1 else "%"
    figure.add_scatter(
        x=hours(points["time_s"]),
        y=points[column],
        mode="lines",
        legendgroup=column,
        hovertemplate=f"{column} %{{y:.2f}} {unit} at %{{x:.2f}} h<extra></extra>",
        row=row,
        col=col,
        **look,
    )


def _title(evidence: Evidence) -> str:
    overshoot = {d: v for d, v in evidence.of_run("overshoot_pct").items() if v is not None}
    worst, best = (
        max(overshoot, key=overshoot.__getitem__),
        min(overshoot, key=overshoot.__getitem__),
    )
    trough = show(evidence.of_run("fundamental_trough")[worst], "USD/token")
    if overshoot[worst] <= VISIBLE:
        return f"No design pushed the price below the fundamental trough of {trough} USD."
    first = (
        f"Under {worst} the price fell {overshoot[worst]:.1f}% below the fundamental trough of "
        f"{trough} USD"
    )
    if best == worst:
        return f"{first}."
    depth = f"{overshoot[best]:.1f}% below it" if overshoot[best] > VISIBLE else "no lower than it"
    return f"{first}, under {best} {depth}."

"""What a fall of the price would make liquidatable, and what the pool would pay for it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.metrics import compact
from sim.metrics.risk import Floats, at_risk
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import GREY, INK, panels
from sim.trace import Trace

FALLS = np.arange(0, 0.501, 0.01)
MARK = 0.2  # the fall that the title speaks of
LEAST_USD = 1e4  # where the axis begins
MOMENTS = ("start", "end")


def risk(evidence: Evidence) -> Figure:
    """Debt at risk and the pool's depth against the fall, before and after."""
    figure = panels([f"at the {moment}" for moment in MOMENTS], 2, 330, shared_yaxes=True)
    first = next(iter(evidence.traces.values()))
    _curves(figure, 1, first, "start", "every design", INK, "solid")
    for design, trace in evidence.traces.items():
        look = evidence.looks[design]
        _curves(figure, 2, trace, "end", design, look.colour, look.dash)
    figure.add_scatter(
        x=[None], y=[None], name="thin: the pool's depth", mode="lines", line=_thin(GREY)
    )
    figure.update_xaxes(title="fall of the price", tickformat=".0%", range=[0, FALLS[-1]])
    bounds = [np.log10(LEAST_USD), _top(evidence)]
    figure.update_yaxes(type="log", range=bounds, tickformat="~s", dtick=1)
    figure.update_yaxes(title="USD", col=1)
    reading = (
        "Thick: debt whose health factor would be below 1 after the fall. Thin: what the pool pays "
        "for collateral until its own price has fallen as far. Where thick is above thin, the pool "
        "can't take the sales without falling further, which puts more debt at risk. The scale is "
        f"logarithmic and begins at {LEAST_USD:,.0f} USD. Seed {evidence.seed}."
    )
    return Figure("risk", _title(evidence), reading, figure)


def _curves(
    figure: go.Figure, col: int, trace: Trace, moment: str, name: str, colour: str, dash: str
) -> None:
    debt, fall, depth = _at_risk(trace, moment, FALLS), *_depth(trace, moment)
    shared = {"mode": "lines", "legendgroup": name, "row": 1, "col": col}
    figure.add_scatter(
        x=FALLS,
        y=_shown(debt),
        name=f"{moment}, {name}",
        line={"color": colour, "dash": dash, "width": 2.5},
        hovertemplate=f"{name}: %{{y:.4s}} USD at risk at -%{{x:.0%}}<extra></extra>",
        **shared,
    )
    figure.add_scatter(
        x=fall,
        y=_shown(depth),
        line=_thin(colour),
        showlegend=False,
        hovertemplate=f"{name}: the pool pays %{{y:.4s}} USD down to -%{{x:.0%}}<extra></extra>",
        **shared,
    )


def _thin(colour: str) -> dict[str, object]:
    return {"color": colour, "dash": "dot", "width": 1.25}


def _shown(usd: Floats) -> list[float | None]:
    """A logarithmic axis has no place for less."""
    return [float(value) if value >= LEAST_USD else None for value in usd]


def _at_risk(trace: Trace, moment: str, falls: Floats) -> Floats:
    rows = trace.rows("account")
    owing = rows[rows["moment"] == moment].dropna(subset=["health"])
    return at_risk(owing["debt"].to_numpy(), owing["health"].to_numpy(), falls)


def _depth(trace: Trace, moment: str) -> tuple[Floats, Floats]:
    """Falls and USD."""
    rows = trace.rows("depth")
    rows = rows[rows["moment"] == moment]
    return rows["drop"].to_numpy(), rows["usd"].to_numpy()


def _top(evidence: Evidence) -> float:
    """Of the axis, as a power of ten."""
    ends = [_at_risk(t, m, FALLS).max() for t in evidence.traces.values() for m in MOMENTS]
    depths = [_depth(t, m)[1].max(initial=0) for t in evidence.traces.values() for m in MOMENTS]
    return float(np.log10(max(*ends, *depths, 10 * LEAST_USD) * 1.5))


def _title(evidence: Evidence) -> str:
    first = next(iter(evidence.traces.values()))
    ends = [f"{d} {_of_mark(t, 'end')}" for d, t in evidence.traces.items()]
    return (
        f"Debt that a fall of {MARK:.0%} puts at risk, and what the pool pays until then: "
        f"{_of_mark(first, 'start')} USD at the start; at the end {', '.join(ends)}."
    )


def _of_mark(trace: Trace, moment: str) -> str:
    (debt,) = _at_risk(trace, moment, np.array([MARK]))
    fall, depth = _depth(trace, moment)
    paid = float(np.interp(MARK, fall, depth)) if len(fall) else 0.0
    return f"{compact(float(debt))} and {compact(paid)}"

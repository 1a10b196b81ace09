"""Eligible, executed and bad debt over time, and what stands in auctions in between."""

from __future__ import annotations

from sim.metrics import compact
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import hours, panels, thin

PANELS = (
    ("eligible_debt", "eligible: could be liquidated at that moment"),
    ("debt_in_sale", "in sale: taken into auctions and not yet paid"),
    ("executed_debt", "executed: repaid by liquidations since the start"),
    ("bad_debt", "bad: written off since the start"),
)


def debts(evidence: Evidence) -> Figure:
    """A panel for each of the numbers that are never mixed, a line for each design."""
    shown = [(c, t) for c, t in PANELS if c != "debt_in_sale" or _any(evidence, c)]
    figure = panels([title for _, title in shown], 1, panel_px=165, shared_xaxes="all")
    for design, trace in evidence.traces.items():
        look = evidence.looks[design]
        steps = trace.rows("block")
        for row, (column, _) in enumerate(shown, start=1):
            points = thin(steps, column)
            figure.add_scatter(
                x=hours(points["time_s"]),
                y=points[column],
                mode="lines",
                name=design,
                legendgroup=design,
                showlegend=row == 1,
                line={"color": look.colour, "dash": look.dash, "width": 2},
                hovertemplate=f"{design}: %{{y:.4s}} USD at %{{x:.2f}} h<extra></extra>",
                row=row,
                col=1,
            )
    figure.update_yaxes(title="USD", tickformat="~s", rangemode="tozero")
    figure.update_xaxes(title="hours since the start", row=len(shown))
    reading = (
        "High and long hills in the first panel are debt that waited for liquidators; steps in the "
        f"last one are losses. The scales differ. Seed {evidence.seed}."
    )
    return Figure("debts", _title(evidence), reading, figure)


def _any(evidence: Evidence, column: str) -> bool:
    return any(bool(trace.rows("block")[column].any()) for trace in evidence.traces.values())


def _title(evidence: Evidence) -> str:
    bad = {d: v or 0.0 for d, v in evidence.of_run("bad_debt_usd").items()}
    worst, best = max(bad, key=bad.__getitem__), min(bad, key=bad.__getitem__)
    waiting = {d: float(t.rows("block")["eligible_debt"].max()) for d, t in evidence.traces.items()}
    slowest = max(waiting, key=waiting.__getitem__)
    return f"{_bad(worst, best, bad)}; {_waiting(slowest, waiting[slowest])}."


def _bad(worst: str, best: str, bad: dict[str, float]) -> str:
    if not bad[worst]:
        return "No debt turned bad"
    other = f" and {compact(bad[best])} under {best}" if best != worst else ""
    return f"Bad debt reached {compact(bad[worst])} USD under {worst}{other}"


def _waiting(design: str, debt: float) -> str:
    if not debt:
        return "no debt ever waited for liquidation"
    return f"most debt waited for liquidation under {design}, {compact(debt)} USD at once"

"""The fall with everything on, and with one thing off."""

from __future__ import annotations

from sim.reports.amplification import NOTE, sentence
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import bar, panels

GROUPS = {
    "fall of the venue's price": {
        "as it was": "fall_pct",
        "without impact": "fall_without_impact_pct",
    },
    "part of the fall owed to": {
        "liquidations": "owed_to_liquidations_pct",
        "panic": "owed_to_panic_pct",
        "withdrawal": "owed_to_withdrawal_pct",
    },
}


def amplification(evidence: Evidence) -> Figure | None:
    """Falls by design, and the parts of them that go with one thing off; None when left out."""
    results = evidence.results
    if not results.amplification:
        return None
    figure = panels(list(GROUPS), 2, panel_px=260)
    for col, names in enumerate(GROUPS.values(), start=1):
        for design, look in evidence.looks.items():
            cells = [results.amplification[design][name] for name in names.values()]
            figure.add_bar(
                x=list(names),
                y=[cell["mean"] for cell in cells],
                error_y={"type": "data", "array": [_half(cell["interval_95"]) for cell in cells]},
                name=design,
                legendgroup=design,
                showlegend=col == 1,
                marker=bar(look),
                hovertemplate=f"{design}, %{{x}}: %{{y:.1f}}%<extra></extra>",
                row=1,
                col=col,
            )
    figure.update_yaxes(ticksuffix=" %", title="mean over seeds")
    figure.update_xaxes(title="impact on and off", col=1)
    figure.update_xaxes(title="each off alone", col=2)
    figure.update_layout(barmode="group")
    return Figure("amplification", sentence(results), NOTE, figure)


def _half(interval: list[float] | None) -> float:
    return (interval[1] - interval[0]) / 2 if interval else 0.0

"""The ledger by role: who paid and who earned."""

from __future__ import annotations

from statistics import fmean

from sim.metrics import compact
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import GREY, bar, panels
from sim.trace import ROLES

BAR_PX = 15
Means = dict[str, dict[str, float]]  # by design and role [USD]


def payers(evidence: Evidence) -> Figure:
    """Bars by role, one for each design, in USD at the final mark."""
    means = _means(evidence)
    shown = [r for r in ROLES if any(abs(roles[r]) >= 0.5 for roles in means.values())]
    labels = [r.replace("_", " ") for r in shown]
    figure = panels([""], 1, panel_px=60 + len(shown) * (BAR_PX * len(means) + 12))
    for design, roles in means.items():
        values = [roles[r] for r in shown]
        figure.add_bar(
            y=labels,
            x=values,
            orientation="h",
            name=design,
            marker=bar(evidence.looks[design]),
            text=[compact(v) for v in values],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertemplate=f"{design}, %{{y}}: %{{x:,.0f}} USD<extra></extra>",
        )
    figure.update_xaxes(
        title="USD, paid (left) and earned (right)", tickformat="~s", **_room(means)
    )
    figure.update_yaxes(autorange="reversed", ticks="")
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    reading = (
        "Every token that moved is on one side or the other, valued at the final mark, so each "
        "design's bars sum to zero. Mean over seeds; bars of a role stand in the legend's order."
    )
    return Figure("payers", _title(means), reading, figure)


def _means(evidence: Evidence) -> Means:
    results = evidence.results
    return {
        design: {
            role: fmean(
                float(run["ledger"]["value_usd"].get(role, 0.0))
                for run in results.runs
                if run["design"] == design
            )
            for role in ROLES
        }
        for design in results.designs
    }


def _room(means: Means) -> dict[str, list[float]]:
    """The axis reaches past the longest bars by what their labels need."""
    values = [v for roles in means.values() for v in roles.values()]
    low, high = min(0.0, *values), max(0.0, *values)
    pad = 0.12 * ((high - low) or 1.0)
    return {"range": [low - pad, high + pad]}


def _title(means: Means) -> str:
    by_role: dict[str, list[str]] = {}
    for design, roles in means.items():
        payer = min(roles, key=roles.__getitem__)
        if roles[payer] < -0.5:
            paid = f"{compact(-roles[payer])} USD under {design}"
            by_role.setdefault(payer.replace("_", " "), []).append(paid)
    if not by_role:
        return "Nobody paid anything."
    texts = [f"{role} ({', '.join(paid)})" for role, paid in by_role.items()]
    return f"Who paid most: {'; '.join(texts)}."

"""How lenders left: the queue, what it cost by order of leaving, and the race against theory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from sim.metrics import show
from sim.metrics.exits import leavers, race_of, utilisation
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import GREY, INK, Look, hours, panels, say, thin
from sim.trace import Trace

TITLES = "lent part of the market", "loss by order of leaving", "who ran, by the market's strength"
NOTHING = 0.005  # [%]: less rounds to nothing


def exits(evidence: Evidence) -> Figure:
    """Utilisation in time and losses by order of leaving; where lenders race, who ran when."""
    races = {d: t for d, t in evidence.traces.items() if race_of(t) is not None}
    titles = TITLES if races else TITLES[:2]
    figure = panels(titles, len(titles), panel_px=300)
    for design, trace in evidence.traces.items():
        _queue(figure, design, trace, evidence.looks[design])
        _losses(figure, design, trace, evidence.looks[design])
    if not any(len(trace.rows("claim")) for trace in evidence.traces.values()):
        say(figure, "nobody lent", 1, 2)
    figure.update_xaxes(title="hours since the start", row=1, col=1)
    figure.update_yaxes(title="%, 100: nobody can leave", row=1, col=1)
    figure.update_xaxes(title="% of the claims, the first to leave on the left", row=1, col=2)
    figure.update_yaxes(title="lost, % of the own claim", row=1, col=2)
    if races:
        _race(figure, races, evidence.looks)
    reading = (
        "Left: at 100% lenders queue for cash that others bring back. Right of it: each step is a "
        "lender; whoever stayed to the end stands on the right and carries the bad debt."
    )
    if races:
        reading += (
            " On the right each mark is a round of private signals, larger the more saw one; on "
            "the line runs whom the theory of global games says, and the market fails left of "
            "theta*, where together nobody would have left before a strength of 0."
        )
    return Figure("exits", _title(evidence), f"{reading} Seed {evidence.seed}.", figure)


def _queue(figure: go.Figure, design: str, trace: Trace, look: Look) -> None:
    steps = trace.rows("block")
    points = thin(steps.assign(lent=100 * utilisation(trace)), "lent")
    figure.add_scatter(
        x=hours(points["time_s"]),
        y=points["lent"],
        mode="lines",
        line={"color": look.colour, "dash": look.dash, "width": 1.6},
        name=design,
        legendgroup=design,
        hovertemplate=f"{design}: %{{y:.1f}}% lent at %{{x:.2f}} h<extra></extra>",
        row=1,
        col=1,
    )


def _losses(figure: go.Figure, design: str, trace: Trace, look: Look) -> None:
    if trace.rows("claim").empty:
        return
    found = leavers(trace)
    found = found[found["start"] > 0]
    place = 100 * found["start"].cumsum() / found["start"].sum()
    loss = 100 * found["loss"] / found["start"]
    figure.add_scatter(
        x=[0.0, *place],
        y=[loss.iloc[0], *loss],
        mode="lines",
        line={"color": look.colour, "dash": look.dash, "width": 1.6, "shape": "vh"},
        name=design,
        legendgroup=design,
        showlegend=False,
        hovertemplate=f"{design}: lost %{{y:.3f}}% up to %{{x:.0f}}% of claims<extra></extra>",
        row=1,
        col=2,
    )


def _race(figure: go.Figure, races: Mapping[str, Trace], looks: Mapping[str, Look]) -> None:
    """Marks of rounds on the line of the closed form."""
    for design, trace in races.items():
        rounds = trace.rows("race")
        figure.add_scatter(
            x=rounds["strength"],
            y=100 * rounds["ran"] / rounds["inside"],
            mode="markers",
            marker={
                "color": looks[design].colour,
                "symbol": looks[design].mark,
                "size": 6 + 8 * rounds["inside"] / rounds["inside"].iloc[0],
                "opacity": 0.7,
            },
            name=design,
            legendgroup=design,
            showlegend=False,
            customdata=rounds["inside"],
            hovertemplate=f"{design}: %{{y:.0f}}% of %{{customdata}} ran at %{{x:.2f}}"
            "<extra></extra>",
            row=1,
            col=3,
        )
    race = race_of(next(iter(races.values())))
    assert race is not None, "only traces with a race come here"
    seen = np.concatenate([t.rows("race")["strength"].to_numpy() for t in races.values()])
    grid = np.linspace(min(0.0, seen.min()), max(seen.max(), race.cutoff + race.noise), 201)
    figure.add_scatter(
        x=grid,
        y=100 * race.share_leaving(grid),
        mode="lines",
        line={"color": INK, "width": 1.2, "dash": "dot"},
        name="theory",
        row=1,
        col=3,
    )
    figure.add_vline(
        x=race.threshold,
        line={"color": GREY, "width": 1, "dash": "dash"},
        annotation={"text": "theta*", "font": {"color": GREY}},
        row=1,
        col=3,
    )
    figure.update_xaxes(title="share of the claims that could be paid", row=1, col=3)
    figure.update_yaxes(title="ran, % of those still in", row=1, col=3)


def _title(evidence: Evidence) -> str:
    out = {d: v for d, v in evidence.of_run("claims_withdrawn_pct").items() if v is not None}
    parts = [_withdrawn(evidence, out)]
    ran = {d: v for d, v in evidence.of_run("race_ran_pct").items() if v is not None}
    if ran:
        said = [f"{show(v, '%')}% under {d}" for d, v in ran.items()]
        together = evidence.of_run("race_coordinated_pct")
        theory = evidence.of_run("race_predicted_pct")
        parts.append(
            f"Of those who raced ran {', '.join(said)}; in theory "
            f"{_listed(theory, ran)}, together {_listed(together, ran)} would have"
        )
    return ". ".join(parts) + "."


def _withdrawn(evidence: Evidence, out: Mapping[str, float]) -> str:
    if max(out.values(), default=0.0) < NOTHING:
        return "Lenders withdrew nothing"
    stayed = evidence.of_run("stayer_loss_pct")
    said = [
        f"{show(v, '%')}% of their claims under {d} ({_lost(stayed[d])})" for d, v in out.items()
    ]
    return f"Lenders withdrew {', '.join(said)}"


def _lost(loss: float | None) -> str:
    if loss is None:
        return "nobody stayed"
    if loss < NOTHING:
        return "who stayed lost nothing"
    return f"who stayed lost {show(loss, '%')}%"


def _listed(values: Mapping[str, float | None], designs: Mapping[str, float]) -> str:
    """Values of these designs, once where they are all the same."""
    texts = [f"{show(values[d], '%')}%" for d in designs]
    return texts[0] if len(set(texts)) == 1 else ", ".join(texts)

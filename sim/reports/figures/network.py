"""The network of markets: who sold to whom, whose loss came from where, and who sets off whom."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from sim.contagion import Contagion
from sim.metrics import compact
from sim.reports.contagion import sentence
from sim.reports.figures.base import Evidence, Figure
from sim.reports.style import COLOURS, FONT, GREY, INK, panels

Edge = tuple[str, str]
LEAST = 0.02  # of the largest flow: less is not drawn
WIDEST_PX = 9
PLACES = {"borrowers": 0.0, "lenders": 0.0, "reserve": 0.0, "keepers": 1.0, "pool": 2.0}
FAR = {"venue": 3.8, "panic": 1.0, "noise": 3.8, "arbitrageurs": 3.0, "liquidity": 2.0}


def network(evidence: Evidence) -> Figure | None:
    """Nodes and arrows of the first design, means over seeds; None without a network."""
    runs = _connected(evidence)
    if not runs:
        return None
    flows = _drawn(_mean(runs, "flows", ("seller", "buyer")))
    losses = _drawn(_mean(runs, "losses", ("loser", "gainer")))
    at = _places({node for edge in (*flows, *losses) for node in edge})
    figure = panels([""], 1, panel_px=max(360, 62 * _rows(at)))
    _arrows(figure, flows, at, COLOURS[0], "sold to (collateral, USD)", bend=0.06)
    _arrows(figure, losses, at, COLOURS[1], "lost to (USD)", bend=-0.10)
    _nodes(figure, at)
    figure.update_xaxes(visible=False, range=[-0.5, 4.3])
    figure.update_yaxes(visible=False)
    design = evidence.results.designs[0]
    reading = (
        "Arrows run from who sold collateral to who bought it, and from who lost to who gained by "
        "liquidations; the wider, the more. Mean over seeds under the first design; less than "
        "two hundredths of the largest is left out."
    )
    return Figure("network", _title(losses, design), reading, figure)


def contagion(evidence: Evidence) -> Figure | None:
    """The matrix as a heat map; None where it was not measured on these runs."""
    found = Contagion.of(evidence.results)
    if found is None:
        return None
    markets = list(found.markets)
    figure = panels(["set off in the next round", "liquidated in all"], 2, panel_px=260)
    none = tuple((None,) * len(markets) for _ in markets)
    shown = ((found.matrix, found.matrix_error or none), (found.response, none))
    for col, (matrix, errors) in enumerate(shown, start=1):
        figure.add_heatmap(
            x=markets,
            y=markets,
            z=[list(row) for row in matrix],
            text=[list(map(_with_error, *rows)) for rows in zip(matrix, errors, strict=True)],
            texttemplate="%{text}",
            colorscale="Blues",
            zmin=0,
            showscale=False,
            hovertemplate="a USD in %{x} sets off %{z:.3f} USD in %{y}<extra></extra>",
            row=1,
            col=col,
        )
    figure.update_xaxes(title="market that was shocked", type="category")
    figure.update_yaxes(title="market that feels it", type="category", autorange="reversed")
    reading = (
        f"USD liquidated for a USD that a shock makes liquidatable: the health factors of one "
        f"market lower by {100 * found.shock:g}%, mean over {len(found.seeds)} seeds. Left the "
        "contagion matrix G, right the response R = 1 + G + G x G + ...; the radius is G's, "
        "± one standard error by jackknife over seeds."
    )
    return Figure("contagion", sentence(found), reading, figure)


def _with_error(value: float, error: float | None) -> str:
    return f"{value:.2f}" if error is None else f"{value:.2f} ± {error:.2f}"


def _connected(evidence: Evidence) -> list[Mapping[str, Any]]:
    """What the first design's runs say of the network."""
    first = evidence.results.designs[0]
    runs = (run for run in evidence.results.runs if run["design"] == first)
    return [run["network"] for run in runs if "network" in run]


def _mean(
    runs: Sequence[Mapping[str, Any]], table: str, ends: tuple[str, str]
) -> dict[Edge, float]:
    """By edge, over runs [USD]."""
    sums: dict[Edge, float] = defaultdict(float)
    for run in runs:
        for row in run[table]:
            sums[row[ends[0]], row[ends[1]]] += row["usd"] / len(runs)
    return dict(sums)


def _drawn(edges: Mapping[Edge, float]) -> dict[Edge, float]:
    largest = max(edges.values(), default=0.0)
    return {edge: usd for edge, usd in edges.items() if usd >= LEAST * largest}


def _places(nodes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Columns by kind; in each from top to bottom by name."""
    columns: dict[float, list[str]] = defaultdict(list)
    for node in sorted(nodes):
        kind = node.split(" ")[0]
        columns[PLACES.get(kind, FAR.get(kind, 3.8))].append(node)
    return {
        node: (x, -(i + 0.5) / len(column) * _most(columns))
        for x, column in columns.items()
        for i, node in enumerate(column)
    }


def _most(columns: Mapping[float, Sequence[str]]) -> int:
    return max(len(column) for column in columns.values())


def _rows(at: Mapping[str, tuple[float, float]]) -> int:
    return math.ceil(max((-y for _, y in at.values()), default=1.0) + 0.5)


def _arrows(
    figure: go.Figure,
    edges: Mapping[Edge, float],
    at: Mapping[str, tuple[float, float]],
    colour: str,
    name: str,
    bend: float,
) -> None:
    """Lines with a head near their end, and the amount in the middle."""
    largest = max(edges.values(), default=1.0)
    for i, ((source, target), usd) in enumerate(sorted(edges.items())):
        (x0, y0), (x1, y1) = at[source], at[target]
        middle = (x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0) * 2
        width = max(1.0, WIDEST_PX * usd / largest)
        figure.add_scatter(
            x=[x0, middle[0], x1],
            y=[y0, middle[1], y1],
            mode="lines+markers+text",
            line={"color": colour, "width": width, "shape": "spline"},
            marker={
                "symbol": "arrow",
                "size": [0, 8 + width, 0],
                "angleref": "previous",
                "color": colour,
            },
            text=["", compact(usd), ""],
            textposition="top center",
            textfont={"family": FONT, "size": 11, "color": colour},
            name=name,
            legendgroup=name,
            showlegend=i == 0,
            opacity=0.75,
            hovertext=f"{source} to {target}: {usd:,.0f} USD",
            hoverinfo="text",
        )


def _nodes(figure: go.Figure, at: Mapping[str, tuple[float, float]]) -> None:
    figure.add_scatter(
        x=[x for x, _ in at.values()],
        y=[y for _, y in at.values()],
        mode="markers+text",
        marker={"size": 15, "color": "white", "line": {"color": GREY, "width": 2}},
        text=list(at),
        textposition="bottom center",
        textfont={"family": FONT, "size": 12, "color": INK},
        showlegend=False,
        hoverinfo="skip",
    )


def _title(losses: Mapping[Edge, float], design: str) -> str:
    by_loser: dict[str, list[float]] = defaultdict(list)
    for (loser, _), usd in losses.items():
        by_loser[loser].append(usd)
    if not by_loser:
        return f"Nobody lost by liquidations under {design}."
    worst = max(by_loser, key=lambda loser: sum(by_loser[loser]))
    gainer = max((e for e in losses if e[0] == worst), key=losses.__getitem__)[1]
    lost = compact(sum(by_loser[worst]))
    return f"Under {design} {worst} lost most, {lost} USD, most of it to {gainer}."

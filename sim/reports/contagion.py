"""The contagion matrix for the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.contagion import Contagion, Matrix
from sim.metrics import compact


def terminal(found: Contagion) -> Group:
    """Who sets off whom, what came of it, and the sentence that it says."""
    note = Text(
        f"mean over {len(found.seeds)} seeds; columns: the market that was shocked, by health "
        f"factors lower by {100 * found.shock:g}%; USD liquidated for a USD that the shock itself "
        "makes liquidatable",
        style="dim",
    )
    return Group(
        _table(found, "Contagion matrix: set off in the next round", found.matrix),
        _table(found, "Response: liquidated in all", found.response),
        _table(found, "Bad debt", found.bad_debt),
        note,
        "",
        Text(sentence(found), style="bold"),
    )


def sentence(found: Contagion) -> str:
    """What the radius says."""
    radius = f"The spectral radius of the network is {found.radius:.2f}"
    if found.radius < 1:
        return (
            f"{radius}: a shock dies out after setting off about {_grown(found.radius)} of itself."
        )
    return f"{radius}: a shock feeds itself until there is nothing left to liquidate."


def _grown(radius: float) -> str:
    return f"{100 * radius / (1 - radius):.0f}%"


def _table(found: Contagion, title: str, matrix: Matrix) -> Table:
    table = Table(title=title)
    table.add_column("felt by")
    for market, extra in zip(found.markets, found.direct, strict=True):
        table.add_column(f"{market} (+{compact(extra)} USD)", justify="right")
    for market, row in zip(found.markets, matrix, strict=True):
        table.add_row(market, *(f"{value:.3f}" for value in row))
    return table

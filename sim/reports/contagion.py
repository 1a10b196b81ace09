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
        "makes liquidatable; ± one standard error (jackknife over seeds)",
        style="dim",
    )
    return Group(
        _table(
            found, "Contagion matrix: set off in the next round", found.matrix, found.matrix_error
        ),
        _table(found, "Response: liquidated in all", found.response),
        _table(found, "Bad debt", found.bad_debt),
        note,
        "",
        Text(sentence(found), style="bold"),
    )


def sentence(found: Contagion) -> str:
    """What the radius says."""
    chance = "one seed" if found.radius_error is None else f"± {found.radius_error:.2f}"
    radius = f"The spectral radius of the network is {found.radius:.2f} ({chance})"
    if found.radius < 1:
        return (
            f"{radius}: a shock dies out after setting off about {_grown(found.radius)} of itself."
        )
    return f"{radius}: a shock feeds itself until there is nothing left to liquidate."


def _grown(radius: float) -> str:
    return f"{100 * radius / (1 - radius):.0f}%"


def _table(found: Contagion, title: str, matrix: Matrix, error: Matrix | None = None) -> Table:
    table = Table(title=title)
    table.add_column("felt by")
    for market, extra in zip(found.markets, found.direct, strict=True):
        table.add_column(f"{market} (+{compact(extra)} USD)", justify="right")
    for i, (market, row) in enumerate(zip(found.markets, matrix, strict=True)):
        chance = [f" ± {value:.3f}" for value in error[i]] if error else [""] * len(row)
        table.add_row(market, *(f"{v:.3f}{c}" for v, c in zip(row, chance, strict=True)))
    return table

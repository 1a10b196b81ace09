"""One position under every liquidation rule: who has the collateral in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.catalogue import Catalogue, Fate
from sim.reports.figures.base import Figure
from sim.reports.style import COLOURS, GREY, INK, PATTERNS, panels, place

COLUMNS, PANEL_PX = (4, 3), 240  # columns: whichever leaves fewer gaps
LEAST_SPAN = (20, 125)  # below and above zero
WIDE = 26  # characters of a panel's title in one line
Part = tuple[str, Callable[[Fate], float]]
PARTS: tuple[Part, ...] = (
    ("debt repaid", lambda f: f.paid - f.fee),
    ("penalty or fee to the protocol", lambda f: f.fee),
    ("takers' gain", lambda f: f.gain),
    ("debt left", lambda f: f.debt_left),
    ("borrower's equity left", lambda f: f.equity_left),
    ("bad debt", lambda f: -f.bad_debt),
)


def mechanisms(found: Catalogue) -> Figure:
    """Stacked bars by health factor, a panel for rules of the same amounts."""
    groups = found.groups
    titles = [_wrapped([fates[0].case for fates in group]) for group in groups]
    fitting = [c for c in COLUMNS if c <= len(groups)] or [len(groups)]
    columns = min(fitting, key=lambda c: -len(groups) % c)
    figure = panels(titles, columns, PANEL_PX)
    for i, group in enumerate(groups):
        for j, (name, part) in enumerate(PARTS):
            figure.add_bar(
                x=[f"{f.health:.2f}" for f in group[0]],
                y=[100 * part(f) / f.debt for f in group[0]],
                name=name,
                legendgroup=name,
                showlegend=i == 0,
                marker={
                    "color": COLOURS[j],
                    "pattern": {"shape": PATTERNS[j], "size": 5, "fgcolor": "white"},
                },
                hovertemplate=f"{name}: %{{y:,.1f}}<extra></extra>",
                **place(i, columns),
            )
        if i >= len(groups) - columns:  # nothing below it
            title = "health factor before"
            figure.update_xaxes(title=title, title_standoff=4, **place(i, columns))
    money = found.debt_token
    figure.update_layout(barmode="relative", bargap=0.25)
    figure.update_xaxes(type="category", tickfont={"size": 11})
    figure.update_yaxes(range=_span(found.fates))
    figure.update_yaxes(title=f"{money} per 100 {money} of debt", title_standoff=4, col=1)
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    figure.add_hline(y=100, line={"color": GREY, "width": 1, "dash": "dot"})
    reading = (
        "Above zero the collateral at the feed's price, by who has it in the end; below it the "
        "debt that nobody pays. The dotted line is the debt before."
    )
    return Figure("mechanisms", _title(found), reading, figure)


def _span(fates: Sequence[Fate]) -> list[float]:
    """The same for all panels, so that bars can be compared."""
    worst = max(100 * f.bad_debt / f.debt for f in fates)
    return [-1.05 * max(LEAST_SPAN[0], worst), LEAST_SPAN[1]]


def _wrapped(names: list[str]) -> str:
    """Names in lines of a panel's width."""
    lines = [names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) > WIDE:
            lines.append(name)
        else:
            lines[-1] += f", {name}"
    return ",<br>".join(lines)


def _title(found: Catalogue) -> str:
    """What differs most, at the lowest health factor."""
    ends = [group[0][-1] for group in found.groups]
    least, most = (end(ends, key=_unpaid) for end in (min, max))
    start = f"At a health factor of {least.health:.2f}"
    if least is most:
        return f"{start}, {_unpaid(most):.3g}% of the debt is never paid under {most.case}."
    return (
        f"{start}, from {_unpaid(least):.3g}% of the debt ({least.case}) to {_unpaid(most):.3g}% "
        f"({most.case}) is never paid."
    )


def _unpaid(fate: Fate) -> float:
    """In percent of the debt before."""
    return 100 * fate.bad_debt / fate.debt

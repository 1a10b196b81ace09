"""The library of scenarios as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

Data = Mapping[str, Any]


def library(scenarios: Sequence[Data], brief: bool = False) -> Table:
    """Name and summary of each; unless `brief`, also its story, sources, share and check."""
    found = Table(title="Scenarios", show_lines=not brief)
    found.add_column("name", no_wrap=True)
    found.add_column("what happens")
    for scenario in scenarios:
        text = escape(scenario["summary"]) if brief else _page(scenario)
        found.add_row(scenario["name"], text)
    return found


def _page(scenario: Data) -> str:
    lines = [f"[bold]{escape(scenario['summary'])}[/bold]"]
    lines += [escape(scenario[key].strip()) for key in ("story",) if scenario[key]]
    lines += [f"[dim]{escape(source)}[/dim]" for source in scenario["sources"]]
    lines += [f"Share of the market: {escape(scenario['market_share'].strip())}"]
    lines += [f"Check: {escape(scenario['check'])}"] if scenario["check"] else []
    return "\n".join(lines)

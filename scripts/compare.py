"""`ape run compare`: one panic, several designs, one report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scripts._cli import Command, console, listed
from scripts._stress import scenario_options, stress


@click.command(cls=Command, short_help="Fire one panic at several designs and report who paid")
@scenario_options
@click.option(
    "--designs",
    default="fixed,fixed_breaker,dutch,dutch_breaker",
    show_default=True,
    callback=listed,
    help="Names or .yaml files; the first is the baseline.",
)
@click.option("--seeds", default="3", show_default=True, help="The first 3, or a range: 101:107.")
@click.option("--engine", default="anvil", show_default=True, help="anvil or reference.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: out/SCENARIO]")
@click.option("--prices", metavar="CSV", help="Own candles: time, open, high, low, close.")
@click.option("--no-amplification", "lean", is_flag=True, help="No runs with one thing off.")
@click.option("--jobs", type=int, help="Runs at a time.  [default: one for each core]")
def cli(
    designs: list[str],
    seeds: str,
    engine: str,
    out: Path | None,
    prices: str | None,
    lean: bool,
    jobs: int | None,
    **options: Any,
) -> None:
    """Fire one panic at several designs and report who paid.

    \b
    ape run compare --designs fixed,dutch --seeds 3 --set liquidation.penalty=0.1
    ape run compare --scenario flash_crash --with congestion --shock 1.3 --designs fixed
    """
    from rich.console import Console

    from scripts._progress import Bars
    from sim import compare, load_designs, write_report
    from sim.reports.table import summary

    panic, for_designs = stress(prices=prices, **options)
    chosen = load_designs(designs, for_designs)
    folder = out or Path("out") / panic.name
    with Bars(Console(stderr=True)) as bars:
        found = compare(panic, chosen, seeds, engine, folder, jobs, bars, amplification=not lean)
    console().print(summary(found))
    click.echo(f"\nReport: {write_report(found.out)}")

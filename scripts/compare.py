"""`ape run compare`: one panic, several designs, one report."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._cli import Command, console, listed, split


@click.command(cls=Command, short_help="Fire one panic at several designs and report who paid")
@click.option("--scenario", default="black_thursday", show_default=True, help="Name or .yaml file.")
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
@click.option("--hours", metavar="A:B", help="Only these hours, in blocks of 12 s.")
@click.option("--prices", metavar="CSV", help="Own candles: time, open, high, low, close.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Override a field.")
@click.option("--jobs", type=int, help="Runs at a time.  [default: one for each core]")
def cli(
    scenario: str,
    designs: list[str],
    seeds: str,
    engine: str,
    out: Path | None,
    hours: str | None,
    prices: str | None,
    settings: tuple[str, ...],
    jobs: int | None,
) -> None:
    """Fire one panic at several designs and report who paid.

    \b
    ape run compare --designs fixed,dutch --seeds 3 --set liquidation.penalty=0.1
    ape run compare --scenario flash_crash --designs fixed,my_design.yaml
    """
    from rich.console import Console

    from scripts._progress import Bars
    from sim import compare, load_designs, load_scenario, write_report
    from sim.reports.table import summary

    for_scenario, for_designs = split(settings)
    stress = load_scenario(scenario, hours, prices, for_scenario)
    chosen = load_designs(designs, for_designs)
    folder = out or Path("out") / stress.name
    with Bars(Console(stderr=True)) as bars:
        results = compare(stress, chosen, seeds, engine, folder, jobs, bars)
    console().print(summary(results))
    click.echo(f"\nReport: {write_report(results.out)}")

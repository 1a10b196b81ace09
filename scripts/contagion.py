"""`ape run contagion`: shock one market of a network at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from scripts._cli import Command, console
from scripts._stress import scenario_options, stress


@click.command(cls=Command, short_help="Shock one market of a network at a time: who falls with it")
@partial(scenario_options, default="contagion")
@click.option("--design", default="fixed", show_default=True, help="Of the first market.")
@click.option("--seeds", default="3", show_default=True, help="The first 3, or a range: 101:107.")
@click.option("--engine", default="reference", show_default=True, help="anvil or reference.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: out/SCENARIO]")
@click.option(
    "--squeeze", default=0.05, show_default=True, help="By how much health factors are lower."
)
@click.option("--jobs", type=int, help="Runs at a time.  [default: one for each core]")
def cli(
    design: str,
    seeds: str,
    engine: str,
    out: Path | None,
    squeeze: float,
    jobs: int | None,
    **options: Any,
) -> None:
    """Measure the contagion matrix of a network and draw it into a report.

    \b
    ape run contagion --seeds 5
    ape run contagion --scenario my_network.yaml --design dutch --squeeze 0.1
    """
    from rich.console import Console

    from scripts._progress import Bars
    from sim import load_design, write_report
    from sim.experiments.contagion import measure
    from sim.reports.contagion import terminal

    panic, for_designs = stress(**options)
    chosen = load_design(design, for_designs)
    folder = out or Path("out") / panic.name
    with Bars(Console(stderr=True)) as bars:
        found = measure(panic, chosen, seeds, engine, folder, squeeze, jobs, bars)
    console().print(terminal(found))
    click.echo(f"\nReport: {write_report(folder)}")

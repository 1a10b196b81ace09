"""`ape run monitor`: watch the liquidation risk of a market while a panic runs."""

from __future__ import annotations

from typing import Any

import click

from scripts._cli import Command, console
from scripts._stress import scenario_options, stress


@click.command(cls=Command, short_help="Watch liquidation risk live while a panic runs")
@scenario_options
@click.option("--design", default="dutch_breaker", show_default=True, help="Name or .yaml file.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--engine", default="reference", show_default=True, help="Where contracts execute.")
@click.option(
    "--every", type=click.IntRange(min=1), help="Steps between looks.  [default: 1; 300 in a log]"
)
def cli(design: str, seed: int, engine: str, every: int | None, **options: Any) -> None:
    """Watch the liquidation risk of a market while a panic runs, from its events.

    \b
    ape run monitor --scenario flash_crash --design dutch_breaker
    """
    from scripts._watch import Watch
    from sim import load_design
    from sim.experiments.runs import Run, execute

    panic, for_design = stress(**options)
    run = Run(panic, load_design(design, for_design), seed, engine)
    title = f"{panic.name}, {run.design.name}, seed {seed}, {engine}"
    with Watch(console(), title, every) as watch:
        execute(run, observer=watch)

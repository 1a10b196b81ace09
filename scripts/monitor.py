"""`ape run monitor`: watch the liquidation risk of a market while a panic runs."""

from __future__ import annotations

import click

from scripts._cli import Command, console, split


@click.command(cls=Command, short_help="Watch liquidation risk live while a panic runs")
@click.option("--scenario", default="black_thursday", show_default=True, help="Name or .yaml file.")
@click.option("--design", default="dutch_breaker", show_default=True, help="Name or .yaml file.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--engine", default="reference", show_default=True, help="Where contracts execute.")
@click.option("--hours", metavar="A:B", help="Only these hours, in blocks of 12 s.")
@click.option(
    "--every", type=click.IntRange(min=1), help="Steps between looks.  [default: 1; 300 in a log]"
)
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Override a field.")
def cli(
    scenario: str,
    design: str,
    seed: int,
    engine: str,
    hours: str | None,
    every: int | None,
    settings: tuple[str, ...],
) -> None:
    """Watch the liquidation risk of a market while a panic runs, from its events.

    \b
    ape run monitor --scenario flash_crash --design dutch_breaker
    """
    from scripts._watch import Watch
    from sim import load_design, load_scenario
    from sim.experiments.runs import Run, execute

    for_scenario, for_design = split(settings)
    stress = load_scenario(scenario, hours, None, for_scenario)
    run = Run(stress, load_design(design, for_design), seed, engine)
    title = f"{stress.name}, {run.design.name}, seed {seed}, {engine}"
    with Watch(console(), title, every) as watch:
        execute(run, observer=watch)

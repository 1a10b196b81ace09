"""`ape run gas`: measure the gas that the reference engine books."""

from __future__ import annotations

import click

from scripts._cli import Command, listed


@click.command(cls=Command, short_help="Measure anew the gas that the reference engine books")
@click.option("--scenarios", default="flash_crash", show_default=True, callback=listed)
@click.option("--designs", callback=listed, default="", help="Names.  [default: all built-in ones]")
@click.option("--hours", metavar="A:B", help="Only these hours, in blocks of 12 s.")
def cli(scenarios: list[str], designs: list[str], hours: str | None) -> None:
    """Run scenarios on Anvil, read what each call used, keep the means (gas.json).

    What no run has called, or seen to fail for a reason, stays as it was.

    \b
    ape run gas --scenarios flash_crash,black_thursday
    """
    from rich.console import Console

    from sim import load_design, load_scenario
    from sim.config import names
    from sim.design import FOLDER
    from sim.engines.gas import PATH
    from sim.experiments.gas import keep, measure

    chosen = [load_design(name) for name in designs or names(FOLDER)]
    stress = [load_scenario(name, hours) for name in scenarios]
    with Console(stderr=True).status("Measuring ...") as status:
        table = measure(stress, chosen, status.update)
    keep(table)
    click.echo(f"{len(table)} functions: {PATH}")

"""`ape run scenarios`: the library of scenarios."""

from __future__ import annotations

import click

from scripts._cli import Command, console, listed


@click.command(cls=Command, short_help="Print every scenario: its story, sources and check")
@click.option("--names", default="", callback=listed, help="Names or .yaml files.  [default: all]")
@click.option("--brief", is_flag=True, help="One line for each.")
def cli(names: list[str], brief: bool) -> None:
    """Print every scenario of the library: what happened, where from, and what a run has to show.

    \b
    ape run scenarios
    ape run scenarios --names may_2021,whale
    """
    from sim import load_scenario
    from sim.config import names as built_in
    from sim.reports.library import library
    from sim.scenario import FOLDER

    chosen = [load_scenario(name) for name in names or built_in(FOLDER)]
    console().print(library([stress.model_dump(mode="json") for stress in chosen], brief))

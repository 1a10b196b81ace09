"""`ape run bench`: how fast the engines are."""

from __future__ import annotations

import click

from scripts._cli import Command, console


@click.command(cls=Command, short_help="Measure both engines, the bare chain and Ape")
@click.option("--scenario", default="black_thursday", show_default=True, help="Of whole runs.")
@click.option("--design", default="fixed", show_default=True, help="One that sells at once.")
@click.option("--hours", metavar="A:B", help="Only these hours, in blocks of 12 s.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Of each.")
def cli(scenario: str, design: str, hours: str | None, rounds: int) -> None:
    """Measure whole runs of a scenario on both engines, side by side, and a stream of liquidations.

    Beside the stream on Anvil: the same transactions, encoded before, through a bare loop (the
    ceiling), reads of the lens, and Ape's own contract objects.

    \b
    ape run bench --rounds 1
    """
    from rich.console import Console

    from sim import load_design, load_scenario
    from sim.experiments.bench import bench

    with Console(stderr=True).status("Measuring ...") as status:
        result = bench(
            load_scenario(scenario, hours),
            load_design(design),
            rounds,
            lambda done: status.update(f"{done} of {rounds} rounds"),
        )
    console().print(result.table())

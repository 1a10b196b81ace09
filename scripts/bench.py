"""`ape run bench`: how fast the engine is."""

from __future__ import annotations

import click

from scripts._cli import Command, console


@click.command(cls=Command, short_help="Measure the engine against the bare chain and against Ape")
@click.option("--design", default="fixed", show_default=True, help="One that sells at once.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1), help="Of each.")
def cli(design: str, rounds: int) -> None:
    """Measure the engine end to end on a stream of liquidations.

    Beside it: the same transactions, encoded before, through a bare loop (the ceiling), reads of
    the lens, and Ape's own contract objects.

    \b
    ape run bench --rounds 3
    """
    from rich.console import Console

    from sim import load_design
    from sim.experiments.bench import bench

    with Console(stderr=True).status("Measuring ...") as status:
        result = bench(
            load_design(design), rounds, lambda done: status.update(f"{done} of {rounds} rounds")
        )
    console().print(result.table())

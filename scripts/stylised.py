"""`ape run stylised`: what markets did, beside what the model does."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._cli import Command


@click.command(cls=Command, short_help="Measure the stylised facts and renew their table")
@click.option("--seeds", type=int, help="At most so many of each case.  [default: all]")
@click.option("--facts", help="Only these, by number: 1,4.")
@click.option("--out", type=click.Path(path_type=Path), default="out/stylised", show_default=True)
@click.option("--jobs", type=int, help="Runs at a time.  [default: one for each core]")
@click.option("--keep/--show", default=True, help="Renew the table in sim/README.md, or show it.")
def cli(seeds: int | None, facts: str | None, out: Path, jobs: int | None, keep: bool) -> None:
    """Run many seeds on the reference engine and say of each fact whether the model has it.

    \b
    ape run stylised
    ape run stylised --facts 4 --seeds 3 --show
    """
    from rich.console import Console

    from sim.experiments.stylised.facts import chosen
    from sim.experiments.stylised.measure import MEASURED, README, measure
    from sim.reports.stylised import markdown, refresh
    from sim.results import write_json

    claims = chosen(facts)
    with Console(stderr=True).status("Measuring ...") as status:

        def tell(name: str, done: int, of: int) -> None:
            status.update(f"{done} of {of} runs: {name}")

        found = measure(out, claims, seeds, jobs, tell)
    if not keep:
        click.echo(markdown(found))
        return
    write_json(MEASURED, found)
    refresh(README, found)
    click.echo(f"{len(claims)} claims: {README}")

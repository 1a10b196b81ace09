"""`ape run replay`: run a trace again and compare."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._cli import Command


@click.command(cls=Command, short_help="Run a trace again and compare every row")
@click.argument("trace", type=click.Path(path_type=Path))
@click.pass_context
def cli(ctx: click.Context, trace: Path) -> None:
    """Run a trace again from its own manifest and compare every row.

    Exits with 1 when the two are not identical, down to the hash of the final block.

    \b
    ape run replay out/black_thursday/runs/dutch-0.parquet
    """
    from sim import replay

    result = replay(trace)
    click.echo(str(result))
    ctx.exit(0 if result.identical else 1)

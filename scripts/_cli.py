"""What every command does alike: a user's mistake ends in one clear sentence."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console

from sim.errors import FiresaleError

INTERRUPTED = 130  # what shells expect of a command that Ctrl-C ended
PAGE = 110  # columns


class Command(click.Command):
    """Says on stderr what went wrong and exits with 1; on Ctrl-C with 130."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FiresaleError as e:
            raise click.ClickException(str(e)) from e
        except KeyboardInterrupt as e:
            click.echo(f"\n{e}" if str(e) else "\ninterrupted", err=True)
            ctx.exit(INTERRUPTED)


def console() -> Console:
    """For tables: as wide as the terminal, and wide enough for four designs anywhere else."""
    found = Console()
    return found if found.is_terminal else Console(width=PAGE)


def listed(_: click.Context, __: click.Parameter, value: str) -> list[str]:
    """A comma-separated option as a list."""
    return [part.strip() for part in value.split(",") if part.strip()]

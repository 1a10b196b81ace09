"""`ape run mechanisms`: the catalogue of liquidation rules."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._cli import Command, console, listed


@click.command(
    cls=Command, short_help="Print every liquidation rule and what it does to a position"
)
@click.option(
    "--designs",
    default="",
    callback=listed,
    help="Names or .yaml files.  [default: all built-in ones]",
)
@click.option("--engine", default="reference", show_default=True, help="Where contracts execute.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Draw the figure into this .html file."
)
@click.option(
    "--refresh",
    "document",
    type=click.Path(path_type=Path),
    help="Renew the section that a Markdown file keeps between markers, as contracts/README.md.",
)
def cli(designs: list[str], engine: str, out: Path | None, document: Path | None) -> None:
    """Print each design's rule, parameters and sources, and one position under every rule.

    The position is put into the design's own contracts, and its price falls to five health factors.

    \b
    ape run mechanisms
    ape run mechanisms --designs fixed,my_design.yaml --engine anvil --out rules.html
    """
    from sim.experiments.mechanisms import catalogue
    from sim.reports.mechanisms import check_page, refresh, terminal, write_page

    if out:
        check_page(out)
    found = catalogue(designs, engine)
    if out:
        write_page(out, found)
    if document:
        refresh(document, found)
    console().print(terminal(found))

"""`ape run deploy`: one design on the network that Ape is connected to."""

from __future__ import annotations

import click
from ape.api import AccountAPI
from ape.cli import ConnectedProviderCommand, account_option, network_option

from scripts._cli import Command, console


class Connected(Command, ConnectedProviderCommand):
    """Connects Ape's provider before and leaves it after."""


@click.command(cls=Connected, short_help="Deploy a design through Ape and print its addresses")
@click.option("--design", default="dutch", show_default=True, help="Name or .yaml file.")
@account_option(prompt=False)
@click.option("--price", default=200.0, show_default=True, help="Of feeds and pool at the start.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Override a field.")
@network_option(default="ethereum:local:foundry")
def cli(design: str, account: AccountAPI | None, price: float, settings: tuple[str, ...]) -> None:
    """Deploy a design with test tokens, feeds and Uniswap v3, and print the addresses.

    Without --account the first test account pays.

    \b
    ape run deploy --design dutch --network ethereum:local:foundry
    """
    from unittest.mock import patch

    from ape import accounts
    from ape.logging import LogLevel, logger
    from ape_ethereum.trace import Trace
    from rich.table import Table

    from scripts._ape import ApeDeployer
    from sim import load_design
    from sim.engines.artifacts import Library
    from sim.engines.deploy import Plan, Terms

    chosen = load_design(design, settings)
    sender = account or accounts.test_accounts[0]
    owner = str(sender.address)
    terms = Terms(owner=owner, guardian=owner, feeder=owner, price=price, pool_fee=3000)
    plan = Plan(ApeDeployer(sender), Library(), chosen, terms)
    # When a transaction reverts, Ape's Foundry plugin prints pages of call trace before the reason
    with logger.at_level(LogLevel.WARNING), patch.object(Trace, "show"):
        plan.run()
    table = Table("contract", "address", title=f"{chosen.name}, deployed by {owner}")
    for key, address in plan.addresses.items():
        table.add_row(key, address)
    console().print(table)

"""The scenario that a command is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from scripts._cli import listed

if TYPE_CHECKING:
    from sim.scenario import Scenario

OF_SCENARIO = (
    click.option(
        "--with", "overlays", default="", metavar="NAMES", callback=listed, help="Laid over it."
    ),
    click.option("--shock", type=float, help="Scale its stress by so much.  [default: 1]"),
    click.option("--hours", metavar="A:B", help="Only these hours, in blocks of 12 s."),
    click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="A field's."),
)


def scenario_options(
    command: Callable[..., Any], default: str = "black_thursday"
) -> Callable[..., Any]:
    """What a command asks about the scenario; `stress` takes the answers."""
    which = click.option(
        "--scenario", default=default, show_default=True, help="Name or .yaml file."
    )
    for option in reversed((which, *OF_SCENARIO)):
        command = option(command)
    return command


def stress(
    scenario: str,
    overlays: list[str],
    shock: float | None,
    hours: str | None,
    settings: Sequence[str],
    prices: str | None = None,
) -> tuple[Scenario, list[str]]:
    """The scenario that the options name, and the settings for the designs. Raises InputError."""
    from sim import load_scenario

    for_scenario, for_designs = split(settings)
    return load_scenario(scenario, hours, prices, for_scenario, overlays, shock), for_designs


def split(settings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Settings of fields that only a scenario has, and those for the designs."""
    from sim.scenario import Scenario

    shared = {"name", "summary", "sources"}  # of both: meant for the designs
    sections = Scenario.model_fields.keys() - shared
    of_scenario = [s for s in settings if s.split("=")[0].split(".")[0] in sections]
    return of_scenario, [s for s in settings if s not in of_scenario]

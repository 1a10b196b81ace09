"""What is run for the stylised facts: scenarios and designs by name, each with some seeds.

Replays are whole scenarios. Laboratory cases keep their people, fewer of them with the same money,
and change the price path and the one thing that the fact is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sim.design import Design, load_design
from sim.experiments.runs import Run
from sim.scenario import Scenario, load_scenario

ENGINE = "reference"
FEW = ("population.borrowers.count=150", "population.panic_sellers.count=80")
WILD_VOLATILITY, WILD_H = 5.0, 6  # per square-root year, hours: 12 and 13 March 2020 had 6.4


@dataclass(frozen=True)
class Case:
    """One scenario against one design."""

    name: str
    scenario: Scenario
    design: Design
    seeds: int  # for the table; tests take fewer

    def run(self, seed: int) -> Run:
        return Run(self.scenario, self.design, seed, ENGINE)


def case(
    name: str,
    scenario: str,
    design: str,
    seeds: int,
    overrides: Sequence[str] = (),
    rule: Sequence[str] = (),
) -> Case:
    """`overrides` of the scenario, `rule` of the design."""
    stress = load_scenario(scenario, overrides=overrides)
    return Case(name, stress, load_design(design, rule), seeds)


def path(*points: tuple[float, float], volatility: float = 0.8) -> str:
    """Straight lines in the logarithm through (hour, price)."""
    listed = ", ".join(f"[{hour}, {price}]" for hour, price in points)
    return f"prices={{kind: path, points: [{listed}], volatility: {volatility}}}"


def process(volatility: float, jumps: float = 0.0, mean: float = 0.0) -> str:
    """Geometric Brownian motion from 200, with so many jumps a day of this mean logarithm."""
    return (
        f"prices={{kind: process, price: 200, volatility: {volatility}, jumps_per_day: {jumps}, "
        f"jump_mean: {mean}, jump_sd: 0.02}}"
    )


def lasting(hours: int, spacing_s: int = 180) -> tuple[str, ...]:
    return (f"clock.hours={hours}", f"clock.block_spacing_s={spacing_s}")


@cache
def cases() -> dict[str, Case]:
    """All of them by name."""
    groups = (_replays, _recoveries, _losses, _auctions, _stuck, _halts, _feeds, _networks)
    listed = [each for group in groups for each in group()]
    return {each.name: each for each in listed}


def _replays() -> list[Case]:
    return [
        case("crash", "black_thursday", "fixed", 16),
        case("october", "october_2025", "fixed", 12),
        case("calm", "calm", "fixed", 8),
        case("crash, half the depth", "black_thursday", "fixed", 10, HALF_DEPTH),
        case("crash, a quarter of the depth", "black_thursday", "fixed", 10, QUARTER_DEPTH),
    ]


HALF_DEPTH = ("venue.impact_per_musd=0.0084",)
QUARTER_DEPTH = ("venue.impact_per_musd=0.0168",)
LEVERED = (
    "population.borrowers.debt_by_health=[[0, 1.03], [0.5, 1.15], [0.8, 1.3], [0.93, 2], [1, 4]]",
)


def _recoveries() -> list[Case]:
    """A fall of a fifth in ten minutes, then a time in which the outside goes nowhere."""
    people = ("black_thursday", "fixed")
    fall = path((0, 200), (1, 200), (1.1667, 160), (26, 160), volatility=0.2)
    day, hours = (*FEW, *lasting(26), fall), (*FEW, *lasting(3, 60), fall)
    return [
        case("gap, 10 million of debt", *people, 10, (*day, "population.borrowers.debt_usd=10e6")),
        case("gap, 80 million of debt", *people, 10, (*day, "population.borrowers.debt_usd=80e6")),
        case("gap", *people, 12, hours),
        case("gap, more leverage", *people, 12, (*hours, *LEVERED)),
    ]


def _losses() -> list[Case]:
    """The same fall of 45% in four hours: steady, in three jumps, seen late, into thin markets."""
    people = (*FEW, *lasting(7, 120))
    slide = path((0, 200), (1, 200), (5, 110), (7, 110))
    jumps = path(
        (0, 200),
        (1, 200),
        (1.0334, 165),
        (3, 165),
        (3.0334, 134),
        (5, 134),
        (5.0334, 110),
        (7, 110),
    )
    thin = (
        "venue.impact_per_musd=0.034",
        "pool.positions=[{usd: 750000, below: 0.6, above: 1}]",
    )
    return [
        case("slide", "black_thursday", "fixed", 12, (*people, slide)),
        case("jumps", "black_thursday", "fixed", 12, (*people, jumps)),
        case("slide seen late", "black_thursday", "fixed", 12, (*people, slide, LATE)),
        case("slide, thin", "black_thursday", "fixed", 12, (*people, slide, *thin)),
    ]


LATE = "population.oracle.lag_s=3600"
QUICK = "population.keepers.alert=0.9"


def _auctions() -> list[Case]:
    """A fall of a quarter in ten minutes. Both rules sell for all of the debt and without a penalty
    beyond what takers get.

    Taking part is cheap or dear: by gas, by how many keepers look, and by what they want for it.
    """
    fall = (*FEW, *lasting(4, 60), path((0, 200), (1, 200), (1.1667, 150), (4, 150)))
    cheap = (*fall, "population.keepers.alert=0.9", "population.keepers.margin=[0.001, 0.005]")
    dear = (*fall, "population.keepers.alert=0.1", "population.keepers.margin=[0.03, 0.045]")
    rules = {
        "fixed": ("liquidation.close_factor=1.0",),
        "dutch": (
            "liquidation.penalty=0.0",
            "liquidation.tip=0 USDC",
            "liquidation.min_sale=0 USDC",
        ),
    }
    return [
        case(f"{design}, {price}", "black_thursday", design, 10, overrides, rule)
        for price, overrides in (("cheap", cheap), ("dear", dear))
        for design, rule in rules.items()
    ]


def _stuck() -> list[Case]:
    """Gas goes up tenfold with the panic, and half of the keepers bid on what was enough before."""
    stuck = ("population.keepers.stale_bid_share=0.5",)
    return [
        case(f"stuck, {design}", "black_thursday", design, 12, stuck)
        for design in ("english", "dutch")
    ]


def _halts() -> list[Case]:
    """Six wild hours, a book of which much is close to liquidation, half the depth; and a fall to a
    half."""
    wild = (*FEW, *lasting(WILD_H), process(WILD_VOLATILITY), *LEVERED, *HALF_DEPTH)
    further = path((0, 200), (1, 200), (4, 100), (6, 100))
    found = [
        case(f"wild, {design}", "black_thursday", design, 30, wild)
        for design in ("fixed", "fixed_breaker", "dutch_breaker", "volatility_breaker")
    ]
    found += [
        case(f"wild, {design}, no impact", "black_thursday", design, 30, (*wild, "off=[impact]"))
        for design in ("dutch_breaker", "volatility_breaker")
    ]
    found += [
        case(f"further, {design}", "black_thursday", design, 16, (*FEW, *lasting(6), further))
        for design in ("fixed", "fixed_breaker")
    ]
    return found


def _feeds() -> list[Case]:
    """Down by 30% for some minutes; or by 40% in half an hour, to stay."""
    shapes = {
        "V": path((0, 200), (1, 200), (1.05, 140), (1.0834, 140), (1.1, 196), (3, 196)),
        "L": path((0, 200), (1, 200), (1.5, 120), (3, 118)),
    }
    return [
        case(
            f"{shape}, {design}",
            "black_thursday",
            design,
            12,
            (*FEW, *lasting(3, 30), QUICK, prices),
        )
        for shape, prices in shapes.items()
        for design in ("fixed", "twap")
    ]


def _networks() -> list[Case]:
    """Markets that share their collateral, and two whose collaterals move apart."""
    apart = (
        "network={assets: [{symbol: OTHER, price: {kind: correlated, price: 200, beta: 0, "
        "volatility: 2.5, jumps_per_day: 24, jump_mean: -0.06, jump_sd: 0.02}}], "
        "markets: [{name: b, collateral: OTHER}]}"
    )
    fall = (*FEW, *lasting(3, 60), path((0, 200), (1, 200), (1.5, 150), (3, 150)))
    return [
        case("contagion", "contagion", "fixed", 8),
        case("two collaterals", "black_thursday", "fixed", 10, (*fall, apart)),
    ]

"""A scenario: the stress that is fired at every design. One YAML file, one frozen model.

Money is in USD, prices in USD per whole collateral token, ratios are plain numbers, times are in
the unit that the field's name ends with. What a number is worth and where it comes from stands
beside it in the YAML file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from sim.block_space import BlockSpaceSpec
from sim.checks import parse
from sim.config import build, extended, merged, override
from sim.design import Strict
from sim.errors import InputError
from sim.fields import NotNegative, Positive, Share
from sim.markets.candles import read_candles
from sim.metrics import METRICS
from sim.network import MarketLink, NetworkSpec
from sim.overlays import laid_over, stacked
from sim.people import PopulationSpec
from sim.prices import Prices, shortest_bar_s
from sim.shock import shocked

FOLDER = Path(__file__).parent / "scenarios"
Mechanism = Literal["impact", "liquidations", "panic", "withdrawal"]
ZOOM_SPACING_S = 12  # a mainnet slot
LARGEST_TX_GAS = 900_000  # LIMITS of sim/agents/gas.py


class ClockSpec(Strict):
    start: int = Field(gt=1, lt=10**10, description="of hour 0 [unix s]; the chain begins at 1")
    first_hour: int = Field(default=0, ge=0, description="where the run begins")
    hours: int = Field(gt=0, le=24 * 30)
    block_spacing_s: int = Field(gt=0, le=3600)

    @model_validator(mode="after")
    def _whole(self) -> ClockSpec:
        if 3600 % self.block_spacing_s:
            raise ValueError(f"block_spacing_s {self.block_spacing_s} does not divide an hour")
        return self

    @property
    def begin(self) -> int:
        """[unix s]"""
        return self.start + 3600 * self.first_hour

    @property
    def steps(self) -> int:
        return self.hours * 3600 // self.block_spacing_s


class PositionSpec(Strict):
    """A provider's liquidity from `below` under to `above` over the first price."""

    usd: Positive
    below: float = Field(gt=0, lt=1)
    above: Positive


class PoolSpec(Strict):
    fee: Literal[500, 3000, 10000] = Field(description="[1e-6]")
    positions: tuple[PositionSpec, ...] = Field(min_length=1)


class WithdrawalSpec(Strict):
    """When the market makers of the venue leave, and how fast they return."""

    volatility: Positive = Field(
        description="per square-root minute, at which half of the depth is gone"
    )
    flow: Positive = Field(
        description="fall of the calm log price by the forced trades of late that does the same"
    )
    least: float = Field(gt=0, le=1, description="share of the depth that stands whatever happens")
    return_s: Positive = Field(description="half-life of what is missing once calm is back")


ImpactLaw = Literal["linear", "square_root"]


class VenueSpec(Strict):
    impact_law: ImpactLaw = "linear"
    impact_per_musd: NotNegative = Field(
        description="fall of the log price for a million USD sold into the calm book, if linear"
    )
    impact_per_root_musd: NotNegative = Field(
        default=0.0050, description="the same for a square-root million"
    )
    half_life_s: Positive = Field(description="of the part of the impact that comes back")
    permanent_share: Share = Field(description="of the impact that stays")
    half_spread: float = Field(ge=0, lt=0.1, description="paid by each trade in calm")
    spread_per_volatility: NotNegative = Field(
        default=0.0, description="half-spread in standard deviations of the price in a minute"
    )
    memory_s: Positive = Field(
        default=600, description="half-life of the volatility and flow that makers go by"
    )
    withdrawal: WithdrawalSpec | None = Field(
        default=None, description="without it the depth never changes"
    )
    transfer_s: NotNegative = Field(description="between arrival on one side and use on the other")

    @property
    def impact(self) -> float:
        """Of the law in force."""
        linear = self.impact_law == "linear"
        return self.impact_per_musd if linear else self.impact_per_root_musd


Section = Literal["prices", "pool", "venue", "block_space", "population", "network"]


class Scenario(Strict):
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*$")
    summary: str = Field(description="in one sentence")
    story: str = Field(default="", description="what happened, in one paragraph")
    sources: tuple[str, ...] = ()
    check: str = Field(default="", description="what a run has to show (sim/checks.py)")
    shock: float = Field(
        default=1.0, gt=0, le=10, description="how its stress has been scaled (sim/shock.py)"
    )
    lays: tuple[Section, ...] | None = Field(
        default=None,
        description="what alone it lays over another, as an overlay; None: all it says",
    )
    market_share: str = Field(
        description="what part of the market's depth and volume this protocol is"
    )
    clock: ClockSpec
    prices: Prices
    pool: PoolSpec
    venue: VenueSpec
    block_space: BlockSpaceSpec
    population: PopulationSpec
    off: tuple[Mechanism, ...] = Field(
        default=(),
        description="what a counterfactual does without: nobody moves the venue's price; keepers "
        "are away; panic sellers are; lenders, liquidity providers and market makers stay",
    )

    network: NetworkSpec | None = Field(
        default=None, description="further markets beside that of the design under test"
    )

    @field_validator("check")
    @classmethod
    def _understood(cls, check: str) -> str:
        for part in parse(check):
            for name in part.names:
                if name not in METRICS:
                    close = get_close_matches(name, METRICS, n=1)
                    hint = f"; did you mean {close[0]}?" if close else ""
                    raise ValueError(f"there is no metric {name}{hint}")
        return check

    @model_validator(mode="after")
    def _fits(self) -> Scenario:
        clock, gas = self.clock, self.block_gas
        if gas < LARGEST_TX_GAS:
            raise ValueError(
                f"block_space.gas_per_second x clock.block_spacing_s is {gas:,} gas, less than one "
                f"liquidation ({LARGEST_TX_GAS:,}); raise one of them"
            )
        end, lasts = 3600 * (clock.first_hour + clock.hours), self.prices.seconds
        if lasts is not None and end > lasts:
            raise ValueError(
                f"clock: hours {clock.first_hour}:{clock.first_hour + clock.hours} "
                f"are outside the prices, which end with hour {lasts / 3600:g}"
            )
        bar = shortest_bar_s(self.prices)
        if bar is not None and (bar % clock.block_spacing_s or bar < 3 * clock.block_spacing_s):
            raise ValueError(
                f"clock.block_spacing_s {clock.block_spacing_s} must fit at least "
                f"three whole times into a candle of {bar} s, "
                "which has a high, a low and a close"
            )
        for market in self.network.markets if self.network else ():
            self.met_by(market)
        return self

    def met_by(self, market: MarketLink) -> Scenario:
        """The scenario as a further market meets it: with the pool, the venue and the people of its
        asset and its own, and without the network. Raises InputError naming what does not fit."""
        asset = self.network.asset(market.collateral) if self.network else None
        data = self.model_dump(mode="json", exclude={"network"})
        if asset is not None:
            sections = asset.model_dump(mode="json", include={"pool", "venue", "population"})
            data = merged(data, sections)
        data = merged(data, {"population": market.population})
        if market.shares_of is not None:  # a share can't be sold: borrowers top up, repay or wait
            data = merged(data, {"population": {"borrowers": {"selling": 0.0, "fleeing": 0.0}}})
            data = merged(data, {"population": {"borrowers": {"loopers": {"share": 0.0}}}})
        return build(Scenario, data, f"{self.name}: network, market {market.name}")

    @property
    def block_gas(self) -> int:
        """Gas limit of a block [gas]."""
        return int(self.block_space.gas_per_second * self.clock.block_spacing_s)


def load_scenario(
    name_or_path: str | Path,
    hours: str | None = None,
    prices: str | Path | None = None,
    overrides: Sequence[str] = (),
    overlays: Sequence[str | Path] = (),
    shock: float | None = None,
) -> Scenario:
    """A built-in scenario by name or the user's own by path; "a+b" is a with the overlay b.

    A file that `extends` another takes from that one what it does not say itself. `hours` "23:27"
    runs only these hours, with a block every 12 s; `prices` is a CSV of candles in place of the
    scenario's path; `overlays` are scenarios laid over it (sim/overlays.py); `overrides` are
    "a.b=value"; `shock` scales the stress (sim/shock.py). Raises InputError.
    """
    path, *above = stacked([name_or_path, *overlays], FOLDER)
    data = extended(path, FOLDER, "scenario")
    if prices is not None:
        data = _with_candles(data, Path(prices))
    for overlay in above:
        data = laid_over(data, overlay, FOLDER)
    data = override(data, overrides)
    if shock is not None:
        data["shock"] = shock
    source = _source(path, prices, above, overrides)
    scenario = build(Scenario, data, source)
    if scenario.shock != 1:
        whole = shocked(scenario.model_dump(mode="json"), scenario.shock)
        scenario = build(Scenario, whole, f"{source} under shock {scenario.shock:g}")
    return _zoomed(scenario, hours) if hours is not None else scenario


def _with_candles(data: dict[str, Any], path: Path) -> dict[str, Any]:
    candles = read_candles(path)
    clock = data.get("clock")
    span = {"start": candles.start, "first_hour": 0, "hours": candles.seconds // 3600}
    if not span["hours"]:
        raise InputError(f"{path}: its {len(candles.bars)} candles span less than an hour")
    if isinstance(clock, dict):
        data = {**data, "clock": {**clock, **span}}
    prices = {
        "kind": "candles",
        "interval_s": candles.interval_s,
        "open": candles.open,
        "bars": list(candles.bars),
    }
    return {**data, "prices": prices}


def _source(
    path: Path, prices: str | Path | None, overlays: Sequence[Path], overrides: Sequence[str]
) -> str:
    with_prices = f" with prices {prices}" if prices is not None else ""
    with_overlays = f" with {', '.join(o.stem for o in overlays)}" if overlays else ""
    with_sets = f" with --set {', '.join(overrides)}" if overrides else ""
    return f"{path}{with_prices}{with_overlays}{with_sets}"


def _zoomed(scenario: Scenario, hours: str) -> Scenario:
    """Only these hours of the scenario, block by block."""
    span = re.fullmatch(r"(\d{1,4}):(\d{1,4})", hours)
    clock = scenario.clock
    end = clock.first_hour + clock.hours
    if span is None:
        raise InputError(
            f"--hours {hours}: should look like 23:27, the first hour and the one to end before"
        )
    first, last = int(span[1]), int(span[2])
    if not clock.first_hour <= first < last <= end:
        raise InputError(
            f"--hours {hours}: must lie between {clock.first_hour} and {end}, "
            f"the hours of {scenario.name}, and the second must be later than the first"
        )
    data = scenario.model_dump(mode="json")
    data["clock"] |= {
        "first_hour": first,
        "hours": last - first,
        "block_spacing_s": ZOOM_SPACING_S,
    }
    return build(Scenario, data, f"--hours {hours}")

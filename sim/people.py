"""The people of a scenario: one section for each role, with units and what each number means.

Money is in USD, ratios are plain numbers, times are in the unit that the field's name ends with.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from sim.design import Strict
from sim.fields import NotNegative, Positive, Range, Share, Window


class MarginSpec(Strict):
    """How much further from liquidation borrowers want to be when the price swings."""

    sensitivity: NotNegative = Field(
        default=0.0,
        description="growth of the fall to be borne, for each normal volatility seen above one",
    )
    normal_volatility: Positive = Field(default=0.8, description="per square-root year")
    window_s: Positive = Field(default=14_400.0, description="in which volatility is seen")
    cap: float = Field(default=0.5, gt=0, lt=1, description="most of a fall to be borne")


class LoopersSpec(Strict):
    """Borrowers who buy collateral with what they borrow and deposit it again."""

    share: Share = Field(default=0.0, description="of the debt; none of it of the ten largest")
    health: Range = Field(
        default=(1.02, 1.19),
        description="health factor aimed at: 5 to 15 times at a liquidation threshold of 0.95",
    )
    unwind_below: Positive = Field(default=0.02, description="under the target, of health factor")
    loop_above: Positive = Field(default=0.03, description="over the target, of health factor")
    attention_s: Positive = Field(default=600.0, description="mean time between two looks")


class BorrowersSpec(Strict):
    count: int = Field(ge=20, le=5000)
    debt_usd: Positive
    smallest_debt_usd: Positive
    top_ten_share: float = Field(gt=0, lt=1, description="of the debt")
    debt_by_health: tuple[tuple[Share, Positive], ...] = Field(
        min_length=2,
        description="share of the debt, health factor above it; of the larger half of accounts",
    )
    small_by_health: tuple[tuple[Share, Positive], ...] = Field(
        min_length=2,
        description="share of accounts, health factor; of the smaller half of accounts",
    )
    topping_up: Share
    repaying: Share
    selling: Share
    fleeing: Share = Field(default=0.0, description="who close the whole position when afraid")
    trigger: Range = Field(description="health factor below which an active borrower acts")
    lift: Range = Field(description="how far above the trigger the health factor is brought")
    stash: Share = Field(description="what an active borrower can put in, of the debt")
    attention_s: Positive = Field(description="mean time between two looks")
    margins: MarginSpec = MarginSpec()
    loopers: LoopersSpec = LoopersSpec()
    whale_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="of the collateral, in the largest account; 0: as drawn",
    )
    whale_health: float = Field(
        default=1.15, gt=1, description="health factor of that account, which does nothing"
    )

    @model_validator(mode="after")
    def _consistent(self) -> BorrowersSpec:
        if self.topping_up + self.repaying + self.selling + self.fleeing > 1:
            raise ValueError("topping_up + repaying + selling + fleeing is above 1")
        if self.smallest_debt_usd * self.count > self.debt_usd / 2:
            raise ValueError("smallest_debt_usd x count is above half of debt_usd")
        for name in ("debt_by_health", "small_by_health"):
            knots: tuple[tuple[float, float], ...] = getattr(self, name)
            if knots[0][0] != 0 or knots[-1][0] != 1 or list(knots) != sorted(knots):
                raise ValueError(f"{name} must run from share 0 to share 1 and rise")
            if knots[0][1] <= 1:
                raise ValueError(
                    f"{name} begins at {knots[0][1]}: liquidated before the first step"
                )
        return self

    @model_validator(mode="after")
    def _holds_the_loopers(self) -> BorrowersSpec:
        low, high = self.loopers.health
        if low <= 1:
            raise ValueError(f"loopers.health begins at {low}: liquidated before the first step")
        shares, healths = zip(*self.debt_by_health, strict=True)
        below = float(np.interp(high, healths, shares))
        if self.loopers.share > below:
            raise ValueError(
                f"loopers.share {self.loopers.share} is more than the {below:.2f} of the debt that "
                f"debt_by_health has below {high}; lower it or raise loopers.health"
            )
        return self


class PanicSpec(Strict):
    count: int = Field(ge=1, le=5000)
    holdings_usd: Positive
    on_venue: Share = Field(description="of the holders, who keep their coins there")
    drawdown: Range = Field(description="fall from the day's high that a holder bears")
    hazard_per_hour: NotNegative = Field(description="at a score of 1")
    drawdown_weight: NotNegative
    speed_weight: NotNegative
    liquidations_weight: NotNegative = Field(description="for a million USD liquidated in the hour")
    peers_weight: NotNegative
    herding: Literal["none", "mean_field", "network"] = Field(
        default="mean_field", description="whose panic counts: nobody's, all, or one's contacts'"
    )
    neighbours: int = Field(
        default=8, ge=2, le=200, multiple_of=2, description="mean contacts of one in a network"
    )
    rewiring: Share = Field(default=0.1, description="of a network's ties, that reach anywhere")
    slices: int = Field(ge=1, le=50, description="most parts in which a holder sells")
    slippage: float = Field(
        gt=0, lt=1, description="that a holder bears against the price on the screen"
    )

    @model_validator(mode="after")
    def _knows_somebody(self) -> PanicSpec:
        if self.herding == "network" and self.neighbours >= self.count:
            raise ValueError(
                f"neighbours {self.neighbours} must be below count {self.count} in a network"
            )
        return self


class RaceSpec(Strict):
    """Lenders who race: each leaves when a private signal of the market's strength, the share of
    their claims that it can pay now, is below the cutoff of the game in sim/games/race.py."""

    share: Share = Field(default=0.0, description="of the supply, that is theirs in equal parts")
    count: int = Field(default=40, ge=2, le=1000)
    benefit: Positive = Field(
        default=0.04, description="of staying when the market holds, of the claim"
    )
    cost: Positive = Field(default=0.01, description="of staying when it fails, of the claim")
    noise: Positive = Field(default=0.05, description="half the width of a signal, of the claims")
    round_s: Positive = Field(default=1800.0, description="between two rounds of signals")
    fears_gates: bool = Field(
        default=False, description="whether what breakers hold back counts as what can't be paid"
    )


class LendersSpec(Strict):
    count: int = Field(ge=1, le=1000)
    utilisation: float = Field(gt=0, lt=1, description="of the supply at the start")
    hazard_per_hour: NotNegative = Field(description="at a score of 1")
    patience: Range = Field(description="utilisation above which a lender wants out")
    loss_weight: NotNegative = Field(description="score for a percent of the supply lost")
    peers_weight: NotNegative = Field(
        default=0.0, description="score when all of the supply has left"
    )
    attention_s: Positive = Field(description="mean time between two tries to withdraw")
    race: RaceSpec = RaceSpec()


class ProvidersSpec(Strict):
    pull_range: Range = Field(
        description="range of the price in the window that makes a provider pull"
    )
    window_s: Positive
    calm_s: Positive = Field(description="of quiet before a provider comes back or narrows")
    stubborn: Share = Field(description="of the positions, the widest first, which never move")
    adapting: Share = Field(
        default=0.0, description="chance of one of the others to widen and narrow, not to pull"
    )
    usual_volatility: Positive = Field(
        default=0.8, description="at which ranges have their first width, per square-root year"
    )
    scale: Range = Field(default=(0.5, 4.0), description="of a range's width, in its first")
    tolerance: float = Field(
        default=1.5, gt=1, description="factor by which a width may be wrong before it is changed"
    )
    patience_s: NotNegative = Field(default=1800, description="between two widenings")


class OutageSpec(Strict):
    hours: Window = Field(description="since hour 0")
    share: Share = Field(description="of each kind of keeper, who can do nothing in that time")


class KeepersSpec(Strict):
    flash: int = Field(ge=0, le=50)
    own_capital: int = Field(ge=0, le=50)
    capital_usd: Positive = Field(description="of one keeper with own capital")
    margin: Range = Field(description="least profit wanted, of what is paid")
    bid_share: Range = Field(description="of the expected profit that is bid for priority")
    latency_s: Range
    alert: Share = Field(description="chance that one is up and looking in a step")
    takes_per_block: int = Field(ge=1, le=50)
    start_value: NotNegative = Field(description="what opening a sale is worth, of its debt")
    size_decay: NotNegative = Field(
        default=0.0, description="the r-th of a kind has capital and alertness as r ** -size_decay"
    )
    outages: tuple[OutageSpec, ...] = ()
    breakdowns_per_hour: NotNegative = Field(
        default=0.0, description="of one keeper at the calm base fee; as many more as gas is dearer"
    )
    repair_s: Positive = Field(default=1800.0, description="mean length of a breakdown")
    stale_bid_share: Share = Field(
        default=0.0,
        description="of each kind of keeper, whose cap stays at the gas price of calm times",
    )
    stale_bid_multiple: Positive = Field(
        default=1.5, description="of the calm base fee: that cap, priority fee included"
    )


class ArbitrageursSpec(Strict):
    count: int = Field(ge=0, le=50)
    capital_usd: Positive = Field(description="of one, half in each token, half on each side")
    margin: Range = Field(description="least profit wanted, of what is traded")
    bid_share: Range
    latency_s: Range
    alert: Share = Field(description="chance that one is up and looking in a step")


class PrintSpec(Strict):
    """A false price: for some hours everything posted is the venue's price times a factor."""

    hours: Window
    factor: Positive = Field(description="1 / 1.30 when one venue prints 1.30 for a dollar")


class NoiseSpec(Strict):
    """The turnover that is there anyhow."""

    venue_usd_per_day: NotNegative = Field(description="turnover of a calm day")
    pool_usd_per_day: NotNegative = Field(description="turnover of a calm day")
    usual_volatility: Positive = Field(description="of a calm day, per square-root year")
    elasticity: NotNegative = Field(default=0.85, description="of turnover to volatility")
    most: Positive = Field(default=40.0, description="turnover in that of a calm day")
    window_s: Positive = Field(default=1800, description="of the volatility they answer to")
    mood_sd: NotNegative = Field(default=0.4, description="of the logarithm, beside volatility")
    mood_half_life_h: Positive = 3.0
    peak_hour: float = Field(default=11.0, ge=0, lt=24, description="of the day, UTC")
    day_swing: float = Field(default=0.13, ge=0, lt=1, description="of the turnover over the day")
    imbalance: Share = Field(
        default=0.01,
        description="one side's remainder, of the turnover of a calm step (standard deviation)",
    )
    swappers: int = Field(default=6, ge=1, le=100, description="who trade in the pool")
    swaps_per_step: int = Field(default=1, ge=1, le=20, description="in the pool, at most")
    size_usd: Positive = Field(default=3000.0, description="mean of a swap")
    size_spread: NotNegative = Field(default=1.3, description="of the logarithm of a size")
    slippage: float = Field(
        default=0.01, gt=0, lt=1, description="that a swapper bears against the price on the screen"
    )
    capital_usd: Positive = Field(default=500_000.0, description="of a swapper, half in each token")


class OracleSpec(Strict):
    lag_s: NotNegative = Field(description="age of the venue's price that is posted")
    bid: Positive = Field(description="priority fee in base fees")
    most_bid: Positive = Field(
        default=50.0, description="priority fee after all raises, in base fees"
    )
    pulse_move: float = Field(
        gt=0, lt=1, description="jump of the answer after which breakers are pulsed"
    )
    pulse_every_s: Positive = Field(default=60.0, description="longest between two pulses")
    outages: tuple[Window, ...] = Field(
        default=(), description="nothing is posted [hours since hour 0]"
    )
    prints: tuple[PrintSpec, ...] = Field(default=(), description="of one venue, false")


class PopulationSpec(Strict):
    borrowers: BorrowersSpec
    panic_sellers: PanicSpec
    lenders: LendersSpec
    liquidity_providers: ProvidersSpec
    keepers: KeepersSpec
    arbitrageurs: ArbitrageursSpec
    oracle: OracleSpec
    noise_traders: NoiseSpec | None = None

"""The block space of a scenario: how much there is, what others want of it, and who fills blocks.

Gas prices are in gwei, ratios are plain numbers, times are in the unit that the field's name ends
with.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from sim.design import Strict
from sim.fields import NotNegative, Positive, Share
from sim.trace import ROLES
from sim.units import GWEI

Order = Literal["priority_fee", "random", "first_come"]


class LoadSpec(Strict):
    """What all others on the chain want: the price at which they alone would fill the target."""

    schedule: tuple[tuple[NotNegative, Positive], ...] = Field(
        default=((0.0, 1.0),),
        min_length=1,
        description="hour, that price over base_fee_gwei; straight in the logarithm in between",
    )
    drawdown_weight: NotNegative = Field(
        default=0.0, description="added to its logarithm for the fall from the day's high"
    )
    speed_weight: NotNegative = Field(
        default=0.0, description="added to its logarithm for the fall within the hour"
    )
    most: float = Field(default=50.0, ge=1, description="of it, over base_fee_gwei")
    half_life_s: Positive = Field(default=600.0, description="in which it follows")
    noise: NotNegative = Field(default=0.2, description="of its logarithm, standard deviation")
    burst: NotNegative = Field(
        default=0.5, description="of its logarithm in a single slot, standard deviation"
    )
    wanted: float = Field(
        default=3.0, gt=1, description="what others would take for nothing, in targets"
    )
    spread: Positive = Field(
        default=1.0, description="of the logarithm of what others would pay, standard deviation"
    )

    @model_validator(mode="after")
    def _rising(self) -> LoadSpec:
        hours = [hour for hour, _ in self.schedule]
        if any(b <= a for a, b in pairwise(hours)):
            raise ValueError("the hours of schedule must rise")
        return self


class CensoringSpec(Strict):
    """Builders who leave some transactions out of their blocks."""

    share: Share = Field(description="of the blocks that they build")
    roles: tuple[str, ...] = Field(default=(), description="whose transactions they leave out")
    functions: tuple[str, ...] = Field(
        default=(), description="calls that they leave out, whoever sends them"
    )

    @model_validator(mode="after")
    def _known(self) -> CensoringSpec:
        for role in self.roles:
            if role not in ROLES:
                raise ValueError(f"there is no role {role}; there are {', '.join(ROLES)}")
        if not (self.roles or self.functions):
            raise ValueError("say which roles or functions are left out")
        return self


class SandwichSpec(Strict):
    """A searcher who may put swaps around those of others, with tokens of its own."""

    capital_usd: Positive = Field(default=1e6, description="half in each token")
    least_profit_usd: NotNegative = Field(default=10.0, description="after gas")
    priority_fee: int = Field(default=2 * GWEI, ge=0, description="of each swap [wei per gas]")


class BlockSpaceSpec(Strict):
    gas_per_second: float = Field(
        gt=0,
        le=1e9,
        description="limit of the blocks; without a load, what this protocol's users can get",
    )
    base_fee_gwei: NotNegative = Field(description="of calm times")
    load: LoadSpec | None = Field(
        default=None, description="without one nobody else is there and the base fee stands still"
    )
    order: Order = "priority_fee"
    censoring: CensoringSpec | None = None
    sandwich: SandwichSpec | None = None
    expiry_s: Positive = Field(description="a transaction is given up after so long in the mempool")
    wallet_headroom: float = Field(
        default=2.0, ge=1, description="how many base fees a wallet pays at most, besides the tip"
    )

"""The network of a scenario: further assets and further markets beside the market of the design
under test.

Sections of an asset or a market stand on top of the scenario's own, field by field, so a market
says only in what its people differ.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.design import Design, Strict, load_design
from sim.fields import NotNegative, Price

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Section = dict[str, Any]  # fields of a section of a scenario, on top of what it says itself


class Correlated(Strict):
    """A price of its own that shares the first asset's moves: in logarithms beta times these, jumps
    included, and a diffusion and jumps (Merton 1976) of its own."""

    kind: Literal["correlated"]
    price: Price
    beta: float = Field(description="of the first asset's logarithm")
    volatility: NotNegative = Field(default=0.0, description="own, per square-root year")
    jumps_per_day: NotNegative = Field(default=0.0, description="own")
    jump_mean: float = Field(default=0.0, gt=-2, lt=2, description="of the log jump")
    jump_sd: NotNegative = 0.0


class Pegged(Strict):
    """A claim on the first asset: its price on the first asset's venue less a discount. The path is
    the discount without anybody's trades; sales of the claim widen it by the impact on its own
    venue and in its own pool."""

    kind: Literal["pegged"]
    discount: tuple[tuple[NotNegative, Annotated[float, Field(ge=0, lt=1)]], ...] = Field(
        min_length=1, description="hour of the scenario, ratio; straight lines between"
    )

    @model_validator(mode="after")
    def _rising(self) -> Pegged:
        hours = [hour for hour, _ in self.discount]
        if hours[0] != 0 or any(b <= a for a, b in pairwise(hours)):
            raise ValueError("discount must begin at hour 0 and its hours must rise")
        return self


class AssetSpec(Strict):
    """A further asset with a venue and a pool of its own, both against the debt token."""

    symbol: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$")
    decimals: int = Field(default=18, ge=6, le=18)
    price: Annotated[Correlated | Pegged, Field(discriminator="kind")]
    pool: Section = Field(default_factory=dict)
    venue: Section = Field(default_factory=dict)
    population: Section = Field(default_factory=dict)


def _design(value: Any) -> Any:
    """A name or a path becomes the design itself, `same` nothing."""
    if isinstance(value, str):
        return None if value == "same" else load_design(value)
    return value


class MarketLink(Strict):
    """A further market."""

    name: Name
    design: Annotated[Design | None, BeforeValidator(_design)] = Field(
        default=None, description="name, path or content; same or null: the design under test"
    )
    collateral: str | None = Field(
        default=None, description="symbol of a further asset; null: the first asset"
    )
    shares_of: Name | None = Field(
        default=None, description="a market before this one, whose supply shares are the collateral"
    )
    population: Section = Field(default_factory=dict)


class NetworkSpec(Strict):
    primary: Name = Field(
        default="a", description="what the market of the design under test is called"
    )
    assets: tuple[AssetSpec, ...] = ()
    markets: tuple[MarketLink, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _linked(self) -> NetworkSpec:
        names = [self.primary, *(market.name for market in self.markets)]
        symbols = [asset.symbol for asset in self.assets]
        for what in (names, symbols):
            twice = [name for name in what if what.count(name) > 1]
            if twice:
                raise ValueError(f"{twice[0]} stands there twice")
        for i, market in enumerate(self.markets, start=1):
            if market.shares_of is None:
                continue
            if market.collateral is not None:
                raise ValueError(f"market {market.name}: collateral and shares_of; leave one")
            if market.shares_of not in names[:i]:
                raise ValueError(
                    f"market {market.name}: shares_of {market.shares_of} is no market before it; "
                    f"there are {', '.join(names[:i])}"
                )
        taken = {market.collateral for market in self.markets}
        for symbol in sorted(taken - {None, *symbols}, key=str):
            there = ", ".join(symbols) or "none"
            raise ValueError(f"there is no asset {symbol} to be collateral; there are {there}")
        for symbol in symbols:
            if symbol not in taken:
                raise ValueError(f"no market takes {symbol} as collateral; name it in one")
        return self

    def asset(self, symbol: str | None) -> AssetSpec | None:
        """The further asset of that name; None: the first."""
        return next((asset for asset in self.assets if asset.symbol == symbol), None)

"""The path of the price outside, without anybody's impact: what a scenario may say about it.

Prices are in USD per whole collateral token. Every kind has a `first` price and says how many
`seconds` it lasts.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.design import Strict
from sim.fields import NotNegative, Price

Points = tuple[tuple[NotNegative, float], ...]  # hour, value


class Candles(Strict):
    """Bars that the path must meet: high, low and close of each."""

    kind: Literal["candles"]
    interval_s: int = Field(default=3600, gt=0)
    open: Price
    bars: tuple[tuple[Price, Price, Price], ...] = Field(
        min_length=1, description="high, low, close"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Candles:
        for i, (high, low, close) in enumerate(self.bars):
            if not low <= close <= high:
                raise ValueError(f"bar {i}: close {close} is not between low {low} and high {high}")
        if 3600 % self.interval_s and self.interval_s % 3600:
            raise ValueError(
                f"interval_s {self.interval_s} neither divides an hour nor counts whole hours"
            )
        return self

    @property
    def first(self) -> float:
        return self.open

    @property
    def seconds(self) -> int:
        return self.interval_s * len(self.bars)


class Process(Strict):
    """Geometric Brownian motion with jumps (Merton 1976)."""

    kind: Literal["process"]
    price: Price
    volatility: NotNegative = Field(description="of the diffusion, per square-root year")
    jumps_per_day: NotNegative = 0.0
    jump_mean: float = Field(default=0.0, gt=-2, lt=2, description="of the log jump")
    jump_sd: NotNegative = 0.0

    @property
    def first(self) -> float:
        return self.price

    @property
    def seconds(self) -> None:
        """As long as one likes."""


class PricePath(Strict):
    """Straight lines between points in the logarithm of the price, with noise around them."""

    kind: Literal["path"]
    points: tuple[tuple[NotNegative, Price], ...] = Field(min_length=2, description="hour, price")
    volatility: NotNegative = Field(description="of the noise, per square-root year")

    @model_validator(mode="after")
    def _rising(self) -> PricePath:
        _check_hours(self.points)
        return self

    @property
    def first(self) -> float:
        return self.points[0][1]

    @property
    def seconds(self) -> int:
        return int(3600 * self.points[-1][0])


Plain = Annotated[Candles | Process | PricePath, Field(discriminator="kind")]


class Pegged(Strict):
    """An asset that is worth its base less a discount, as staked ether: the discount runs in
    straight lines between its points and stays at the last."""

    kind: Literal["pegged"]
    base: Plain
    discount: tuple[tuple[NotNegative, Annotated[float, Field(ge=0, lt=1)]], ...] = Field(
        min_length=2, description="hour, ratio below the base"
    )

    @model_validator(mode="after")
    def _rising(self) -> Pegged:
        _check_hours(self.discount)
        return self

    @property
    def first(self) -> float:
        return self.base.first * (1 - self.discount[0][1])

    @property
    def seconds(self) -> int | None:
        return self.base.seconds


Single = Annotated[Candles | Process | PricePath | Pegged, Field(discriminator="kind")]


class Product(Strict):
    """The first factor's price, times what each other one has become of its own first price; those
    stay where they end."""

    kind: Literal["product"]
    factors: tuple[Single, ...] = Field(min_length=2)

    @property
    def first(self) -> float:
        return self.factors[0].first

    @property
    def seconds(self) -> int | None:
        return self.factors[0].seconds


Prices = Annotated[Candles | Process | PricePath | Pegged | Product, Field(discriminator="kind")]


def shortest_bar_s(prices: Prices) -> int | None:
    """Of the candles in it; None: there are none [s]."""
    if isinstance(prices, Candles):
        return prices.interval_s
    if isinstance(prices, Pegged):
        return shortest_bar_s(prices.base)
    if isinstance(prices, Product):
        found = [shortest_bar_s(factor) for factor in prices.factors]
        return min((bar for bar in found if bar is not None), default=None)
    return None


def _check_hours(points: Points) -> None:
    hours = [hour for hour, _ in points]
    if hours[0] != 0 or any(b <= a for a, b in pairwise(hours)):
        raise ValueError("points must begin at hour 0 and their hours must rise")

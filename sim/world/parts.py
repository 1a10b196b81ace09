"""The markets of a run before they stand: each with its scenario, its design and its people.

The first is the market of the design under test, and all there is without a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from sim.agents.base import Floats
from sim.design import Design, TokenSpec
from sim.engines.base import Address, address_of
from sim.errors import InputError
from sim.markets.linked import discounts, linked
from sim.markets.paths import fundamental
from sim.markets.venue import VENUE
from sim.network import AssetSpec, MarketLink, Pegged
from sim.scenario import Scenario
from sim.world.population import Population, populate
from sim.world.rng import SeedTree

SHARE_DECIMALS = 6  # more than the asset's: contracts/modules/vault.vy
CROWD = (
    *("holders", "holdings", "contacts"),
    *("providers", "positions", "arbitrageurs", "swappers"),
)  # fields of a population that belong to the asset, not to the market
FARTHEST = 1e5  # from its first price: beyond, amounts run out of decimals


@dataclass(frozen=True, slots=True)
class Outside:
    """Where an asset's price comes from, and who trades it."""

    path: Floats  # without anybody's impact [USD]
    venue: Address  # its venue's hot wallet
    peg: Floats | None = None  # share of the first asset's price on its venue; None: not pegged


@dataclass(frozen=True, slots=True)
class Part:
    """One market. `scenario` is as this market meets it."""

    name: str
    first: bool
    scenario: Scenario
    design: Design
    outside: Outside
    host: bool  # the first to take its asset: its people include the asset's own crowd
    people: Population
    backing: str | None = None  # the market whose shares are the collateral

    @property
    def prefix(self) -> str:
        """Of the keys of its own contracts, and of what is named after it."""
        return "" if self.first else f"{self.name}/"

    @property
    def token(self) -> TokenSpec:
        """The collateral."""
        return self.design.market.collaterals[0].token

    @property
    def price(self) -> float:
        """Of the collateral at the start [USD]."""
        return float(self.outside.path[0])

    @property
    def venue(self) -> Address:
        """The hot wallet of the collateral's venue."""
        return self.outside.venue


def parts_of(scenario: Scenario, design: Design, seeds: SeedTree) -> list[Part]:
    """All markets, the first one first. Raises InputError when something does not fit together."""
    path = fundamental(scenario.prices, scenario.clock, seeds.stream)
    _check_range(path, f"scenario {scenario.name}: prices")
    network = scenario.network
    alone = scenario.model_copy(update={"network": None})
    people = populate(alone, design, float(path[0]), seeds)
    name = network.primary if network else "a"
    parts = [Part(name, True, alone, design, Outside(path, VENUE), True, people)]
    for link in network.markets if network else ():
        asset = network.asset(link.collateral) if network else None
        parts.append(_further(scenario, link, asset, parts, seeds))
    return parts


def _further(
    scenario: Scenario,
    link: MarketLink,
    asset: AssetSpec | None,
    parts: list[Part],
    seeds: SeedTree,
) -> Part:
    if link.shares_of is not None:
        return _on_shares(scenario, link, parts, seeds)
    first, own = parts[0], scenario.met_by(link)
    if asset is not None and asset.symbol in (first.token.symbol, _debt(first.design).symbol):
        raise InputError(
            f"scenario {scenario.name}: network: asset {asset.symbol} is a token of design "
            f"{first.design.name}; call it something else"
        )
    known = {part.token.symbol: part.outside for part in parts}
    token, host = first.token, False
    if asset is not None:
        token = TokenSpec(symbol=asset.symbol, decimals=asset.decimals)
        host = token.symbol not in known
    outside = known.get(token.symbol) or _outside(scenario, asset, first, seeds)
    design = _fitted(link.design or first.design, first, token, float(outside.path[0]))
    _check_feed(design, parts)
    drawn = populate(own, design, float(outside.path[0]), seeds.branch(link.name))
    people = _others(drawn if host else _without_crowd(drawn), link.name)
    return Part(link.name, False, own, design, outside, host, people)


def _on_shares(scenario: Scenario, link: MarketLink, parts: list[Part], seeds: SeedTree) -> Part:
    """A market that takes another's shares, which are worth one debt token each at the start."""
    first, own = parts[0], scenario.met_by(link)
    giver = next(part for part in parts if part.name == link.shares_of)
    decimals = _debt(first.design).decimals + SHARE_DECIMALS
    token = TokenSpec(symbol=f"{giver.prefix}market", decimals=decimals)
    outside = Outside(np.ones_like(first.outside.path), giver.venue)
    design = _fitted(link.design or first.design, first, token, 1.0)
    drawn = populate(own, design, 1.0, seeds.branch(link.name))
    people = _others(replace(_without_crowd(drawn), flash_keepers=()), link.name)
    return Part(link.name, False, own, design, outside, False, people, giver.name)


def _outside(scenario: Scenario, asset: AssetSpec | None, first: Part, seeds: SeedTree) -> Outside:
    assert asset is not None  # the first asset is known
    clock, price = scenario.clock, asset.price
    rng = seeds.stream(f"price/{asset.symbol}")
    path = linked(price, first.outside.path, scenario.prices, clock, rng)
    _check_range(path, f"scenario {scenario.name}: network.assets: {asset.symbol}")
    peg = 1 - discounts(price, clock) if isinstance(price, Pegged) else None
    return Outside(path, address_of(f"venue/{asset.symbol}"), peg)


def _check_range(path: Floats, where: str) -> None:
    """A path drawn with an absurd volatility leaves what a token's decimals can tell."""
    low, high = float(path.min() / path[0]), float(path.max() / path[0])
    if not (low >= 1 / FARTHEST and high <= FARTHEST):
        raise InputError(
            f"{where}: with this seed the price goes from {low:.2g} to {high:.2g} times its first; "
            f"keep it within a factor of {FARTHEST:,.0f}, with less volatility or smaller jumps"
        )


def _fitted(design: Design, first: Part, token: TokenSpec, price: float) -> Design:
    """The design with another collateral, of which it holds as much in value."""
    market = design.market
    if market.debt_token != _debt(first.design):
        raise InputError(
            f"design {design.name}: market.debt_token is {market.debt_token.symbol}, "
            f"that of {first.design.name} is {_debt(first.design).symbol}; markets of a network "
            "lend the same token"
        )
    if len(market.collaterals) > 1:
        raise InputError(
            f"design {design.name}: market.collaterals has {len(market.collaterals)} entries; "
            "a market of a network has one"
        )
    old = market.collaterals[0]
    cap = old.cap * max(1.0, first.price / price)
    collateral = old.model_copy(update={"token": token, "cap": cap})
    fitted = market.model_copy(update={"collaterals": (collateral,)})
    return design.model_copy(update={"market": fitted})


def _debt(design: Design) -> TokenSpec:
    return design.market.debt_token


def _check_feed(design: Design, parts: list[Part]) -> None:
    """Markets that take one asset share its pushed feed, on the terms of the first of them."""
    own = design.market.collaterals[0]
    for part in parts:
        shared = part.design.market.collaterals[0]
        if shared.token == own.token and own.feed.max_age_s < shared.feed.heartbeat_s:
            raise InputError(
                f"design {design.name}: market.collaterals.0.feed.max_age_s {own.feed.max_age_s} "
                f"is below the heartbeat {shared.feed.heartbeat_s} of the feed that it shares with "
                f"market {part.name}; raise it"
            )


def _without_crowd(people: Population) -> Population:
    empty: Mapping[str, Any] = dict.fromkeys(CROWD, ())
    return replace(people, **empty)


def _others(people: Population, name: str) -> Population:
    """Under addresses of their own: the people of another market are others."""

    def moved(item: Any) -> Any:
        if isinstance(item, str):
            return address_of(f"{name}/{item}")
        for kind in ("address", "owner"):
            if hasattr(item, kind):
                return replace(item, **{kind: address_of(f"{name}/{getattr(item, kind)}")})
        return item

    groups = {f.name: tuple(map(moved, getattr(people, f.name))) for f in fields(people)}
    return replace(people, **groups)

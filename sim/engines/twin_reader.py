"""One snapshot a block, from the twins' storage: what the lens on the chain would answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sim.engines.base import (
    Address,
    Event,
    FeedState,
    MarketState,
    PoolState,
    Sale,
    Snapshot,
)
from sim.engines.opening import Sight
from sim.engines.sales import OpenSales
from sim.engines.twin_accounts import TwinAccounts
from sim.engines.twins import Twins
from sim.mechanisms.kernel import NOBODY


class TwinReader:
    """Reads the twins for the world."""

    def __init__(self, twins: Twins, sights: Sequence[Sight]) -> None:
        self._twins, self._deployment = twins, sights[0].deployment
        self._first, *self._others = [TwinMarketReader(twins, sight) for sight in sights]

    def read(self, timestamp: int) -> Snapshot:
        """State as a call at `timestamp` sees it. Raises EngineError when the lens reverts."""
        with self._twins.at(timestamp):
            first = self._first.read(timestamp)
            beside = [other.read(timestamp) for other in self._others]
        return replace(first, beside=beside) if beside else first

    def note(self, events: Sequence[Event]) -> None:
        """Take in what a block has logged."""
        for market in (self._first, *self._others):
            market.open_sales.note(events)

    def balances(self, holders: Sequence[Address]) -> dict[str, list[int]]:
        """Of tokens, by symbol, in the holders' order."""
        at = self._deployment.addresses
        tokens: dict[str, Any] = {
            s: self._twins.chain.contracts[at[s]] for s in self._deployment.decimals
        }
        return {s: list(map(t.balanceOf.__getitem__, holders)) for s, t in tokens.items()}


class TwinMarketReader:
    """Reads one market."""

    def __init__(self, twins: Twins, sight: Sight) -> None:
        deployment, self._watched, self._pair = sight.deployment, sight.watched, sight.pair
        self._twins, self._deployment = twins, deployment
        self.open_sales = OpenSales(self._watched, f"{deployment.prefix}liquidation")
        self._symbols = {deployment.addresses[s]: s for s in deployment.collaterals}
        self._poked = [key for key in twins.keys_with("poke", "due") if deployment.owns(key)]
        self._market = deployment.addresses[f"{deployment.prefix}market"]
        self._accounts = TwinAccounts(twins.chain, self._market, self._watched, list(self._symbols))

    def read(self, timestamp: int) -> Snapshot:
        """To be called at that time."""
        *totals, feeds = self._ask("lens", "market", self._market)
        debt, health, held = self._accounts.read()
        symbols = self._deployment.collaterals
        return Snapshot(
            number=self._twins.chain.number,
            timestamp=timestamp,
            market=MarketState(*totals),
            feeds={s: FeedState(*feed) for s, feed in zip(symbols, feeds, strict=True)},
            pushed={s: self._pushed(s) for s in symbols},
            due=tuple(key for key in self._poked if self._ask(key, "due")),
            pool=self._pool(),
            debt=debt,
            collateral=dict(zip(symbols, held, strict=True)),
            health=health,
            sales=self._sales(health),
        )

    def _pushed(self, symbol: str) -> FeedState:
        _, answer, _, updated_at, _ = self._ask(f"feed:{symbol}", "latestRoundData")
        return FeedState(answer, updated_at)

    def _pool(self) -> PoolState:
        pool = self._deployment.pool
        root, tick, *_ = self._ask(pool, "slot0")
        first, price = self._pair.collateral_is_token0, self._pair.price(root)
        return PoolState(root, tick, self._ask(pool, "liquidity"), price, first)

    def _sales(self, health: Sequence[int]) -> list[Sale]:
        indexes = self.open_sales.to_be_asked(health)
        accounts = [self._watched[i] for i in indexes]
        rows = self._ask("lens", "sales", self._market, accounts) if indexes else ()
        return [
            Sale(indexes[row], self._symbols[collateral], startable, restartable, pay, receive)
            for row, collateral, startable, restartable, pay, receive in rows
        ]

    def _ask(self, key: str, function: str, *args: Any) -> Any:
        return self._twins.view(NOBODY, key, function, *args)

"""One snapshot a block: all watched accounts, the market, the feeds and the pool, in one batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sim.engines.abi import revert_reason
from sim.engines.base import (
    NATIVE,
    Address,
    Call,
    Event,
    FeedState,
    MarketState,
    PoolState,
    Sale,
    Snapshot,
)
from sim.engines.blocks import Contracts
from sim.engines.opening import Sight
from sim.engines.process import AnvilNode
from sim.engines.rpc import Request, RpcError
from sim.engines.sales import OpenSales
from sim.errors import EngineError

LENS_ACCOUNTS = 200  # of one call; more costs memory gas, fewer costs round trips
LENS_SALES = 100
VIEW_GAS = 10**9
BALANCES = 1000  # calls of one batch

T = TypeVar("T")


class MarketReader:
    """What to ask about one market, and what the answers say."""

    def __init__(self, contracts: Contracts, sight: Sight) -> None:
        self._deployment, self._watched, self._pair = sight.deployment, sight.watched, sight.pair
        deployment, pool = sight.deployment, sight.deployment.pool
        self._symbols = {deployment.addresses[s]: s for s in deployment.collaterals}
        self.open_sales = OpenSales(self._watched, f"{deployment.prefix}liquidation")
        self._poked = [key for key in contracts.keys_with("poke", "due") if deployment.owns(key)]
        self._market = f"<{deployment.prefix}market>"
        self.calls = [
            Call("lens", "market", (self._market,)),
            Call(pool, "slot0"),
            Call(pool, "liquidity"),
            *(Call(f"feed:{symbol}", "latestRoundData") for symbol in deployment.collaterals),
            *(Call(key, "due") for key in self._poked),
            *(
                Call("lens", "accounts", (self._market, part))
                for part in _parts(self._watched, LENS_ACCOUNTS)
            ),
        ]

    def sale_calls(self, health: Sequence[int]) -> list[Call]:
        """What to ask about the sales of accounts that may have any."""
        parts = _parts(self.open_sales.to_be_asked(health), LENS_SALES)
        asked = ([self._watched[i] for i in part] for part in parts)
        return [Call("lens", "sales", (self._market, accounts)) for accounts in asked]

    def snapshot(self, number: int, timestamp: int, results: Sequence[Any]) -> Snapshot:
        """From the results of `calls`, without the sales."""
        answers = iter(results)
        *totals, feeds = next(answers)
        pool = self._pool(next(answers), next(answers))
        symbols = self._deployment.collaterals
        rounds = [next(answers) for _ in symbols]
        due = tuple(key for key in self._poked if next(answers))
        states = list(itertools.chain.from_iterable(answers))
        return Snapshot(
            number=number,
            timestamp=timestamp,
            market=MarketState(*totals),
            feeds={s: FeedState(*feed) for s, feed in zip(symbols, feeds, strict=True)},
            pushed={s: FeedState(r[1], r[3]) for s, r in zip(symbols, rounds, strict=True)},
            due=due,
            pool=pool,
            debt=[s[0] for s in states],
            collateral={symbol: [s[2][i] for s in states] for i, symbol in enumerate(symbols)},
            health=[s[1] for s in states],
            sales=[],
        )

    def sales(self, health: Sequence[int], results: Sequence[Any]) -> list[Sale]:
        """From the results of `sale_calls`."""
        parts = _parts(self.open_sales.to_be_asked(health), LENS_SALES)
        return [
            Sale(part[row], self._symbols[collateral], startable, restartable, pay, receive)
            for part, rows in zip(parts, results, strict=True)
            for row, collateral, startable, restartable, pay, receive in rows
        ]

    def _pool(self, slot0: Sequence[Any], liquidity: int) -> PoolState:
        root, tick = slot0[0], slot0[1]
        return PoolState(
            root, tick, liquidity, self._pair.price(root), self._pair.collateral_is_token0
        )


class Reader:
    """Reads the chain for the world: all markets in the same round trips."""

    def __init__(self, node: AnvilNode, contracts: Contracts, sights: Sequence[Sight]) -> None:
        self._node, self._contracts = node, contracts
        self._deployment = sights[0].deployment
        self._markets = [MarketReader(contracts, sight) for sight in sights]
        self._calls = [call for market in self._markets for call in market.calls]
        self._encoded = [contracts.calldata(call) for call in self._calls]

    def read(self, number: int, timestamp: int) -> Snapshot:
        """State as a call at `timestamp` sees it; a second round trip when there may be sales."""
        answers = iter(self._ask(self._calls, self._encoded, timestamp))
        states = [
            market.snapshot(number, timestamp, list(itertools.islice(answers, len(market.calls))))
            for market in self._markets
        ]
        first, *beside = self._with_sales(states, timestamp)
        return replace(first, beside=beside) if beside else first

    def note(self, events: Iterable[Event]) -> None:
        """Take in what a block has logged."""
        for market in self._markets:
            market.open_sales.note(events)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget at the end what was noted inside, also after an error."""
        with ExitStack() as stack:
            for market in self._markets:
                stack.enter_context(market.open_sales.undone())
            yield

    def balances(self, holders: Sequence[Address]) -> dict[str, list[int]]:
        """By symbol and NATIVE, in the holders' order."""
        found = {s: self._tokens(s, holders) for s in self._deployment.decimals}
        coins = self._all([("eth_getBalance", [h, "latest"]) for h in holders])
        return {**found, NATIVE: [int(c, 16) for c in coins]}

    def _tokens(self, symbol: str, holders: Sequence[Address]) -> list[int]:
        calls = [Call(symbol, "balanceOf", (holder,)) for holder in holders]
        answers = self._all([_request(*self._contracts.calldata(c)) for c in calls])
        return [int(answer, 16) for answer in answers]

    def _all(self, requests: Sequence[Request]) -> list[Any]:
        batches = (self._node.all(part) for part in _parts(requests, BALANCES))
        return list(itertools.chain.from_iterable(batches))

    def _with_sales(self, states: Sequence[Snapshot], timestamp: int) -> list[Snapshot]:
        pairs = list(zip(self._markets, states, strict=True))
        calls = [market.sale_calls(state.health) for market, state in pairs]
        flat = [call for own in calls for call in own]
        encoded = [self._contracts.calldata(call) for call in flat]
        answers = iter(self._ask(flat, encoded, timestamp))
        return [
            replace(
                state,
                sales=market.sales(state.health, list(itertools.islice(answers, len(own)))),
            )
            for (market, state), own in zip(pairs, calls, strict=True)
        ]

    def _ask(
        self, calls: Sequence[Call], encoded: Sequence[tuple[Address, str]], timestamp: int
    ) -> list[Any]:
        """The results of the calls, in a block at `timestamp`, in one round trip."""
        time = [{}, {"time": hex(timestamp)}]  # overrides of state and of the block
        answers = self._node.batch([_request(to, data, time) for to, data in encoded])
        return [_result(self._contracts, c, a) for c, a in zip(calls, answers, strict=True)]


def view(node: AnvilNode, contracts: Contracts, call: Call, sender: Address | None = None) -> Any:
    """The result of a call at the last block. Raises EngineError with the revert reason."""
    method, params = _request(*contracts.calldata(call))
    if sender is not None:
        params[0]["from"] = sender
    (answer,) = node.batch([(method, params)])
    return _result(contracts, call, answer)


def _request(to: Address, data: str, overrides: Sequence[Mapping[str, str]] = ()) -> Request:
    return "eth_call", [{"to": to, "data": data, "gas": hex(VIEW_GAS)}, "latest", *overrides]


def _result(contracts: Contracts, call: Call, answer: Any) -> Any:
    if isinstance(answer, RpcError):
        why = revert_reason(answer.data) if answer.data else answer.message
        raise EngineError(f"{call.target}.{call.function}: {why}")
    return contracts.answer(call, answer)


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))

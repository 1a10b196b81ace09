"""Twin of contracts/periphery/Lens.vy: hundreds of accounts of a market at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from operator import add
from typing import Any, NamedTuple

from sim.mechanisms.kernel import NOBODY, Address, Contract, Revert, view
from sim.mechanisms.words import uint
from sim.units import BORROW, LIQUIDATE, MAX_UINT, RAY, WAD, WITHDRAW

ANSWER_TO_WAD = 10**10
ENDLESS = MAX_UINT // 2  # a wish [debt token]
ACTIONS = (BORROW, WITHDRAW, LIQUIDATE)
Ask = Callable[..., Any]  # a call: target, function, arguments
AMOUNTS = ("cash", "total_debt", "debt_in_sale", "reserve", "totalAssets", "totalSupply")


class AccountState(NamedTuple):
    """One account."""

    debt: int  # [debt token]
    health_factor: int  # at the feeds' last answers [WAD]; 2**256 - 1 without debt
    collateral: tuple[int, ...]  # in the market's order [collateral token]


class FeedState(NamedTuple):
    """The last answer of a feed."""

    answer: int  # [10**-8, debt per collateral]
    updated_at: int  # [unix s]


class SaleState(NamedTuple):
    """What can be started, restarted or taken of one account's collateral."""

    row: int  # of the account in the list that was asked for
    collateral: Address
    startable: bool
    restartable: bool
    pay: int  # for all that is for sale now [debt token]
    receive: int  # [collateral token]


class Terms(NamedTuple):
    """What turns an amount of a collateral into a limit."""

    collateral: Address
    price: int  # at the feed's last answer; 0 when it has none [WAD, debt per collateral]
    scale: int  # amount [collateral token] * price is that many times its value [debt token]
    threshold: int  # of liquidation [WAD]


class Lens(Contract):
    """Stateless."""

    guarded = True

    @view
    def accounts(self, market: Address, accounts: Sequence[Address]) -> tuple[AccountState, ...]:
        """One row an account, in their order."""
        terms, index = terms_of(self._call, market), self._call(market, "index")
        scaled = [self._call(market, "scaled_debt_of", account) for account in accounts]
        held = [
            [self._call(market, "collateral_of", account, term.collateral) for account in accounts]
            for term in terms
        ]
        debts, health = standing(index, terms, scaled, held)
        columns = zip(*held, strict=True) if held else (() for _ in accounts)
        return tuple(map(AccountState, debts, health, columns))

    @view
    def market(self, market: Address) -> tuple[Any, ...]:
        """The whole of it, in the order of the contract's struct; LIQUIDATE is asked for the first
        collateral."""
        ask = partial(self._call, market)
        collaterals, debt_token = ask("collaterals"), ask("debt_token")
        assets = (debt_token, debt_token, collaterals[0] if collaterals else NOBODY)
        wishes = zip(ACTIONS, assets, strict=True)
        return (
            *(ask(name) for name in AMOUNTS),
            tuple(ask("halted_until", action) for action in ACTIONS),
            ask("halted_seconds"),
            tuple(ask("allowed", *wish, ENDLESS) for wish in wishes),
            tuple(feed_of(self._call, market, collateral) for collateral in collaterals),
        )

    @view
    def sales(self, market: Address, accounts: Sequence[Address]) -> tuple[SaleState, ...]:
        """One row for each account and collateral of which something can be had now.

        A module that reverts, as with a stale price, has nothing to offer.
        """
        module, collaterals = self._call(market, "liquidation"), self._call(market, "collaterals")
        ask = partial(self._answer, self._chain.call, self.address, module)
        rows = []
        for index, account in enumerate(accounts):
            startable = ask("startable", account) is True
            for collateral in collaterals:
                held = startable and self._call(market, "collateral_of", account, collateral) > 0
                restartable = ask("restartable", account, collateral) is True
                pay, receive = ask("quote", account, collateral, MAX_UINT) or (0, 0)
                if held or restartable or pay:
                    rows.append(SaleState(index, collateral, held, restartable, pay, receive))
        return tuple(rows)

    @staticmethod
    def _answer(call: Ask, *args: Any) -> Any:
        """Of a static call, where there is nothing to undo; None when it reverts."""
        try:
            return call(*args)
        except Revert:
            return None


def feed_of(ask: Ask, market: Address, collateral: Address) -> FeedState:
    """The last answer of what the market reads."""
    config = ask(market, "config", collateral)
    _, answer, _, updated_at, _ = ask(config.feed, "latestRoundData")
    return FeedState(answer, updated_at)


def terms_of(ask: Ask, market: Address) -> list[Terms]:
    """In the market's order."""
    debt_decimals = ask(ask(market, "debt_token"), "decimals")
    terms = []
    for collateral in ask(market, "collaterals"):
        config = ask(market, "config", collateral)
        price = uint(max(feed_of(ask, market, collateral).answer, 0) * ANSWER_TO_WAD)
        scale = 10 ** (18 + config.decimals - debt_decimals)
        terms.append(Terms(collateral, price, scale, config.liquidation_threshold))
    return terms


def standing(
    index: int, terms: Sequence[Terms], scaled: Collection[int], held: Sequence[Collection[int]]
) -> tuple[list[int], list[int]]:
    """Debts [debt token] and health factors [WAD] of accounts.

    `scaled` debts by account [debt token at index 1]; amounts held by collateral, by account.
    """
    return graded(index, scaled, limits_of(terms, held, len(scaled)))


def limits_of(terms: Sequence[Terms], held: Sequence[Collection[int]], accounts: int) -> list[int]:
    """What each of so many accounts may owe before it is liquidated [debt token]."""
    limits = [0] * accounts
    for (_, price, scale, threshold), amounts in zip(terms, held, strict=True):
        worths = _times_down(amounts, price, scale)
        limits = list(map(add, limits, _times_down(worths, threshold, WAD)))
    return limits


def graded(
    index: int, scaled: Collection[int], limits: Sequence[int]
) -> tuple[list[int], list[int]]:
    """As `standing`, from the accounts' limits."""
    debts = _times_up(scaled, index, RAY)
    health = [
        limit * WAD // debt if debt else MAX_UINT for limit, debt in zip(limits, debts, strict=True)
    ]
    return debts, health


def _times_down(values: Collection[int], up: int, down: int) -> list[int]:
    """Each value x up / down, rounded down, by a product and a shift: half the time of a division.

    The factor exceeds up / down by less than 2**-k, so the product exceeds v x up / down by less
    than v / 2**k < 1 / down. That is a multiple of 1 / down, so no integer lies in between.
    """
    k = max(values, default=0).bit_length() + down.bit_length()
    factor = -(-(up << k) // down)
    return [value * factor >> k for value in values]


def _times_up(values: Collection[int], up: int, down: int) -> list[int]:
    """The same rounded up, with a factor that is too small."""
    k = max(values, default=0).bit_length() + down.bit_length()
    factor, less = (up << k) // down, (1 << k) - 1
    return [value * factor + less >> k for value in values]

"""Twin of contracts/modules/collateral_book.vy: what is accepted, who holds how much, its worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.mechanisms.kernel import NOBODY, Address, Contract, Revert, Table, reentrant, steady
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD, YEAR_S

MAX_COLLATERALS = 8
FEED_DECIMALS = 8
ANSWER_TO_WAD = 10**10


class CollateralConfig(NamedTuple):
    """The terms of one collateral."""

    feed: Address = NOBODY
    decimals: int = 0
    ltv: int = 0  # what can be borrowed against it [WAD]
    liquidation_threshold: int = 0  # as stored, at the end of a ramp [WAD]
    cap: int = 0  # most that the market holds [collateral token]
    max_age: int = 0  # oldest answer of the feed that counts [s]


class Ramp(NamedTuple):
    """A liquidation threshold that falls linearly."""

    start: int = 0  # from here [WAD]
    duration: int = 0  # [s]
    ends_at: int = 0  # [unix s]


class AccountValues(NamedTuple):
    """At feed prices, in [debt token]; the debt rounded up, the rest down."""

    debt: int
    collateral: int
    borrow_limit: int
    liquidation_limit: int


class CollateralBook(Contract):
    """Amounts in [collateral token]."""

    def _init_collateral_book(self, debt_token: Address) -> None:
        self._debt_decimals = self._decimals_of(debt_token)
        self._listed: tuple[Address, ...] = ()
        self._configs: Table[Address, CollateralConfig] = self._table(CollateralConfig())
        self.ramp: Table[Address, Ramp] = self._table(Ramp())  # by collateral, the last one
        self.collateral_of: Table[tuple[Address, Address], int] = self._table(0)  # account, token
        self.held: Table[Address, int] = self._table(0)  # by all accounts

    @reentrant
    def collaterals(self) -> tuple[Address, ...]:
        """Every collateral that was ever added, in this order."""
        return self._listed

    @reentrant
    @steady
    def config(self, collateral: Address) -> CollateralConfig:
        """With the liquidation threshold of now; all zero for an unknown collateral."""
        threshold = self._threshold_up(collateral)
        return self._configs[collateral]._replace(liquidation_threshold=threshold)

    @reentrant
    def price(self, collateral: Address) -> int:
        """[WAD, debt per collateral]."""
        return self._price(collateral)

    @reentrant
    def value_down(self, collateral: Address, amount: int) -> int:
        """[debt token]."""
        return mul_div_down(amount, self._price(collateral), self._scale(collateral))

    def _decimals_of(self, token: Address) -> int:
        decimals: int = self._call(token, "decimals")
        if not 6 <= decimals <= 18:
            raise Revert("market: token decimals")
        return decimals

    def _known(self, collateral: Address) -> CollateralConfig:
        config = self._configs[collateral]
        if config.feed == NOBODY:
            raise Revert("market: unknown collateral")
        return config

    @steady
    def _threshold_up(self, collateral: Address) -> int:
        """Liquidation threshold of now [WAD]."""
        target = self._configs[collateral].liquidation_threshold
        start, duration, ends_at = self.ramp[collateral]
        left = ends_at - self._chain.timestamp
        return target + mul_div_up(start - target, left, duration) if left > 0 else target

    @steady
    def _price(self, collateral: Address) -> int:
        """The feed's answer as [WAD, debt per collateral]."""
        config = self._known(collateral)
        _, answer, _, updated_at, _ = self._call(config.feed, "latestRoundData")
        if answer <= 0:
            raise Revert("market: zero price")
        if self._chain.timestamp > uint(updated_at + config.max_age):
            raise Revert("market: stale price")
        return uint(answer * ANSWER_TO_WAD)

    @steady
    def _scale(self, collateral: Address) -> int:
        """Amount [collateral token] * price [WAD] is that many times its value [debt token]."""
        scale: int = 10 ** (18 + self._configs[collateral].decimals - self._debt_decimals)
        return scale

    def _value_up(self, collateral: Address, amount: int) -> int:
        """[debt token]."""
        return mul_div_up(amount, self._price(collateral), self._scale(collateral))

    @steady
    def _values(self, account: Address, debt: int) -> AccountValues:
        """Only collateral that the account holds is priced."""
        value = borrow_limit = liquidation_limit = 0
        for collateral in self._listed:
            amount = self.collateral_of[account, collateral]
            if not amount:
                continue
            worth = mul_div_down(amount, self._price(collateral), self._scale(collateral))
            value += worth
            borrow_limit += mul_div_down(worth, self._configs[collateral].ltv, WAD)
            liquidation_limit += mul_div_down(worth, self._threshold_up(collateral), WAD)
        return AccountValues(debt, value, borrow_limit, liquidation_limit)

    def _add_collateral(self, collateral: Address, terms: CollateralConfig) -> None:
        if self._configs[collateral].feed != NOBODY:
            raise Revert("market: known collateral")
        if len(self._listed) == MAX_COLLATERALS:
            raise Revert("market: too many collaterals")
        self._listed += (collateral,)
        self._configure(collateral, terms._replace(decimals=self._decimals_of(collateral)))

    def _set_collateral(self, collateral: Address, terms: CollateralConfig) -> None:
        self._configure(collateral, terms._replace(decimals=self._known(collateral).decimals))

    def _configure(self, collateral: Address, config: CollateralConfig) -> None:
        if not config.ltv <= config.liquidation_threshold < WAD:
            raise Revert("market: bad thresholds")
        if self._call(config.feed, "decimals") != FEED_DECIMALS:
            raise Revert("market: feed decimals")
        self._configs[collateral], self.ramp[collateral] = config, Ramp()
        sender = self._chain.sender
        self._log("CollateralConfigured", owner=sender, collateral=collateral, config=config)

    def _ramp(self, collateral: Address, threshold: int, duration: int) -> None:
        config, start = self._known(collateral), self._threshold_up(collateral)
        if not config.ltv <= threshold < start:
            raise Revert("market: bad thresholds")
        if not duration:
            raise Revert("market: zero duration")
        if duration > YEAR_S:
            raise Revert("market: ramp above a year")
        ends_at = self._chain.timestamp + duration
        self._configs[collateral] = config._replace(liquidation_threshold=threshold)
        self.ramp[collateral] = Ramp(start, duration, ends_at)
        self._log(
            "ThresholdRamped",
            owner=self._chain.sender,
            collateral=collateral,
            start=start,
            liquidation_threshold=threshold,
            ends_at=ends_at,
        )

    def _credit(self, account: Address, collateral: Address, amount: int) -> None:
        self._known(collateral)
        if account == NOBODY:
            raise Revert("market: zero address")
        key = account, collateral
        self.collateral_of[key] = uint(self.collateral_of[key] + amount)
        self.held[collateral] = uint(self.held[collateral] + amount)

    def _debit(self, account: Address, collateral: Address, amount: int) -> None:
        self._known(collateral)
        key = account, collateral
        if self.collateral_of[key] < amount:
            raise Revert("market: insufficient collateral")
        self.collateral_of[key] -= amount
        self.held[collateral] -= amount

    def _log_collateral(self, event: str, who: Mapping[str, Address], amount: int) -> None:
        """With what account and market hold after it."""
        account, collateral = who["account"], who["collateral"]
        after = {"balance": self.collateral_of[account, collateral], "held": self.held[collateral]}
        self._log(event, **who, amount=amount, **after)

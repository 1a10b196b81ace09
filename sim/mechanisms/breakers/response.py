"""Twin of contracts/modules/response.vy: what a breaker does while a tier is latched."""

from __future__ import annotations

from itertools import pairwise

from sim.mechanisms.breakers.ladder import EASING, IDLE, MONTH, Ladder, Tiers
from sim.mechanisms.breakers.token_bucket import TokenBucket
from sim.mechanisms.kernel import NOBODY, Address, Revert, reentrant, view
from sim.mechanisms.maths import mul_div_up
from sim.units import BORROW, LIQUIDATE, WAD, WITHDRAW

OPEN, THROTTLE, SLOW, HALT = range(4)


class Response(Ladder, TokenBucket):
    """Amounts in [debt token]; the rules and the algebra stand in the contract."""

    unlocked = frozenset({"COLLATERAL", "GUARDIAN_RESPONSE", "PRICE_SPEED"})

    def _init_response(
        self,
        market: Address,
        collateral: Address,
        liquidation: Tiers,
        borrowing: Tiers,
        withdrawal: Tiers,
        throttle_capacity: int,
        throttle_refill: int,
        pace: int,
        uplift: int,
        guardian_response: int,
        price_speed: int,
        budget: int,
    ) -> None:
        self._market = market
        if collateral != NOBODY and collateral not in self._call(market, "collaterals"):
            raise Revert("breaker: unknown collateral")
        self.COLLATERAL = collateral
        self._modes = (borrowing, withdrawal, liquidation)  # by action
        _check_modes(self._modes)
        if not throttle_capacity or not throttle_refill:
            raise Revert("breaker: zero throttle")
        if throttle_capacity < self._call(market, "min_debt"):
            raise Revert("breaker: capacity below the smallest debt")
        self._init_token_bucket(throttle_capacity, throttle_refill)
        if throttle_capacity > throttle_refill * MONTH:  # to fill it
            raise Revert("breaker: a time above 30 days")
        if not 0 < pace <= WAD:
            raise Revert("breaker: pace not between 0 and 1")
        if uplift > WAD:
            raise Revert("breaker: uplift above 1")
        self._pace, self._uplift = pace, uplift
        if guardian_response > MONTH:
            raise Revert("breaker: a time above 30 days")
        if price_speed > WAD:
            raise Revert("breaker: price speed above 1")
        self.GUARDIAN_RESPONSE, self.PRICE_SPEED = guardian_response, price_speed
        if self._worst_bad_debt_up() > budget:
            raise Revert("breaker: budget exceeded")

    @view
    def gate(self, action: int, asset: Address, amount: int) -> int:
        """How much of an action may pass now."""
        return self._passing(self._mode(action, asset), action, amount)

    @view
    def halted_until(self, action: int) -> int:
        """When the halt of the action ends [unix s]; 0: it is not halted now."""
        return self._end() if self._mode(action, self.COLLATERAL) == HALT else 0

    @view
    def slowdown(self) -> tuple[int, int, int]:
        """Pace of auctions [WAD], uplift of their start [WAD], until when [unix s]."""
        if self._mode(LIQUIDATE, self.COLLATERAL) != SLOW:
            return WAD, 0, 0
        return self._pace, self._uplift, self._end()

    @view
    def queued_until(self) -> int:
        """When the throttled bucket of liquidation will be half full again [unix s]; 0: it is."""
        mode, wait = self._mode(LIQUIDATE, self.COLLATERAL), self._wait(LIQUIDATE)
        return self._chain.timestamp + wait if wait and mode in (THROTTLE, SLOW) else 0

    def record(self, action: int, asset: Address, amount: int) -> None:
        """Take what passed through a throttle out of its bucket. Only the market."""
        self._only_market()
        self._pay(self._mode(action, asset), action, amount)

    @reentrant
    def clear(self) -> None:
        """Lift the lock and bring the market's clocks up to date. Only guardian and owner."""
        guards = [self._call(self._market, name) for name in ("guardian", "owner")]
        if self._chain.sender not in guards:
            raise Revert("breaker: only guardian")
        self._clear()
        self._call(self._market, "pulse")

    @view
    def tokens(self, action: int) -> int:
        """What passes now where the action is throttled."""
        return self._tokens(action)

    @view
    def longest(self) -> int:
        """No latch lasts longer without a break, if the guardian is as quick as assumed [s]."""
        return self._longest()

    @view
    def worst_bad_debt(self) -> int:
        """That the longest halt can create at the assumed speed of the price, rounded up."""
        return self._worst_bad_debt_up()

    @view
    def market(self) -> Address:
        """Whose actions are gated."""
        return self._market

    def _is_pulsed_by_market(self) -> bool:
        """A call from anyone but the market pulses all of its breakers."""
        if self._chain.sender == self._market:
            return True
        self._call(self._market, "pulse")
        return False

    def _only_market(self) -> None:
        if self._chain.sender != self._market:
            raise Revert("breaker: not the market")

    def _passing(self, mode: int, action: int, amount: int) -> int:
        """How much of the amount passes in this mode now."""
        if mode == OPEN:
            return amount
        return 0 if mode == HALT else min(amount, self._tokens(action))

    def _pay(self, mode: int, action: int, amount: int) -> None:
        if mode != OPEN:
            self._spend(action, amount)
            self._log("Spent", action=action, amount=amount, left=self._tokens(action))

    def _mode(self, action: int, asset: Address) -> int:
        """What the tier latched last makes of the action now."""
        phase = self._phase()
        if phase == IDLE or (action == LIQUIDATE and not self._is_gated(asset)):
            return OPEN
        if action >= len(self._modes):
            raise Revert
        mode = self._modes[action][self.tier - 1]
        return min(mode, THROTTLE) if phase == EASING else mode

    def _is_gated(self, collateral: Address) -> bool:
        return self.COLLATERAL in (collateral, NOBODY)

    def _longest(self) -> int:
        return sum(self._durations) + self.GUARDIAN_RESPONSE

    def _worst_bad_debt_up(self) -> int:
        if HALT not in self._modes[LIQUIDATE]:
            return 0
        fall = min(self.PRICE_SPEED * self._longest(), WAD)
        owed = self._call(self._market, "total_debt") + self._call(self._market, "debt_in_sale")
        exposed = max(self._call(self._market, "borrow_cap"), owed)
        return mul_div_up(exposed, fall, WAD)


def _check_modes(modes: tuple[Tiers, Tiers, Tiers]) -> None:
    for action in (BORROW, WITHDRAW, LIQUIDATE):
        if modes[action][2] > HALT:
            raise Revert("breaker: unknown mode")
        if any(deeper < mode for mode, deeper in pairwise(modes[action])):
            raise Revert("breaker: a deeper tier loosens")
    for sale, leave in zip(modes[LIQUIDATE], modes[WITHDRAW], strict=True):
        if leave < (HALT if sale == HALT else min(sale, THROTTLE)):
            raise Revert("breaker: lenders leave first")

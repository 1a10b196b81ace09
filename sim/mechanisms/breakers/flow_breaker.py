"""Twin of contracts/breakers/FlowBreaker.vy: throttles what leaves the market, and trips when too
much of it has left. The rules stand in the contract."""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.mechanisms.breakers.ladder import Tiers, breach_of, check_levels
from sim.mechanisms.breakers.price_reference import decay_of
from sim.mechanisms.breakers.response import THROTTLE, Response
from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant
from sim.mechanisms.probe import Probe
from sim.mechanisms.ray_maths import pow_half_up
from sim.units import LIQUIDATE, MAX_UINT, RAY, WAD, WITHDRAW

LARGEST = 2**128  # stock or flow that is told apart from a larger one [debt token]


class Flow(NamedTuple):
    """Faded amounts in [debt token]."""

    out: int = 0
    forgiven: int = 0  # the part of it that has latched a tier that ended

    def faded(self, kept: int) -> Flow:
        """What is left at a weight [RAY], rounded towards zero."""
        return Flow(_scaled(self.out, kept), _scaled(self.forgiven, kept))


class FlowBreaker(Response, Probe):
    """Amounts in [debt token]; `shared` are the ladder's and the response's parameters."""

    guarded = True
    unlocked = frozenset({"CASH_SHARE", "SOLD_SHARE", "LEAST_FLOW"})

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        always: Tiers,
        half_life: int,
        cash_share: int,
        sold_share: int,
        least_flow: int,
        level: Tiers,
        release: Tiers,
        *shared: Any,
    ) -> None:
        super().__init__(chain, address)
        if max(always) > THROTTLE:
            raise Revert("breaker: unknown mode")
        if always[LIQUIDATE] > always[WITHDRAW]:
            raise Revert("breaker: lenders leave first")
        if max(cash_share, sold_share) > WAD:
            raise Revert("breaker: share above 1")
        if least_flow >= LARGEST:
            raise Revert("breaker: least flow too large")
        check_levels(level, release)
        self._always, self._decay = always, decay_of(half_life)
        self.CASH_SHARE, self.SOLD_SHARE, self.LEAST_FLOW = cash_share, sold_share, least_flow
        self._levels, self._releases = level, release
        self._init_ladder(*shared[:4])
        self._init_response(market, NOBODY, *shared[4:])
        self._debt_token = self._call(market, "debt_token")
        self.cash_flow, self.sales = Flow(), Flow()
        self.cash = self.seen = self._stock_of_cash()  # agreed on by two observations; the last
        self.faded_at = self.observed_at = chain.timestamp  # [unix s]

    @reentrant
    def pulse(self) -> None:
        """Observe and latch. A call from anyone but the market pulses all of its breakers."""
        if not self._is_pulsed_by_market():
            return
        if self._settle():
            self._fade()
            self.cash_flow = self.cash_flow._replace(forgiven=self.cash_flow.out)
            self.sales = self.sales._replace(forgiven=self.sales.out)
        if self.observed_at < self._chain.timestamp:
            self._observe()

    def record(self, action: int, asset: Address, amount: int) -> None:
        """Count what was liquidated; take what passed through a throttle out of its bucket."""
        self._only_market()
        if action == LIQUIDATE:
            self._fade()
            sold = min(self.sales.out + min(amount, LARGEST), LARGEST)
            self.sales = self.sales._replace(out=sold)
        self._pay(self._mode(action, asset), action, amount)

    def _mode(self, action: int, asset: Address) -> int:
        mode = super()._mode(action, asset)
        if action >= len(self._always):
            raise Revert
        return max(mode, self._always[action])

    def _observe(self) -> None:
        """See what has left since the last time, and latch what the strain calls for."""
        self._fade()
        seen = self._stock_of_cash()
        cash = min(max(self.cash, min(seen, self.seen)), max(seen, self.seen))
        out = min(max(self.cash_flow.out + self.cash - cash, -LARGEST), LARGEST)
        forgiven = min(self.cash_flow.forgiven, max(out, 0))
        self.cash_flow = Flow(out, forgiven)
        self.cash, self.seen, self.observed_at = cash, seen, self._chain.timestamp
        collateral, sold = self._stock_of_collateral(), self.sales
        fresh = self._strain(out - forgiven, sold.out - sold.forgiven, collateral)
        whole = self._strain(out, sold.out, collateral)
        breach = breach_of(fresh, self._levels)
        self._climb(breach, self.tier > 0 and whole <= self._releases[self.breach - 1])
        self._log("Observed", cash_out=out, sold=sold.out, strain=fresh, breach=breach)

    def _fade(self) -> None:
        """Bring the weight of the flows up to now."""
        elapsed = self._chain.timestamp - self.faded_at
        if not elapsed:
            return
        kept = pow_half_up(self._decay, elapsed)
        self.cash_flow, self.sales = self.cash_flow.faded(kept), self.sales.faded(kept)
        self.faded_at = self._chain.timestamp

    def _strain(self, cash_out: int, sold: int, collateral: int | None) -> int:
        """The larger one of both stocks' [WAD]; what is retained of collateral, None: unknown."""
        strain = self._strain_on(cash_out, self.cash, self.CASH_SHARE)
        if collateral is None:
            return strain
        return max(strain, self._strain_on(sold, collateral, self.SOLD_SHARE))

    def _strain_on(self, flow: int, retained: int, allowed: int) -> int:
        """The share that has left over the allowed one [WAD], rounded down."""
        if not allowed or flow <= self.LEAST_FLOW:
            return 0
        return flow * WAD // (flow + min(retained, LARGEST)) * WAD // allowed

    def _stock_of_cash(self) -> int:
        """The market's debt tokens, gifts too."""
        cash: int = self._call(self._debt_token, "balanceOf", self._market)
        return min(cash, LARGEST)

    def _stock_of_collateral(self) -> int | None:
        """Value of all collateral in the market, of that whose feed answers; None when none
        does."""
        values = []
        for collateral in self._call(self._market, "collaterals"):
            amount = self._call(collateral, "balanceOf", self._market)
            value = self._ask(self._market, MAX_UINT, "value_down", collateral, amount)
            values += [min(value, LARGEST)] if value < MAX_UINT else []
        return sum(values) if values else None


def _scaled(amount: int, kept: int) -> int:
    """amount * kept / RAY, rounded towards zero."""
    return amount * kept // RAY if amount >= 0 else -(-amount * kept // RAY)

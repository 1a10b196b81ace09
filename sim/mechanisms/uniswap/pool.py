"""Twin of UniswapV3Pool: one pair of tokens at one fee. Amounts in [token], `s` in [Q64.96]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.mechanisms.kernel import Address, Chain, Contract, Revert, view
from sim.mechanisms.uniswap.curve import amount0_between, amount1_between
from sim.mechanisms.uniswap.oracle import BOUGHT, EMPTY, Ring
from sim.mechanisms.uniswap.state import (
    Growth,
    Position,
    Tick,
    add_liquidity,
    growth_inside,
)
from sim.mechanisms.uniswap.ticks import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    MIN_TICK,
    max_liquidity_per_tick,
    sqrt_price_at,
    tick_at,
)
from sim.mechanisms.uniswap.walk import Walk
from sim.mechanisms.words import sint, uint, wrapped


class Slot0(NamedTuple):
    """The pool's most used numbers, in the getter's order."""

    s: int = 0  # square root of the price; 0: not initialised
    tick: int = 0
    newest: int = 0  # index of the last observation
    cardinality: int = 0  # observations in use
    bought: int = 0  # observations to be in use
    fee_protocol: int = 0  # always off here
    unlocked: bool = False


class UniswapV3Pool(Contract):
    """Made by the factory."""

    def __init__(
        self,
        chain: Chain,
        address: Address,
        token0: Address,
        token1: Address,
        fee: int,
        spacing: int,
    ) -> None:
        super().__init__(chain, address)
        self.factory = chain.sender
        self.token0, self.token1 = token0, token1
        self.fee, self.tickSpacing = fee, spacing
        self.maxLiquidityPerTick = max_liquidity_per_tick(spacing)
        self.slot0 = Slot0()
        self.liquidity = 0  # of the positions around the price
        self.feeGrowthGlobal0X128 = self.feeGrowthGlobal1X128 = 0
        self.tickBitmap = self._table(0)  # by word
        self.observations = self._table(EMPTY)
        self._ticks = self._table(Tick())
        self._positions = self._table(Position())  # by owner, lower tick, upper tick

    @view
    def ticks(self, tick: int) -> tuple[int, int, int, int, int, int, int, bool]:
        """What the pool remembers of a tick."""
        return self._ticks[tick].record()

    @view
    def positions(self, owner: Address, lower: int, upper: int) -> Position:
        """The contract takes the hash of the three instead."""
        return self._positions[owner, lower, upper]

    @view
    def observe(self, seconds_agos: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Sums of tick x seconds and of seconds / liquidity, so many seconds ago each."""
        slot = self.slot0
        if not slot.cardinality:
            raise Revert("I")
        seen = self._ring().observe(self._now(), seconds_agos, slot.tick, self.liquidity)
        return tuple(o[1] for o in seen), tuple(o[2] for o in seen)

    def initialize(self, s: int) -> None:
        """Set the first price."""
        if self.slot0.s:
            raise Revert("AI")
        tick = tick_at(s)
        self.observations[0] = (self._now(), 0, 0, True)
        self.slot0 = Slot0(s, tick, 0, 1, 1, 0, True)
        self._log("Initialize", sqrtPriceX96=s, tick=tick)

    def increaseObservationCardinalityNext(self, wanted: int) -> None:
        """Buy room for observations, to be used when the ring comes to its end."""
        self._lock()
        before = self.slot0.bought
        for i in range(before, wanted):
            self.observations[i] = BOUGHT
        after = max(before, wanted)
        if after != before:
            names = ("observationCardinalityNextOld", "observationCardinalityNextNew")
            self._log(
                "IncreaseObservationCardinalityNext",
                **dict(zip(names, (before, after), strict=True)),
            )
        self.slot0 = self.slot0._replace(bought=after, unlocked=True)

    def mint(
        self, recipient: Address, lower: int, upper: int, amount: int, data: Any
    ) -> tuple[int, int]:
        """Add liquidity to the recipient's position; the caller pays in a callback."""
        sender = self._chain.sender
        self._lock()
        if not amount:
            raise Revert
        amount0, amount1 = self._modify(recipient, lower, upper, sint(amount, 128))
        due0 = self._balance(self.token0) + amount0 if amount0 else 0
        due1 = self._balance(self.token1) + amount1 if amount1 else 0
        self._call(sender, "uniswapV3MintCallback", amount0, amount1, data)
        if amount0 and self._balance(self.token0) < due0:
            raise Revert("M0")
        if amount1 and self._balance(self.token1) < due1:
            raise Revert("M1")
        where = {"owner": recipient, "tickLower": lower, "tickUpper": upper}
        self._log("Mint", **where, sender=sender, amount=amount, amount0=amount0, amount1=amount1)
        self._unlock()
        return amount0, amount1

    def burn(self, lower: int, upper: int, amount: int) -> tuple[int, int]:
        """Take liquidity from the caller's position; what comes out is owed until collected."""
        owner = self._chain.sender
        self._lock()
        given0, given1 = self._modify(owner, lower, upper, -sint(amount, 128))
        amount0, amount1 = -given0, -given1
        key = (owner, lower, upper)
        if amount0 or amount1:
            self._positions[key] = self._positions[key].owing(amount0, amount1)
        where = {"owner": owner, "tickLower": lower, "tickUpper": upper}
        self._log("Burn", **where, amount=amount, amount0=amount0, amount1=amount1)
        self._unlock()
        return amount0, amount1

    def collect(
        self, recipient: Address, lower: int, upper: int, wanted0: int, wanted1: int
    ) -> tuple[int, int]:
        """Pay out what is owed to the caller's position, up to what is wanted."""
        owner = self._chain.sender
        self._lock()
        key = (owner, lower, upper)
        position = self._positions[key]
        amount0, amount1 = min(wanted0, position.owed0), min(wanted1, position.owed1)
        self._positions[key] = position.owing(-amount0, -amount1)
        self._pay(self.token0, recipient, amount0)
        self._pay(self.token1, recipient, amount1)
        where = {"owner": owner, "tickLower": lower, "tickUpper": upper}
        self._log("Collect", **where, recipient=recipient, amount0=amount0, amount1=amount1)
        self._unlock()
        return amount0, amount1

    def swap(
        self, recipient: Address, down: bool, amount: int, limit: int, data: Any
    ) -> tuple[int, int]:
        """Token0 for token1 when `down`, else the other way.

        `amount` is an exact input, or an exact output below zero. The price stops at the limit, and
        the rest is not traded. Returns what the pool gets of token0 and token1, negative when it
        pays; the caller pays in a callback.
        """
        sender, slot = self._chain.sender, self.slot0
        if not amount:
            raise Revert("AS")
        self._lock()
        if not (MIN_SQRT_PRICE < limit < slot.s if down else slot.s < limit < MAX_SQRT_PRICE):
            raise Revert("SPL")
        walk = Walk(slot.s, slot.tick, self.liquidity, amount, self._growth(down))
        self._walk(walk, down, limit)
        self._settle(walk, down)
        traded = amount - walk.rest
        exact_in = amount > 0
        amounts = (traded, walk.counter) if down == exact_in else (walk.counter, traded)
        self._exchange(sender, recipient, down, amounts, data)
        self._log(
            "Swap",
            sender=sender,
            recipient=recipient,
            amount0=amounts[0],
            amount1=amounts[1],
            sqrtPriceX96=walk.s,
            liquidity=walk.liquidity,
            tick=walk.tick,
        )
        self._unlock()
        return amounts

    def _walk(self, walk: Walk, down: bool, limit: int) -> None:
        """Step by step until nothing is left or the limit is met."""
        exact_in = walk.rest > 0
        growth: Growth | None = None
        while walk.rest and walk.s != limit:
            found = walk.step(self.tickBitmap, self.tickSpacing, self.fee, down, limit, exact_in)
            if found is None:
                continue
            if growth is None:
                growth = self._sums()
            fees = {"fee0": walk.growth} if down else {"fee1": walk.growth}
            tick = self._ticks[found]
            self._ticks[found] = tick.crossed(growth._replace(**fees))
            walk.liquidity = add_liquidity(walk.liquidity, -tick.net if down else tick.net)

    def _settle(self, walk: Walk, down: bool) -> None:
        """Write down where the walk ended."""
        slot = self.slot0
        if walk.tick != slot.tick:
            self._observe()
        self.slot0 = self.slot0._replace(s=walk.s, tick=walk.tick)
        if walk.liquidity != self.liquidity:
            self.liquidity = walk.liquidity
        if down:
            self.feeGrowthGlobal0X128 = walk.growth
        else:
            self.feeGrowthGlobal1X128 = walk.growth

    def _exchange(
        self,
        sender: Address,
        recipient: Address,
        down: bool,
        amounts: tuple[int, int],
        data: Any,
    ) -> None:
        """Pay the output, then let the caller pay the input. Reverts with IIA when too little."""
        tokens = (self.token0, self.token1)
        into, out = (0, 1) if down else (1, 0)
        self._pay(tokens[out], recipient, -amounts[out])
        due = self._balance(tokens[into]) + amounts[into]
        self._call(sender, "uniswapV3SwapCallback", *amounts, data)
        if self._balance(tokens[into]) < due:
            raise Revert("IIA")

    def _modify(self, owner: Address, lower: int, upper: int, delta: int) -> tuple[int, int]:
        """Change a position by `delta` liquidity; what the pool gets for it (WP 6.29, 6.30)."""
        if lower >= upper:
            raise Revert("TLU")
        if lower < MIN_TICK:
            raise Revert("TLM")
        if upper > MAX_TICK:
            raise Revert("TUM")
        self._update(owner, lower, upper, delta)
        if not delta:
            return 0, 0
        s, tick = self.slot0.s, self.slot0.tick
        low, high = sqrt_price_at(lower), sqrt_price_at(upper)
        into, size, sign = delta > 0, abs(delta), 1 if delta > 0 else -1
        if tick < lower:
            return sign * amount0_between(low, high, size, into), 0
        if tick >= upper:
            return 0, sign * amount1_between(low, high, size, into)
        self._observe()
        self.liquidity = add_liquidity(self.liquidity, delta)
        amount0 = amount0_between(s, high, size, into)
        return sign * amount0, sign * amount1_between(low, s, size, into)

    def _update(self, owner: Address, lower: int, upper: int, delta: int) -> None:
        """Change the ticks and the position; a tick that no position needs is forgotten."""
        tick, now = self.slot0.tick, self._sums()
        ends = {lower: self._ticks[lower], upper: self._ticks[upper]}
        if delta:
            most = self.maxLiquidityPerTick
            for end in (lower, upper):
                ends[end] = ends[end].changed(delta, end == upper, end <= tick, now, most)
            for end, changed in ends.items():
                if bool(changed.gross) != bool(self._ticks[end].gross):
                    self._flip(end)
                self._ticks[end] = changed
        inside = growth_inside(
            ends[lower], ends[upper], tick < lower, tick >= upper, now.fee0, now.fee1
        )
        key = (owner, lower, upper)
        self._positions[key] = self._positions[key].changed(delta, *inside)
        for end, changed in ends.items():
            if delta < 0 and not changed.gross:
                del self._ticks[end]

    def _flip(self, tick: int) -> None:
        """Its bit in the bitmap. Reverts when the tick is not on the grid."""
        place, off = divmod(tick, self.tickSpacing)
        if off:
            raise Revert
        self.tickBitmap[place >> 8] ^= 1 << (place & 255)

    def _sums(self) -> Growth:
        """All growth until now."""
        slot, now = self.slot0, self._now()
        _, ticks, per_liquidity, _ = self._ring().observe_single(now, 0, slot.tick, self.liquidity)
        fees = self.feeGrowthGlobal0X128, self.feeGrowthGlobal1X128
        return Growth(*fees, ticks, per_liquidity, now)

    def _growth(self, down: bool) -> int:
        """Of the fees in the token that comes in."""
        return self.feeGrowthGlobal0X128 if down else self.feeGrowthGlobal1X128

    def _ring(self) -> Ring:
        slot = self.slot0
        return Ring(self.observations, slot.newest, slot.cardinality, slot.bought)

    def _observe(self) -> None:
        """Note tick and liquidity before they change."""
        ring = self._ring()
        ring.write(self._now(), self.slot0.tick, self.liquidity)
        self.slot0 = self.slot0._replace(newest=ring.index, cardinality=ring.cardinality)

    def _now(self) -> int:
        return wrapped(self._chain.timestamp, 32)

    def _balance(self, token: Address) -> int:
        return uint(self._call(token, "balanceOf", self.address))

    def _pay(self, token: Address, to: Address, amount: int) -> None:
        """Reverts with TF when the token does not move."""
        if not amount:
            return
        try:
            moved = self._call(token, "transfer", to, amount)
        except Revert:
            raise Revert("TF") from None
        if not moved:
            raise Revert("TF")

    def _lock(self) -> None:
        """Reverts with LOK when the pool is at work or not initialised."""
        if not self.slot0.unlocked:
            raise Revert("LOK")
        self.slot0 = self.slot0._replace(unlocked=False)

    def _unlock(self) -> None:
        self.slot0 = self.slot0._replace(unlocked=True)

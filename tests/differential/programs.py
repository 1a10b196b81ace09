"""Random programs for a Uniswap pool: transactions that mostly make sense.

Amounts are drawn by their order of magnitude and ticks near the price, so that positions overlap,
and swaps cross them and sometimes run dry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sim.engines.base import Address, Call
from sim.mechanisms.kernel import NOBODY
from sim.mechanisms.uniswap.factory import TIERS
from sim.mechanisms.uniswap.ticks import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    MIN_TICK,
    sqrt_price_at,
)
from sim.units import MAX_UINT
from tests.differential.rig import TOKENS, USERS, Act, Rig

LATE = 2**64
ENDLESS = 2**128 - 1
AGOS = (0, 1, 7, 12, 60, 1_000, 100_000)  # [s]


@dataclass
class Scene:
    """What a program knows of its pool."""

    rig: Rig
    fee: int
    tick: int = 0
    s: int = 0  # square root of the price before the block
    ranges: set[tuple[int, int]] = field(default_factory=set)
    minted: int = 0  # positions so far
    decreased: set[int] = field(default_factory=set)  # positions

    @property
    def grid(self) -> int:
        return TIERS[self.fee]

    def look(self) -> list[Any]:
        """Take note of the price; compare what every block changes."""
        names = ("slot0", "liquidity", "feeGrowthGlobal0X128", "feeGrowthGlobal1X128")
        past = (Call("pool", "observe", ((ago,),)) for ago in AGOS)
        answers = self.rig.compare([*(Call("pool", name) for name in names), *past])
        self.s, self.tick = answers[0][:2]
        return answers

    def crosses(self, tick: int) -> bool:
        """Whether a position ends between the tick of before and this one, which is the new one."""
        low, high = sorted((self.tick, tick))
        self.tick = tick
        return any(low < end <= high for both in self.ranges for end in both)

    def look_everywhere(self) -> list[Any]:
        """Compare every getter, over all that was ever touched."""
        at, ids = self.rig.contracts.addresses, range(1, self.minted + 2)
        ends = sorted({end for both in self.ranges for end in both})
        words = sorted({end // self.grid >> 8 for end in ends})
        holders = (*USERS, at["pool"], at["router"], at["positions"])
        calls = [
            *(("pool", name) for name in ("token0", "token1", "fee", "tickSpacing", "factory")),
            ("pool", "maxLiquidityPerTick"),
            *(("pool", "ticks", end) for end in ends),
            *(("pool", "tickBitmap", word) for word in words),
            *(("pool", "positions", at["positions"], *both) for both in sorted(self.ranges)),
            *(("pool", "observations", i) for i in range(12)),
            *(("positions", name, i) for name in ("positions", "ownerOf") for i in ids),
            *((token, "balanceOf", who) for token in TOKENS for who in holders),
        ]
        return self.rig.compare([Call(to, name, tuple(args)) for to, name, *args in calls])


class Author:
    """Writes the transactions."""

    def __init__(self, random: Random, scene: Scene) -> None:
        self.random, self.scene = random, scene
        kinds = {
            self.mint: 6,
            self.swap: 14,
            self.increase: 2,
            self.decrease: 3,
            self.collect: 3,
            self.stray: 4,
        }
        self._kinds: list[Callable[[], Act]] = list(kinds)
        self._weights = list(kinds.values())

    def act(self) -> Act:
        """Any of them."""
        (kind,) = self.random.choices(self._kinds, self._weights)
        return kind()

    def price(self) -> int:
        """The square root of a first price: anywhere, and often far from the ends of the line."""
        low, high = self.random.choice(
            [(-60_000, 60_000), (190_000, 210_000), (-MAX_TICK, MAX_TICK - 1)]
        )
        s = sqrt_price_at(self.random.randint(low, high)) + self.random.randrange(2**32)
        return min(s, MAX_SQRT_PRICE - 1)

    def mint(self) -> Act:
        user, both, scene = self._user(), self._range(), self.scene
        scene.ranges.add(both)
        to = NOBODY if self._rarely() else user
        wish = (self._size(), self._size(), self._bound(0), 0)
        params = (*scene.rig.tokens, scene.fee, *both, *wish, to, self._deadline())
        return Act(user, Call("positions", "mint", (params,)))

    def increase(self) -> Act:
        wish = (self._size(), self._size(), 0, self._bound(0))
        params = (self._id(), *wish, self._deadline())
        return Act(self._user(), Call("positions", "increaseLiquidity", (params,)))

    def decrease(self) -> Act:
        """By some part, all, or more than there is."""
        token_id = self._id()
        held = self.scene.rig.view(Call("positions", "positions", (token_id,)))
        there = held[7] if isinstance(held, tuple) else 1
        part = self.random.choice([there, there, there // 2, there // 3, 0, there + 1])
        params = (token_id, min(part, ENDLESS), self._bound(0), 0, self._deadline())
        return Act(self._owner(token_id), Call("positions", "decreaseLiquidity", (params,)))

    def collect(self) -> Act:
        token_id = self._id()
        some = min(self._size(), ENDLESS)
        most = [self.random.choice([ENDLESS, ENDLESS, 0, some]) for _ in "01"]
        params = (token_id, self._user(), *most)
        return Act(self._owner(token_id), Call("positions", "collect", (params,)))

    def swap(self) -> Act:
        """Either way, exact in or out, with or without a limit of the price and of the amount."""
        down, exact_in = self.random.random() < 0.5, self.random.random() < 0.6
        first, second = self.scene.rig.tokens
        tokens = (first, second) if down else (second, first)
        amount = 0 if self._rarely() else self._size()
        bound = self._bound(0 if exact_in else MAX_UINT)
        user = self._user()
        who = (user, self._deadline())
        params = (*tokens, self.scene.fee, *who, amount, bound, self._limit(down))
        name = "exactInputSingle" if exact_in else "exactOutputSingle"
        return Act(user, Call("router", name, (params,)))

    def stray(self) -> Act:
        """What somebody without a contract may call, on the pool itself too."""
        user, (lower, upper) = self._user(), self._range()
        self.scene.ranges.add((lower, upper))
        manager = self.scene.rig.contracts.addresses["positions"]
        calls: list[tuple[str, str, tuple[Any, ...]]] = [
            ("pool", "burn", (lower, upper, 0)),
            ("pool", "burn", (lower, upper, 1)),
            ("pool", "burn", (upper, lower, 0)),
            ("pool", "burn", (lower, MAX_TICK + 1, 0)),
            ("pool", "burn", (MIN_TICK - 1, upper, 0)),
            ("pool", "collect", (user, lower, upper, 1, 1)),
            ("pool", "mint", (user, lower, upper, 1000, b"")),
            ("pool", "swap", (user, True, 1000, MIN_SQRT_PRICE + 1, b"")),
            ("pool", "initialize", (2**96,)),
            ("factory", "createPool", (*self.scene.rig.tokens, self.scene.fee)),
            ("AAA", "approve", (manager, self.random.choice([0, MAX_UINT]))),
            *(("pool", "increaseObservationCardinalityNext", (n,)) for n in (1, 3, 8, 8, 8)),
        ]
        return Act(user, Call(*self.random.choice(calls)))

    def _rarely(self) -> bool:
        return self.random.random() < 0.05

    def _user(self) -> Address:
        return self.random.choice(USERS)

    def _size(self) -> int:
        """An amount [token] of any order of magnitude."""
        most = 190 if self._rarely() else 68
        return int(self.random.getrandbits(53) << self.random.randrange(most)) >> 40

    def _bound(self, free: int) -> int:
        """Of the other amount: none as a rule."""
        return self._size() if self.random.random() < 0.15 else free

    def _deadline(self) -> int:
        return self.scene.rig.time if self._rarely() else LATE

    def _id(self) -> int:
        """Of a position that is there, as a rule."""
        return self.random.randint(1, self.scene.minted + 1)

    def _owner(self, token_id: int) -> Address:
        """The owner, as a rule."""
        owner = self.scene.rig.view(Call("positions", "ownerOf", (token_id,)))
        return owner if owner in USERS and not self._rarely() else self._user()

    def _limit(self, down: bool) -> int:
        """None as a rule; else a little or far beyond the price, or on its wrong side."""
        if self.random.random() < 0.6:
            return 0
        s, forth = self.scene.s, -1 if down else 1
        far = s * self.random.getrandbits(40) >> self.random.choice([40, 44, 50])
        price = s - forth * (s >> 10) if self._rarely() else s + forth * far
        return max(1, min(price, 2**160 - 1))

    def _range(self) -> tuple[int, int]:
        """Two ticks: near the price as a rule, else the whole line, off the grid or reversed."""
        grid, bound = self.scene.grid, MAX_TICK // self.scene.grid * self.scene.grid
        if self._rarely():
            return -bound, bound
        near = self.scene.tick // grid * grid
        lower = near + grid * self.random.randint(-6, 5)
        upper = lower + grid * self.random.choice([1, 2, 5, 20, 300])
        if self._rarely():
            return self.random.choice([(lower + 1, upper), (lower, bound + grid), (upper, lower)])
        return max(-bound, min(bound - grid, lower)), min(bound, max(grid - bound, upper))

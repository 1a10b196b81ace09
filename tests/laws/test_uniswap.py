"""A range of Uniswap v3 without a fee."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.engines.base import Call
from sim.engines.stage import OWNER
from sim.mechanisms.uniswap.ticks import MAX_TICK
from tests.differential.rig import USERS, Act, Rig

LATE = 2**64
Q96 = 2**96
SPACING = 16_000  # of ticks, so wide that no sale here comes to the end of a word of the bitmap
END = MAX_TICK // SPACING * SPACING


@pytest.fixture
def pool(both: Rig) -> Iterator[Rig]:
    """Without a fee, at a price of 2,500 token1 a token0, with one position over all of it."""
    key = (*both.tokens, 0)
    with both.undone():
        both.add_pool(*key)
        create = Call("positions", "createAndInitializePoolIfNecessary", (*key, 50 * Q96))
        enable = Call("factory", "enableFeeAmount", (0, SPACING))
        both.run(1, [Act(OWNER, enable), Act(OWNER, create)])
        wish = (10**24, 10**27, 0, 0, USERS[0], LATE)
        mint = Call("positions", "mint", ((*key, -END, END, *wish),))
        assert [fate.reason for fate in both.run(1, [Act(USERS[0], mint)])] == [""]
        yield both


@pytest.mark.parametrize("slices", [1, 2, 7, 40])
def test_one_by_the_root_of_the_price__after_a_sale__has_moved_by_amount_by_liquidity(
    pool: Rig, slices: int
) -> None:
    """In a range x = L / sqrt(P) - L / sqrt(P upper), so selling dx moves 1 / sqrt(P) by dx / L,
    and slices add up. The contract rounds the root up, by less than one unit of 2^-96 a slice
    (and the amount by a wei at each end of a word of the bitmap, which is why there is none)."""
    amount = 28_000 * 10**18  # 7% of what the position holds
    (before, *_), liquidity = pool.compare([Call("pool", "slot0"), Call("pool", "liquidity")])
    first, second = pool.tokens
    sold = [amount // slices + (i < amount % slices) for i in range(slices)]
    swaps = [(first, second, 0, USERS[0], LATE, part, 0, 0) for part in sold]
    sales = [Act(USERS[0], Call("router", "exactInputSingle", (swap,))) for swap in swaps]
    assert {fate.reason for fate in pool.run(1, sales)} == {""}
    ((after, *_),) = pool.compare([Call("pool", "slot0")])
    # 1 / s' = 1 / s + dx / (L 2^96), s being the root of the price times 2^96
    exact = liquidity * Q96 * before // (liquidity * Q96 + amount * before)
    assert exact < 0.94 * before
    assert 0 <= after - exact <= slices

"""The pool's depth as keepers compute it, against Uniswap's closed forms."""

from __future__ import annotations

import math

import pytest

from sim.markets.depth import PoolDepth, Range, amounts_for, range_of_ticks, root_of

UNIT = 1e-12  # USDC 6, WETH 18
ROOT = math.sqrt(2000 * UNIT)
L = 1e17


def pool(*ranges: Range, fee: float = 0.0) -> PoolDepth:
    return PoolDepth(ranges, ROOT, fee, UNIT)


def around(below: float, above: float, liquidity: float = L) -> Range:
    return Range(ROOT * math.sqrt(1 - below), ROOT * math.sqrt(1 + above), liquidity)


def test_sell__inside_one_range__follows_the_curve():
    swap = pool(around(0.5, 0.5)).sell(1e20)
    root = 1 / (1 / ROOT + 1e20 / L)

    assert swap.root == pytest.approx(root)
    assert swap.got == pytest.approx(L * (ROOT - root))
    assert swap.spent == pytest.approx(1e20)


def test_collateral_share__of_ranges_around_below_and_above__is_by_worth_at_the_price():
    assert pool(around(0.3, 3 / 7)).collateral_share == pytest.approx(0.5)  # symmetric in ln price
    both = pool(Range(ROOT / 2, ROOT / 1.5, L), Range(ROOT * 1.5, ROOT * 2, L))
    debt, collateral = ROOT / 1.5 - ROOT / 2, (1 / 1.5 - 1 / 2) / ROOT
    assert both.collateral_share == pytest.approx(
        collateral * ROOT**2 / (collateral * ROOT**2 + debt)
    )
    assert pool().collateral_share == 0


def test_sell__fee__is_kept_from_the_input():
    free, dear = pool(around(0.5, 0.5)), pool(around(0.5, 0.5), fee=0.003)
    assert dear.sell(1e20).got == pytest.approx(free.sell(0.997e20).got)


def test_sell__across_an_edge__uses_the_liquidity_of_each_side():
    shallow = around(0.5, 0.5)
    both = pool(shallow, around(0.1, 0.1))
    edge = ROOT * math.sqrt(0.9)
    inner = 2 * L * (1 / edge - 1 / ROOT)
    swap = both.sell(inner + 1e19)

    assert swap.root == pytest.approx(1 / (1 / edge + 1e19 / L))
    assert swap.got == pytest.approx(2 * L * (ROOT - edge) + L * (edge - swap.root))


def test_sell__more_than_the_pool_holds__stops_at_its_end():
    swap = pool(around(0.1, 0.1)).sell(1e30)
    assert swap.root == pytest.approx(ROOT * math.sqrt(0.9))
    assert swap.spent == pytest.approx(L * (1 / swap.root - 1 / ROOT))


def test_sell__gap_between_ranges__jumps_over_it():
    far = Range(ROOT * math.sqrt(0.5), ROOT * math.sqrt(0.6), L)
    near = around(0.1, 0.1)
    inner = L * (1 / near.low - 1 / ROOT)
    assert pool(near, far).sell(inner + 1e18).root == pytest.approx(1 / (1 / far.high + 1e18 / L))


def test_sell_down_to__a_price__ends_where_the_next_token_fetches_it():
    swap = pool(around(0.5, 0.5), fee=0.003).sell_down_to(1900)
    assert swap.root**2 / UNIT * (1 - 0.003) == pytest.approx(1900)


def test_sell_down_to__above_the_market__sells_nothing():
    assert pool(around(0.5, 0.5)).sell_down_to(2100).spent == 0


def test_buy_up_to__price_and_budget__whichever_comes_first():
    depth = pool(around(0.5, 0.5), fee=0.003)
    by_price = depth.buy_up_to(2100, math.inf)
    assert by_price.root**2 / UNIT / (1 - 0.003) == pytest.approx(2100)

    by_budget = depth.buy_up_to(2100, by_price.spent / 2)
    assert by_budget.spent == pytest.approx(by_price.spent / 2)
    assert by_budget.got < by_price.got


def test_after__a_swap__the_pool_stands_where_it_ended():
    depth = pool(around(0.5, 0.5))
    swap = depth.sell(1e20)
    assert depth.after(swap).root == swap.root
    assert depth.price == pytest.approx(2000)


def test_range_of_ticks__collateral_is_token1__is_the_mirror():
    straight = range_of_ticks(-200_000, -199_000, 5, collateral_is_token0=True)
    mirrored = range_of_ticks(199_000, 200_000, 5, collateral_is_token0=False)
    assert straight == mirrored
    assert root_of(2**95, True) == pytest.approx(0.5)
    assert root_of(2**95, False) == pytest.approx(2)


def test_amounts_for__a_position__are_worth_what_was_asked():
    collateral, debt = amounts_for(1e6, 1500, 2000, 3000)
    assert collateral * 2000 + debt == pytest.approx(1e6)
    assert collateral > 0 < debt


def test_paid_down_by__a_fall__is_what_a_sale_down_to_there_gets():
    there = pool(around(0.5, 0.5), fee=0.003)
    sold = there.sell_down_to(there.price * 0.9 * 0.997)

    assert there.paid_down_by(0.1) == pytest.approx(sold.got)
    assert there.after(sold).price == pytest.approx(0.9 * there.price)
    assert there.paid_down_by(0.0) == 0
    assert there.paid_down_by(0.9) == there.paid_down_by(0.6)  # liquidity has ended


def test_within__a_band__is_what_moves_the_price_to_its_two_ends():
    pool = PoolDepth([Range(ROOT / 2, ROOT * 2, L)], ROOT, 0.003, UNIT)
    up = L * ROOT * (math.sqrt(1.02) - 1)
    down = L * ROOT * (1 - math.sqrt(0.98))
    assert pool.within(0.02) == pytest.approx(up + down)

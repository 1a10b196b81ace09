"""The searcher: around whom it swaps, how much, and what everybody has of it."""

from __future__ import annotations

import pytest

from sim.agents.base import Intent, swap
from sim.agents.searcher import Searcher
from sim.block_space import SandwichSpec
from sim.engines.base import Call, address_of
from tests.helpers.world import USDC, WETH, Wallets, depth, facts, rng, view

ME, VICTIM = address_of("searcher"), address_of("victim")
SPEC = SandwichSpec(least_profit_usd=1.0)
RICH = Wallets({(ME, "USDC"): 10**6 * USDC, (ME, "WETH"): 500 * WETH})
POOL = depth(usd=1e6)


def sale(amount: float, slippage: float, token: str = "WETH", sender: str = VICTIM) -> Intent:
    """A swap that bears so much against what the pool would pay now."""
    selling = token == "WETH"
    units = int(amount * (WETH if selling else USDC))
    got = POOL.sell(units).got if selling else POOL.buy_up_to(float("inf"), units).got
    return swap(facts(), "panic_sellers", sender, token, units, int(got * (1 - slippage)), 0)


def sandwich(*block: Intent, wallets=RICH, spec=SPEC, **changes):
    searcher = Searcher(facts(), spec, ME)
    assert searcher.act(view(pool=POOL, wallets=wallets, **changes), rng()) == []
    return searcher.sandwich(block)


def played(found, victim: Intent) -> tuple[float, float, float]:
    """What the victim gets, and what the searcher gains of each token, on the curve."""
    pool, gains = POOL, {"<WETH>": 0.0, "<USDC>": 0.0}
    swaps = []
    for intent in (found.front, victim, found.back):
        token_in, token_out, amount = *intent.call.args[0][:2], intent.call.args[0][5]
        selling = token_in == "<WETH>"
        done = pool.sell(amount) if selling else pool.buy_up_to(float("inf"), amount)
        pool = pool.after(done)
        swaps.append(done)
        if intent is not victim:
            gains[token_in] -= amount
            gains[token_out] += done.got
    return swaps[1].got, gains["<WETH>"] / WETH, gains["<USDC>"] / USDC


@pytest.mark.parametrize(("token", "amount"), [("WETH", 20), ("USDC", 40_000)])
def test_loose_limit__is_used_up_and_what_is_taken_is_the_searchers(token, amount):
    victim = sale(amount, 0.05, token)
    found = sandwich(victim)
    got, weth, usdc = played(found, victim)
    least = victim.call.args[0][6]

    assert least <= got < 1.001 * least
    assert weth * 2000 + usdc == pytest.approx(found.profit, rel=0.01)
    assert found.profit > 100


@pytest.mark.parametrize(("amount", "slippage"), [(20, 0.0), (0.2, 0.05)], ids=["tight", "small"])
def test_limit_without_slack_or_a_small_swap__is_left_alone(amount, slippage):
    """Of the small one the pool's fee on both swaps takes more than there is to be had."""
    assert sandwich(sale(amount, slippage)) is None


def test_nothing_of_its_own__does_nothing():
    assert sandwich(sale(20, 0.05), wallets=Wallets()) is None


def test_little_of_its_own__swaps_no_more_than_that():
    found = sandwich(sale(20, 0.05), wallets=Wallets({(ME, "WETH"): 2 * WETH}))
    assert found.front.call.args[0][5] <= 2 * WETH


def test_dear_gas__leaves_what_paid_before():
    profit = sandwich(sale(20, 0.05)).profit
    gas = profit / 2 / 330_000 / 2000 * 1e18  # of each swap
    assert sandwich(sale(20, 0.05), base_fee=int(0.9 * gas)) is not None
    assert sandwich(sale(20, 0.05), base_fee=int(1.1 * gas)) is None


def test_several_victims__the_one_that_pays_most__is_taken():
    others = [address_of("victim", i) for i in range(1, 3)]
    block = [sale(5, 0.05), sale(40, 0.05, sender=others[0]), sale(10, 0.05, sender=others[1])]
    assert sandwich(*block).victim == 1


def test_victim_with_a_transaction_before_it__keeps_its_order():
    approve = Intent("panic_sellers", VICTIM, Call("WETH", "approve", ()), "approve")
    assert sandwich(approve, sale(20, 0.05)) is None


def test_other_calls_and_other_pools__are_no_prey():
    transfer = Intent("venue", VICTIM, Call("WETH", "transfer", (ME, 1)), "x")
    stranger = sale(20, 0.05)
    params = ("<OTHER>", *stranger.call.args[0][1:])
    other = Intent("x", VICTIM, Call("router", "exactInputSingle", (params,)), "swap")
    assert sandwich(transfer, other) is None

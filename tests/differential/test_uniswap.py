"""Uniswap v3's bytecode and its twin: the same programs, the same everything, to the wei."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.engines.stage import OWNER
from sim.mechanisms.uniswap.factory import TIERS
from tests.differential.programs import AGOS, Author, Scene
from tests.differential.rig import USERS, Act, Fate, Rig

PROGRAMS = 40
REASONS = {
    *("LOK", "AS", "SPL", "AI", "NP", "LS", "TLU", "TLM", "TUM", "STF", "OLD"),
    *("Too little received", "Too much requested", "Price slippage check", "Transaction too old"),
    *("Not approved", "Invalid token ID", "reverted without a reason"),
    "ERC721: mint to the zero address",
    "ERC721: operator query for nonexistent token",
    "ERC721: owner query for nonexistent token",
}
EVENTS = {
    *("PoolCreated", "Initialize", "Mint", "Burn", "Collect", "Swap", "IncreaseLiquidity"),
    *("DecreaseLiquidity", "IncreaseObservationCardinalityNext"),
}
BRANCHES = {"crossed a tick", "ran dry", "stopped at a limit", "collected fees", "interpolated"}


def test_programs__on_bytecode_and_twin__agree_and_reach_every_branch(both: Rig) -> None:
    reached: Counter[str] = Counter()

    @example(seed=9, fee=3000, blocks=[8] * 16)  # these two reach the rare reasons, so that
    @example(seed=48, fee=3000, blocks=[8] * 16)  # no draw decides whether the test passes
    @settings(
        max_examples=PROGRAMS,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(
        seed=st.integers(0, 2**32 - 1),
        fee=st.sampled_from(sorted(TIERS)),
        blocks=st.lists(st.integers(1, 8), min_size=8, max_size=16),
    )
    def agree(seed: int, fee: int, blocks: list[int]) -> None:
        with both.undone():
            run_program(Random(seed), Scene(both, fee), blocks, reached)

    agree()
    missing = (REASONS | EVENTS | BRANCHES) - set(+reached)
    assert not missing, f"never reached: {sorted(missing)} of {reached}"


def test_fee_tiers__opened_by_anybody__agree(both: Rig) -> None:
    wishes = [(0, 1), (0, 1), (100, 1), (500, 10), (10**6, 1), (7, 0), (7, -1), (7, 16_384)]
    with both.undone():
        fates = [
            both.run(1, [Act(who, Call("factory", "enableFeeAmount", wish))])[0]
            for who in (USERS[0], OWNER)
            for wish in wishes
        ]
        assert sum(not fate.reason for fate in fates) == 2
        spacings = [Call("factory", "feeAmountTickSpacing", (fee,)) for fee in (0, 7, 100, 500)]
        assert both.compare([*spacings, Call("factory", "owner")]) == [1, 0, 1, 10, OWNER]


def run_program(random: Random, scene: Scene, blocks: list[int], reached: Counter[str]) -> None:
    """A pool, blocks of so many transactions each, and a comparison of everything after each."""
    author, both = Author(random, scene), scene.rig
    both.add_pool(*both.tokens, scene.fee)
    fates = both.run(1, [author.swap(), author.mint(), author.increase()])  # there is no pool
    fates += both.run(12, opening(scene, author.price(), author.act()))
    note(fates, scene, reached)
    scene.look()
    for size in blocks:
        block = [author.act() for _ in range(size)]
        fates = both.run(random.choice([1, 12, 12, 12, 2_000]), block)
        note(fates, scene, reached)
        count_limits(block, fates, reached)
        count_interpolations(scene, scene.look(), reached)
    reached.update(answer for answer in scene.look_everywhere() if answer in REASONS)


def opening(scene: Scene, s: int, early: Act) -> list[Act]:
    """A pool, somebody who does not wait for its price, and the price."""
    tokens = scene.rig.tokens
    create = Call("factory", "createPool", (*tokens, scene.fee))
    price = Call("positions", "createAndInitializePoolIfNecessary", (*tokens, scene.fee, s))
    return [Act(USERS[0], create), early, Act(USERS[0], price)]


def note(fates: list[Fate], scene: Scene, reached: Counter[str]) -> None:
    """Count reasons, events, and what the events tell."""
    for fate in fates:
        reached[fate.reason] += 1
        for _, name, pairs in fate.events:
            args = dict(pairs)
            reached[name] += 1
            if name == "Swap":
                reached["ran dry"] += not args["liquidity"]
                reached["crossed a tick"] += scene.crosses(args["tick"])
            elif name == "Initialize":
                scene.tick = args["tick"]
            elif name == "IncreaseLiquidity":
                scene.minted = max(scene.minted, args["tokenId"])
            elif name == "DecreaseLiquidity":
                scene.decreased.add(args["tokenId"])
            elif name == "Collect" and "tokenId" in args:
                fees = args["tokenId"] not in scene.decreased
                reached["collected fees"] += fees and args["amount0"] + args["amount1"] > 0


def count_limits(block: list[Act], fates: list[Fate], reached: Counter[str]) -> None:
    """Swaps that ended at the limit that they had named."""
    for act, fate in zip(block, fates, strict=True):
        prices = (dict(pairs)["sqrtPriceX96"] for _, name, pairs in fate.events if name == "Swap")
        reached["stopped at a limit"] += any(s == act.call.args[0][-1] for s in prices)


def count_interpolations(scene: Scene, answers: list[Any], reached: Counter[str]) -> None:
    """Past states between two observations; and those before the first, which are refused."""
    slot, past = answers[0], answers[-len(AGOS) :]
    newest = scene.rig.view(Call("pool", "observations", (slot[2],)))
    for ago, answer in zip(AGOS, past, strict=True):
        refused = answer in REASONS
        reached[answer if refused else "observed"] += 1
        reached["interpolated"] += not refused and scene.rig.time - ago < newest[0]

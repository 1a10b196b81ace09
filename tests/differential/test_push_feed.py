"""The pushed feed's bytecode and its twin: the same answers, dues and refusals."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.mechanisms.oracles.push_feed import PushFeed
from sim.units import WAD
from tests.differential.rig import USERS, Act, Rig

FEEDER, STRANGER, _ = USERS
HEARTBEAT = 600  # [s]
FIRST = 200 * 10**8
OUTCOMES = {
    *("", "feed: only feeder", "feed: not due", "feed: zero answer", "feed: no such round"),
    *("reverted without a reason", "due", "not due"),
}
EXTREMES = (0, -1, 1, -(2**255), 2**255 - 1, 2**200)
VARIABLES = ("decimals", "description", "version", "FEEDER", "HEARTBEAT", "DEVIATION")


def test_programs__on_bytecode_and_twin__agree_and_reach_every_outcome(both: Rig) -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            both.deploy("feed", PushFeed, FEEDER, FIRST, HEARTBEAT, WAD // 200)
            for _ in range(12):
                run_block(both, random, reached)

    agree()
    assert not OUTCOMES - set(reached), f"not all reached: {reached}"


def run_block(both: Rig, random: Random, reached: Counter[str]) -> None:
    """Some pushes, and a comparison of all that can be read."""
    acts = [
        Act(random.choice([FEEDER] * 4 + [STRANGER]), Call("feed", "push", (an_answer(random),)))
        for _ in range(3)
    ]
    reached.update(fate.reason for fate in both.run(random.choice([1, 12, HEARTBEAT]), acts))
    answers = both.compare(
        [
            Call("feed", "due", (an_answer(random),)),
            Call("feed", "getRoundData", (random.randrange(6),)),
            *(Call("feed", name) for name in ("latestRoundData", "latest_round", *VARIABLES)),
        ]
    )
    dues = {True: "due", False: "not due"}
    reached.update(dues.get(a, a) for a in answers[:2] if isinstance(a, (bool, str)))


def an_answer(random: Random) -> int:
    """Around the first one, on both sides of what is due; sometimes an extreme."""
    if random.random() < 0.15:
        return random.choice(EXTREMES)
    return FIRST + random.choice([-1, 1]) * FIRST // 200 + random.randint(-2, 2)

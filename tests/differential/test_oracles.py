"""The bytecode of feeds that read other feeds or a pool, and their twins."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.errors import InputError
from sim.mechanisms.kernel import Contract, Revert
from sim.mechanisms.oracles.clamped_feed import ClampedFeed
from sim.mechanisms.oracles.delayed_feed import DelayedFeed
from sim.mechanisms.oracles.median_feed import MedianFeed
from sim.mechanisms.oracles.push_feed import PushFeed
from sim.mechanisms.oracles.twap_feed import TwapFeed
from sim.mechanisms.token import Token
from sim.units import WAD
from tests.differential.programs import Author, Scene
from tests.differential.rig import USERS, Act, Rig
from tests.differential.test_uniswap import opening

FEEDER, STRANGER, _ = USERS
FIRST = 200 * 10**8
HOP, MAX_AGE, WINDOW = 600, 900, 300  # [s]
PUSHED = ("first", "second", "third")
COMMON = ("latestRoundData", "decimals", "description", "version")
READ = {
    "delayed": (*COMMON, "due", "peep", "hop_began", "SOURCE", "HOP"),
    "clamped": (*COMMON, "due", "SOURCE", "STEP"),
    "median": (*COMMON, "confidence", "sources", "MAX_AGE", "QUORUM"),
}
OUTCOMES = {
    "",
    "feed: not due",
    "due",
    "not due",
    "feed: no quorum",
    "feed: no such round",
    "no answer",
    "capped",
    "mean of two",
}
EXTREMES = (1, 2**100, 2**127, 2**127 + 1, 2**250)
SETTINGS = settings(deadline=None, derandomize=True, phases=[Phase.generate])


def test_programs__on_feeds_of_feeds__agree_and_reach_every_outcome(both: Rig) -> None:
    reached: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=15)
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            deploy_feeds(both)
            for _ in range(12):
                run_block(both, random, reached)

    agree()
    assert not OUTCOMES - set(+reached), f"not all reached: {reached}"


def deploy_feeds(both: Rig) -> None:
    """Three that are pushed, and one of each kind on top of them."""
    at = both.contracts.addresses
    for key in PUSHED:
        both.deploy(key, PushFeed, FEEDER, FIRST, 0, 0)
    both.deploy("delayed", DelayedFeed, at["first"], HOP)
    both.deploy("clamped", ClampedFeed, at["second"], WAD // 50)
    sources = [at[key] for key in ("delayed", "clamped", "third", "second")]
    both.deploy("median", MedianFeed, sources, MAX_AGE, 2)


def run_block(both: Rig, random: Random, reached: Counter[str]) -> None:
    """Some pushes and pokes, and a comparison of all that can be read."""
    pushes = [Call(random.choice(PUSHED), "push", (an_answer(random),)) for _ in range(2)]
    pokes = [Call(random.choice(["delayed", "clamped"]), "poke") for _ in range(3)]
    acts = [
        *(Act(FEEDER, call) for call in pushes if random.random() < 0.7),
        *(Act(STRANGER, call) for call in pokes if random.random() < 0.7),
    ]
    fates = both.run(random.choice([1, 12, HOP // 2, HOP, MAX_AGE + 1]), acts)
    reached.update(fate.reason for fate in fates)
    steps = [dict(args) for fate in fates for _, name, args in fate.events if name == "Stepped"]
    reached["capped"] += any(step["answer"] != step["source"] for step in steps)
    answers = both.compare([Call(key, name) for key, names in READ.items() for name in names])
    dues = {True: "due", False: "not due"}
    reached.update(dues.get(a, a) for a in answers if isinstance(a, (bool, str)))
    rounds = [(key, both.view(Call(key, "latestRoundData"))[0]) for key in READ]
    asked = [Call(k, "getRoundData", (number + i,)) for k, number in rounds for i in range(2)]
    reached.update(a for a in both.compare(asked) if isinstance(a, str))
    median = both.view(Call("median", "latestRoundData"))
    reached["no answer"] += median[1] == 0
    told = [both.view(Call(k, "latestRoundData"))[1] for k in ("delayed", "clamped", *PUSHED[1:])]
    reached["mean of two"] += median[1] not in (0, *told)


def an_answer(random: Random) -> int:
    """Around the first one; sometimes an extreme."""
    if random.random() < 0.1:
        return random.choice(EXTREMES)
    return FIRST + random.randint(-FIRST // 5, FIRST // 5)


def test_constructors__of_feeds_of_feeds__refuse_the_same(both: Rig) -> None:
    with both.undone():
        deploy_feeds(both)
        at = both.contracts.addresses
        source, stranger = at["first"], at["AAA"]
        zero = [source] * 2
        cases: list[tuple[type[Contract], tuple[object, ...], str]] = [
            (DelayedFeed, (source, 0), "feed: hop not between 0 and a day"),
            (DelayedFeed, (source, 86_401), "feed: hop not between 0 and a day"),
            (DelayedFeed, (stranger, HOP), "feed: decimals"),
            (ClampedFeed, (source, 0), "feed: step not between 0 and 1"),
            (ClampedFeed, (source, WAD), "feed: step not between 0 and 1"),
            (MedianFeed, ([source], MAX_AGE, 0), "feed: quorum not between 1 and all sources"),
            (MedianFeed, ([source], MAX_AGE, 2), "feed: quorum not between 1 and all sources"),
            (MedianFeed, (zero, MAX_AGE, 1), "feed: source listed twice"),
            (MedianFeed, (zero * 3, MAX_AGE, 1), "reverted without a reason"),
            (MedianFeed, ([stranger], MAX_AGE, 1), "feed: decimals"),
        ]
        for kind, args, reason in cases:
            assert refusal(both, kind, *args) == reason


def refusal(both: Rig, kind: type[Contract], *args: object) -> str:
    """Why bytecode and twin refuse to be made, which must be the same."""
    with pytest.raises(InputError) as real:
        both.deploy("refused", kind, *args)
    with pytest.raises(Revert) as twin:
        both.chain.deploy(FEEDER, kind, "0x" + "99" * 20, *args)
    assert str(real.value).endswith(f"can't be deployed: {twin.value.reason}")
    return twin.value.reason


def test_twap__of_random_programs__agrees_both_ways_round(both: Rig) -> None:
    spans: set[int] = set()
    reached: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=12)
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            run_pool(both, random, spans, reached)

    agree()
    assert {0, WINDOW} < spans, f"never between nothing and the window: {spans}"
    assert reached.keys() == {"told", "out of range"}


def run_pool(both: Rig, random: Random, spans: set[int], reached: Counter[str]) -> None:
    """A pool from its first moment on, with its mean told in either token."""
    scene = Scene(both, 3000)
    author = Author(random, scene)
    both.add_pool(*both.tokens, scene.fee)
    both.run(12, opening(scene, author.price(), author.act()))
    scene.look()
    calls = deploy_twaps(both, random.choice([2, 4, 30]))
    for _ in range(8):
        for answer in both.compare(calls):
            if isinstance(answer, int):
                spans.add(answer)
            elif isinstance(answer, tuple):
                reached["told" if answer[1] else "out of range"] += 1
        both.run(random.choice([1, 12, 12, 100, 2_000]), [author.act() for _ in range(4)])
        scene.look()


def deploy_twaps(both: Rig, cardinality: int) -> list[Call]:
    """One for each token as the collateral, and what is read of them."""
    at = both.contracts.addresses
    keys = ("twap0", "twap1")
    for key, pair in zip(keys, (both.tokens, both.tokens[::-1]), strict=True):
        both.deploy(key, TwapFeed, at["pool"], *pair, WINDOW, cardinality)
    asked = [Call(key, name) for key in keys for name in ("latestRoundData", "averaged")]
    return [*asked, *(Call(key, "getRoundData", (1,)) for key in keys)]


def test_twap__of_tokens_with_other_decimals__agrees_at_every_price(both: Rig) -> None:
    random = Random(1)
    for decimals in ((6, 18), (18, 6), (8, 6), (6, 6)):
        with both.undone():
            scene = Scene(both, 500)
            for symbol, number in zip("CD", decimals, strict=True):
                both.deploy(symbol, Token, symbol, symbol, number)
            pair = [both.contracts.addresses[symbol] for symbol in "CD"]
            both.add_pool(*sorted(pair), scene.fee)
            price = Author(random, scene).price()
            create = (*sorted(pair), scene.fee, price)
            name = "createAndInitializePoolIfNecessary"
            both.run(1, [Act(FEEDER, Call("positions", name, create))])
            at = both.contracts.addresses
            both.deploy("twap", TwapFeed, at["pool"], *pair, WINDOW, 2)
            both.compare([Call("twap", "latestRoundData")])
            both.run(60, [])
            both.compare([Call("twap", "latestRoundData"), Call("twap", "averaged")])


def test_twap__of_other_tokens_or_without_a_memory__is_refused(both: Rig) -> None:
    with both.undone():
        scene = Scene(both, 3000)
        author = Author(Random(2), scene)
        both.add_pool(*both.tokens, scene.fee)
        both.run(12, opening(scene, author.price(), author.act()))
        at, tokens = both.contracts.addresses, both.tokens
        pool, factory = at["pool"], at["factory"]
        strange = [(tokens[0], factory), (factory, tokens[0]), (tokens[1], tokens[1])]
        for pair in strange:
            assert refusal(both, TwapFeed, pool, *pair, WINDOW, 2) == "pool: other tokens"
        for window in (0, 7 * 86_400 + 1):
            said = refusal(both, TwapFeed, pool, *tokens, window, 2)
            assert said == "pool: window not between 0 and a week"
        for cardinality in (0, 1):
            said = refusal(both, TwapFeed, pool, *tokens, WINDOW, cardinality)
            assert said == "pool: cardinality below 2"

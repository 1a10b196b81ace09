"""The lending market's bytecode and its twin: the same programs, the same everything."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.differential.market_programs import MarketAuthor, MarketScene
from tests.differential.rig import Rig
from tests.helpers.source import ROOT

MODULES = (
    *("erc20", "vault", "borrowing", "recovery", "gates", "ownership", "interest", "transfers"),
    *("collateral_book", "debt_book"),
)
SOURCES = [ROOT / "contracts/LendingMarket.vy"] + [
    ROOT / f"contracts/modules/{name}.vy" for name in MODULES
]
SILENT = "reverted without a reason"
BLOCKS = 40


def test_programs__on_bytecode_and_twin__agree_and_reach_every_reason_and_event(both: Rig) -> None:
    reached: Counter[str] = Counter()

    @example(seed=1, crowded=True)
    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(seed=st.integers(0, 2**32 - 1), crowded=st.just(False))
    def agree(seed: int, crowded: bool) -> None:
        with both.undone():
            run_program(Random(seed), both, crowded, reached)

    agree()
    missing = (reasons() | events() | {SILENT}) - set(reached)
    assert not missing, f"never reached: {sorted(missing)} of {reached}"


def run_program(random: Random, both: Rig, crowded: bool, reached: Counter[str]) -> None:
    """A market, blocks of transactions, and a comparison of everything after every third."""
    scene = MarketScene(both, random, crowded)
    author = MarketAuthor(random, scene)
    reached["market: too many collaterals"] += crowded
    for number in range(BLOCKS):
        acts = [author.act() for _ in range(random.randrange(1, 9))]
        for fate in both.run(random.choice([1, 12, 12, 600, 86_400, 30 * 86_400]), acts):
            reached.update([fate.reason, *(name for _, name, _ in fate.events)])
        if number % 3 == 0:
            scene.compare()


def reasons() -> set[str]:
    """All that the contract's sources say when they refuse."""
    text = "".join(path.read_text() for path in SOURCES)
    return set(re.findall(r'"((?:market|erc20|transfer): [^"]+)"', text))


def events() -> set[str]:
    text = "".join(path.read_text() for path in SOURCES)
    return set(re.findall(r"^ +log (?:\w+\.)?(\w+)\(", text, re.MULTILINE))

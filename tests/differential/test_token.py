"""The token's bytecode and its twin: the same calls, the same everything."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.engines.stage import OWNER
from sim.mechanisms.kernel import NOBODY
from sim.units import MAX_UINT
from tests.differential.rig import PURSE, USERS, Act, Rig

REASONS = {
    *("token: only minter", "erc20: zero address", "erc20: insufficient balance"),
    *("erc20: insufficient allowance", "reverted without a reason"),
}
EVENTS = {"Transfer", "Approval"}
VARIABLES = ("name", "symbol", "decimals", "totalSupply", "minter")


def test_programs__on_bytecode_and_twin__agree_and_reach_every_reason(both: Rig) -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(seed=st.integers(0, 2**32 - 1))
    def agree(seed: int) -> None:
        random = Random(seed)
        with both.undone():
            for fate in both.run(12, [an_act(random) for _ in range(60)]):
                reached.update([fate.reason, *(name for _, name, _ in fate.events)])
            both.compare(getters())

    agree()
    assert not (REASONS | EVENTS) - set(reached), f"not all reached: {reached}"


def an_act(random: Random) -> Act:
    """Any call of the token, with amounts that are often at a limit."""
    sender, owner = random.choice([*USERS, OWNER]), random.choice(USERS)
    to = random.choice([*USERS, NOBODY])
    amount = random.choice([0, 1, PURSE, PURSE + 1, MAX_UINT, random.getrandbits(250)])
    calls = {
        "transfer": (to, amount),
        "transferFrom": (owner, to, amount),
        "approve": (to, amount),
        "mint": (to, amount),
    }
    function = random.choice(list(calls))
    return Act(sender, Call("AAA", function, calls[function]))


def getters() -> list[Call]:
    """All of the token's public variables."""
    people = (*USERS, OWNER, NOBODY)
    return [
        *(Call("AAA", name) for name in VARIABLES),
        *(Call("AAA", "balanceOf", (who,)) for who in people),
        *(Call("AAA", "allowance", (who, other)) for who in people for other in people),
    ]

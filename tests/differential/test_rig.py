"""The rig itself: it sees what differs, and it always goes back."""

from __future__ import annotations

import pytest

from sim.engines.base import Call
from sim.mechanisms.token import Token
from tests.differential.rig import USERS, Act, Rig

PAYER, PAYEE, _ = USERS
MOVE = Act(PAYER, Call("AAA", "transfer", (PAYEE, 5)))


def move_and_fail(both: Rig) -> None:
    with both.undone():
        assert [fate.reason for fate in both.run(12, [MOVE, MOVE])] == ["", ""]
        raise RuntimeError


def test_undone__after_an_error__stands_where_it_was_on_both_sides(both: Rig) -> None:
    balance = Call("AAA", "balanceOf", (PAYEE,))
    (before,) = both.compare([balance])
    with pytest.raises(RuntimeError):
        move_and_fail(both)
    with both.undone():
        assert [fate.reason for fate in both.run(12, [MOVE])] == [""]
        assert both.compare([balance]) == [before + 5]


def test_undone__after_a_key_was_given_to_another_contract__has_the_first_one_back(
    both: Rig,
) -> None:
    symbol, before = Call("AAA", "symbol"), both.contracts.addresses["AAA"]
    with both.undone():
        both.deploy("AAA", Token, "OTHER", "OTHER", 6)
        assert both.compare([symbol]) == ["OTHER"]
    assert both.contracts.addresses["AAA"] == before
    assert both.compare([symbol]) == ["AAA"]


def test_run_and_compare__when_one_side_differs__fail(both: Rig) -> None:
    with both.undone():
        both.chain.transact(PAYER, both.contracts.addresses["AAA"], "transfer", PAYEE, 1)
        with pytest.raises(AssertionError, match="balanceOf"):
            both.compare([Call("AAA", "balanceOf", (PAYEE,))])
        too_much = Call(
            "AAA", "transfer", (PAYEE, both.view(Call("AAA", "balanceOf", (PAYER,))) + 1)
        )
        with pytest.raises(AssertionError, match="transfer"):
            both.run(12, [Act(PAYER, too_much)])


class Denying(Token):
    """Does what it should, and says that it has not."""

    def transfer(self, to: str, amount: int) -> bool:
        return not super().transfer(to, amount)


def test_run__when_a_transaction_returns_something_else__fails(both: Rig) -> None:
    args = ("DENYING", "DENYING", 18)
    with both.undone():
        both.put("denying", both.library.get("Token"), args, Denying, *args)
        with pytest.raises(AssertionError, match="transfer"):
            both.run(12, [Act(PAYER, Call("denying", "transfer", (PAYEE, 0)))])

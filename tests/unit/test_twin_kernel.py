"""The machine of the twins: calls, senders, locks, and the undoing of what reverted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.kernel import NOBODY, Address, Chain, Contract, Revert, reentrant, steady, view
from sim.mechanisms.words import mul_div_down, sint, uint, wrapped_sint

USER, HERE, THERE = ("0x" + digit * 40 for digit in "123")
SILENT = "reverted without a reason"


class Counter(Contract):
    """Counts, fails when told to, and calls others."""

    def __init__(self, chain: Chain, address: Address, first: int) -> None:
        super().__init__(chain, address)
        if first < 0:
            raise Revert("counter: negative")
        self.creator, self.total = chain.sender, first
        self.by = self._table(0)  # by caller

    def add(self, amount: int, fails: bool) -> int:
        caller = self._chain.sender
        self.total += amount
        self.by[caller] += amount
        self._log("Added", caller=caller, amount=amount)
        if fails:
            raise Revert("counter: told to fail")
        return self.total

    def forget(self, caller: Address) -> None:
        del self.by[caller]

    def forward(self, target: Address, function: str, *args: Any) -> Any:
        return self._call(target, function, *args)

    def try_forward(self, target: Address, function: str, *args: Any) -> tuple[bool, Any]:
        self.total += 1
        return self._chain.attempt(self.address, target, function, *args)


class Guarded(Counter):
    """The same with a lock, which its creator can be read in spite of."""

    guarded = True
    unlocked = frozenset({"creator"})
    RATE = 3

    @view
    def seen_through(self, target: Address, function: str, *args: Any) -> Any:
        return self._call(target, function, *args)

    @reentrant
    def open(self) -> int:
        return self.total


@pytest.fixture
def chain() -> Chain:
    chain = Chain(timestamp=100)
    chain.deploy(USER, Counter, HERE, 5)
    chain.deploy(USER, Guarded, THERE, 7)
    return chain


def read(chain: Chain, target: Address, function: str, *args: Any) -> Any:
    return chain.view(NOBODY, target, function, *args)


def test_transact__that_succeeds__keeps_writes_and_logs(chain: Chain) -> None:
    receipt = chain.transact(USER, HERE, "add", 3, False)
    assert (receipt.ok, receipt.reason, receipt.result) == (True, "", 8)
    assert [(log.address, log.name, log.args) for log in receipt.logs] == [
        (HERE, "Added", {"caller": USER, "amount": 3})
    ]
    assert read(chain, HERE, "by", USER) == 3
    assert chain.sender == NOBODY
    assert chain.logs == []


def test_transact__that_reverts__leaves_nothing_but_the_reason(chain: Chain) -> None:
    receipt = chain.transact(USER, HERE, "add", 3, True)
    assert (receipt.ok, receipt.reason, receipt.logs) == (False, "counter: told to fail", ())
    assert read(chain, HERE, "total") == 5
    assert USER not in chain.contracts[HERE].by  # type: ignore[union-attr]


def test_attempt__of_a_call_that_reverts__undoes_it_and_keeps_the_caller_s_writes(
    chain: Chain,
) -> None:
    receipt = chain.transact(USER, HERE, "try_forward", THERE, "add", 3, True)
    assert receipt.ok
    assert receipt.result == (False, "counter: told to fail")
    assert receipt.logs == ()
    assert read(chain, HERE, "total") == 6
    assert read(chain, THERE, "total") == 7


def test_call__within_a_call__comes_from_the_contract_and_reverts_with_it(chain: Chain) -> None:
    assert chain.transact(USER, HERE, "forward", THERE, "add", 3, False).ok
    assert read(chain, THERE, "by", HERE) == 3
    receipt = chain.transact(USER, HERE, "forward", THERE, "add", 3, True)
    assert receipt.reason == "counter: told to fail"
    assert read(chain, THERE, "total") == 10


@pytest.mark.parametrize(("target", "function"), [(USER, "add"), (HERE, "nothing")])
def test_call__of_nobody_or_nothing__reverts_without_a_reason(
    chain: Chain, target: Address, function: str
) -> None:
    assert chain.transact(USER, target, function).reason == SILENT


def test_lock__of_a_guarded_contract__stops_calls_and_reading_from_below(chain: Chain) -> None:
    for inner in (("add", 1, False), ("total",), ("by", USER), ("seen_through", HERE, "total")):
        receipt = chain.transact(USER, THERE, "forward", HERE, "forward", THERE, *inner)
        assert receipt.reason == SILENT, inner
    for inner, answer in (("open",), 7), (("creator",), USER), (("RATE",), 3):
        receipt = chain.transact(USER, THERE, "forward", HERE, "forward", THERE, *inner)
        assert receipt.result == answer
    assert chain.transact(USER, THERE, "add", 1, False).ok  # and it is released


def test_lock__during_a_view__is_not_taken(chain: Chain) -> None:
    assert read(chain, THERE, "seen_through", HERE, "forward", THERE, "total") == 7


def test_view__that_writes__leaves_nothing_behind(chain: Chain) -> None:
    assert read(chain, HERE, "add", 3, False) == 8
    assert read(chain, HERE, "total") == 5
    assert chain.logs == []


def test_deploy__that_reverts__leaves_no_contract(chain: Chain) -> None:
    place = "0x" + "5" * 40
    with pytest.raises(Revert, match="counter: negative"):
        chain.deploy(USER, Counter, place, -1)
    assert chain.transact(USER, place, "total").reason == SILENT
    chain.deploy(USER, Counter, place, 1)
    assert read(chain, place, "creator") == USER


def test_rollback__of_a_deployment__closes_its_doors(chain: Chain) -> None:
    place, mark = "0x" + "5" * 40, chain.mark()
    chain.deploy(USER, Counter, place, 1)
    assert read(chain, place, "total") == 1
    chain.rollback(mark)
    assert chain.transact(USER, place, "total").reason == SILENT


def test_watched__table__tells_what_was_written_also_when_undone(chain: Chain) -> None:
    counter: Any = chain.contracts[HERE]
    chain.transact(USER, HERE, "add", 3, False)
    written = counter.by.watched()
    assert not written
    chain.transact(THERE, HERE, "add", 3, True)
    chain.transact(USER, HERE, "forget", USER)
    assert written == {THERE, USER}


def test_rollback__to_a_mark__undoes_transactions_until_a_commit(chain: Chain) -> None:
    chain.commit()
    mark = chain.mark()
    chain.transact(USER, HERE, "add", 3, False)
    chain.transact(USER, HERE, "forget", USER)
    chain.rollback(mark)
    assert (read(chain, HERE, "total"), read(chain, HERE, "by", USER)) == (5, 0)
    chain.transact(USER, HERE, "add", 3, False)
    chain.commit()
    chain.rollback(chain.mark())
    assert read(chain, HERE, "total") == 8


words = st.integers(min_value=0, max_value=2**256 - 1)


@given(a=words, b=words, d=words)
def test_mul_div__of_any_words__is_the_rounded_quotient_or_reverts(a: int, b: int, d: int) -> None:
    if not d or a * b // d >= 2**256:
        with pytest.raises(Revert, match=SILENT):
            mul_div_down(a, b, d)
        return
    down = mul_div_down(a, b, d)
    assert down * d <= a * b < (down + 1) * d


def test_words__at_their_ends__fit_and_beyond_revert() -> None:
    assert (uint(0), uint(2**256 - 1), uint(255, 8)) == (0, 2**256 - 1, 255)
    assert (sint(-128, 8), sint(127, 8)) == (-128, 127)
    for check, value in ((uint, -1), (uint, 256), (sint, -129), (sint, 128)):
        with pytest.raises(Revert, match=SILENT):
            check(value, 8)
    assert [wrapped_sint(v, 8) for v in (128, -129, 256, -1)] == [-128, 127, 0, -1]


class Sundial(Contract):
    """Answers with the time, and counts how often it had to look."""

    def __init__(self, chain: Chain, address: Address) -> None:
        super().__init__(chain, address)
        self.looks: list[int] = []

    @view
    @steady
    def time_after(self, seconds: int) -> int:
        self.looks.append(seconds)
        return self._chain.timestamp + seconds


def test_steady_function__while_the_chain_stands_still__is_asked_once_for_each_argument() -> None:
    chain = Chain(100)
    chain.deploy(USER, Sundial, HERE)
    with chain.still():
        answers = [chain.view(USER, HERE, "time_after", s) for s in (1, 2, 1)]
    chain.timestamp = 200
    after = [chain.view(USER, HERE, "time_after", 1) for _ in "ab"]
    assert (answers, after) == ([101, 102, 101], [201, 201])
    assert chain.view(USER, HERE, "looks") == [1, 2, 1, 1]

"""The price curves' bytecode and their twins: the same prices, and the same parameters refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sim.engines.base import Call
from sim.errors import InputError
from sim.mechanisms.curves import ExponentialCurve, LinearCurve, StairstepCurve
from sim.mechanisms.kernel import Contract, Revert
from sim.units import MAX_UINT, RAY
from tests.differential.rig import Rig

cuts = st.one_of(st.integers(1, RAY - 1), st.integers(RAY - RAY // 100, RAY - 1))
seconds = st.one_of(st.integers(1, 100_000), st.integers(1, MAX_UINT))
PARAMETERS = {
    LinearCurve: st.tuples(seconds),
    ExponentialCurve: st.tuples(cuts),
    StairstepCurve: st.tuples(seconds, cuts),
}
SILENT = "reverted without a reason"
# an overflow, nothing, and prices of the usual size, whatever is drawn
ALWAYS = [(MAX_UINT, 0), (0, 1), (10**18, 0), (10**24, 0), (10**24, 1)]


@pytest.mark.parametrize("kind", PARAMETERS)
def test_prices__on_bytecode_and_twin__agree_to_the_unit(both: Rig, kind: type[Contract]) -> None:
    answers: list[Any] = []

    @settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(
        args=PARAMETERS[kind],
        asked=st.lists(
            st.tuples(
                st.one_of(st.integers(0, 10**24), st.integers(0, MAX_UINT)),
                st.one_of(st.integers(0, 20_000), st.integers(0, MAX_UINT)),
            ),
            min_size=20,
            max_size=40,
        ),
    )
    def agree(args: tuple[int, ...], asked: list[tuple[int, int]]) -> None:
        with both.undone():
            both.deploy("curve", kind, *args)
            answers.extend(
                both.compare([Call("curve", "price", pair) for pair in [*ALWAYS, *asked]])
            )

    agree()
    assert SILENT in answers  # products that overflow
    assert 0 in answers
    assert sum(isinstance(a, int) and a > 0 for a in answers) > 30


@pytest.mark.parametrize(
    ("kind", "args", "reason"),
    [
        (LinearCurve, (0,), "curve: zero duration"),
        (ExponentialCurve, (0,), "curve: cut not between 0 and 1"),
        (ExponentialCurve, (RAY,), "curve: cut not between 0 and 1"),
        (StairstepCurve, (0, RAY), "curve: zero step"),
        (StairstepCurve, (1, RAY), "curve: cut not between 0 and 1"),
    ],
)
def test_deployment__with_senseless_parameters__is_refused_alike(
    both: Rig, kind: type[Contract], args: tuple[int, ...], reason: str
) -> None:
    with both.undone():
        with pytest.raises(InputError, match=reason):
            both.deploy("curve", kind, *args)
        with pytest.raises(Revert, match=f"^{reason}$"):
            both.chain.deploy("0x" + "1" * 40, kind, "0x" + "2" * 40, *args)

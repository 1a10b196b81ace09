"""The lens's fast arithmetic against the plain one, for numbers of any size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.periphery.lens import Terms, standing
from sim.units import MAX_UINT, RAY, WAD

AMOUNTS = st.integers(0, 2**120) | st.integers(0, 2**40) | st.sampled_from([0, 1, WAD, RAY])
PRICES = st.integers(0, 10**14).map(lambda answer: answer * 10**10)
SCALES = st.integers(6, 30).map(lambda digits: 10**digits)


@given(
    index=st.integers(RAY, 3 * RAY) | st.just(RAY),
    accounts=st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), max_size=6),
    prices=st.tuples(PRICES, PRICES),
    scales=st.tuples(SCALES, SCALES),
    thresholds=st.tuples(st.integers(0, WAD), st.integers(0, WAD)),
)
def test_standing__of_any_accounts__is_what_plain_divisions_give(
    index: int,
    accounts: list[tuple[int, int, int]],
    prices: tuple[int, int],
    scales: tuple[int, int],
    thresholds: tuple[int, int],
) -> None:
    kinds = list(zip(prices, scales, thresholds, strict=True))
    terms = [Terms("", *kind) for kind in kinds]
    columns = [[account[i] for account in accounts] for i in range(3)]
    debts, health = standing(index, terms, columns[0], columns[1:])
    for (scaled, *held), debt, found in zip(accounts, debts, health, strict=True):
        limit = sum(
            amount * price // scale * threshold // WAD
            for amount, (price, scale, threshold) in zip(held, kinds, strict=True)
        )
        assert debt == -(-scaled * index // RAY)
        assert found == (limit * WAD // debt if debt else MAX_UINT)

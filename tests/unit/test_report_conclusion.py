"""The conclusion: one sentence with the right numbers for every way a comparison can end."""

from __future__ import annotations

import pytest

from sim.reports.summary import conclusion
from tests.helpers.folders import folder_of
from tests.helpers.synthetic import RunBuilder, ledger, manifest


def run(design, seed=0, bad=0.0, executed=100.0, cost=10.0, eligible=0.0, ever=200.0):
    """A run with one take that cost borrowers `cost`, and bad debt that the reserve bore."""
    builder = RunBuilder().step(0, 100.0)
    if executed:
        builder.take(executed, 0.0, (executed + cost) / 100)
    if bad:
        builder.bad_debt(bad, 0.0)
    debts = {"eligible_debt": eligible, "eligible_debt_ever": ever}
    builder.step(60, 100.0, executed_debt=executed, bad_debt=bad, **debts)
    return builder.trace(manifest=manifest(design, seed), ledger=ledger(keepers=5.0))


PAID = (
    "under it liquidation cost borrowers 10.0 USD beyond the debt repaid, bad debt cost the "
    "reserve {} and lenders 0, and keepers earned 5.00"
)


def test_conclusion__another_design_is_better__compared_with_the_baseline(tmp_path):
    bad = {"fixed": (80.0, 82.0, 84.0), "dutch": (30.0, 32.0, 34.0)}
    traces = [run(d, s, b) for d, bads in bad.items() for s, b in enumerate(bads)]

    assert conclusion(folder_of(tmp_path, traces)) == (
        "dutch left the least bad debt, 32.0 USD against 82.0 under fixed (50.0 less, 95% interval "
        f"50.0 to 50.0 over 3 seeds: significant); {PAID.format('32.0')}."
    )


def test_conclusion__baseline_is_best__compared_with_the_next(tmp_path):
    bad = {"fixed": (10.0, 10.0), "dutch": (80.0, 20.0), "other": (90.0, 95.0)}
    traces = [run(d, s, b) for d, bads in bad.items() for s, b in enumerate(bads)]

    assert conclusion(folder_of(tmp_path, traces)) == (
        "fixed left the least bad debt, 10.0 USD against 50.0 under dutch (40.0 less, 95% interval "
        f"-341 to 421 over 2 seeds: not significant); {PAID.format('10.0')}."
    )


def test_conclusion__one_seed__says_that_chance_is_open(tmp_path):
    text = conclusion(folder_of(tmp_path, [run("fixed", bad=50.0), run("dutch", bad=20.0)]))

    assert "(one seed, so chance can't be told apart)" in text


def test_conclusion__one_design__no_comparison(tmp_path):
    text = conclusion(folder_of(tmp_path, [run("fixed", bad=50.0)]))

    assert text == f"fixed left 50.0 USD of bad debt; {PAID.format('50.0')}."


def test_conclusion__no_bad_debt__the_cheapest_for_borrowers_is_named(tmp_path):
    text = conclusion(folder_of(tmp_path, [run("fixed", cost=30.0), run("dutch", cost=10.0)]))

    assert text == f"No design left bad debt, and dutch cost borrowers the least; {PAID.format(0)}."


def test_conclusion__debt_left_open_at_the_end__is_a_warning(tmp_path):
    text = conclusion(folder_of(tmp_path, [run("fixed", bad=5.0, eligible=70.0)]))

    assert text.endswith(
        "; but 70.0 USD still waited for liquidation or a buyer when the run ended."
    )


IDLE = (
    "; left out: {}, under which nothing had been liquidated when the run ended "
    "({} USD of debt still waited)."
)


def test_conclusion__nothing_liquidated_under_one__it_is_out_of_the_running(tmp_path):
    traces = [
        run("fixed", bad=50.0),
        run("dutch", bad=20.0),
        run("english", executed=0.0, eligible=90.0),
    ]

    text = conclusion(folder_of(tmp_path, traces))

    assert text.startswith("dutch left the least bad debt, 20.0 USD against 50.0 under fixed")
    assert text.endswith(IDLE.format("english", "90.0"))


def test_conclusion__nothing_liquidated_under_the_baseline__the_rest_are_compared(tmp_path):
    traces = [run("english", executed=0.0), run("fixed", bad=50.0), run("dutch", bad=20.0)]

    text = conclusion(folder_of(tmp_path, traces))

    assert text.startswith(
        "dutch left the least bad debt, 20.0 USD against 50.0 under fixed (no paired interval, "
        "for pairs are with english)"
    )
    assert text.endswith(IDLE.format("english", "0"))


def test_conclusion__only_one_liquidated__it_is_not_called_best(tmp_path):
    traces = [run("fixed", bad=50.0), run("english", executed=0.0), run("maker", executed=0.0)]

    text = conclusion(folder_of(tmp_path, traces))

    assert text.startswith("fixed left 50.0 USD of bad debt; under it")
    assert text.endswith(IDLE.format("english, maker", "0"))


def test_conclusion__no_bad_debt_where_something_was_sold__says_so(tmp_path):
    traces = [run("fixed", cost=30.0), run("dutch", cost=10.0), run("english", executed=0.0)]

    text = conclusion(folder_of(tmp_path, traces))

    assert text.startswith("No design that sold left bad debt, and dutch cost borrowers the least")


@pytest.mark.parametrize(
    ("ever", "text"),
    [
        (0.0, "Nothing was liquidated: no debt fell below health factor 1 under any design."),
        (
            90.0,
            "Nothing was liquidated under any design, although up to 90.0 USD of debt could "
            "have been.",
        ),
    ],
)
def test_conclusion__nothing_liquidated__says_why(tmp_path, ever, text):
    traces = [run(d, executed=0.0, ever=ever) for d in ("fixed", "dutch")]

    assert conclusion(folder_of(tmp_path, traces)) == text

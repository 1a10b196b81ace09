"""The conclusion in one sentence, computed from the results."""

from __future__ import annotations

from sim.metrics import compact
from sim.results import Results


def conclusion(results: Results) -> str:
    """Which design left the least bad debt, whether that is significant, and who paid.

    A design under which nothing was liquidated while others had to is not in the running.
    """
    if not _largest(results, "liquidated_debt_usd") and not _largest(results, "bad_debt_usd"):
        return _quiet(results)
    sold = [d for d in results.designs if _mean(results, d, "liquidated_debt_usd")]
    running = sold or list(results.designs)
    best = min(running, key=lambda d: (_mean(results, d, "bad_debt_usd"), _cost(results, d)))
    parts = (
        _least_bad_debt(results, best, [d for d in running if d != best]),
        _who_paid(results, best),
        _left_open(results, best),
        _idle(results, [d for d in results.designs if d not in running]),
    )
    return f"{'; '.join(part for part in parts if part)}."


def _quiet(results: Results) -> str:
    eligible = _largest(results, "eligible_debt_usd")
    if eligible:
        return (
            f"Nothing was liquidated under any design, although up to {compact(eligible)} USD of "
            "debt could have been."
        )
    return "Nothing was liquidated: no debt fell below health factor 1 under any design."


def _least_bad_debt(results: Results, best: str, others: list[str]) -> str:
    left = _mean(results, best, "bad_debt_usd")
    least = f"{compact(left)} USD"
    if not others:
        return f"{best} left {least} of bad debt"
    if not left and not any(_mean(results, d, "bad_debt_usd") for d in others):
        nobody = "No design" if len(others) + 1 == len(results.designs) else "No design that sold"
        return f"{nobody} left bad debt, and {best} cost borrowers the least"
    other = _compared_with(results, best, others)
    more = compact(_mean(results, other, "bad_debt_usd"))
    return (
        f"{best} left the least bad debt, {least} against {more} under {other} "
        f"({_certainty(results, best, other)})"
    )


def _compared_with(results: Results, best: str, others: list[str]) -> str:
    """The baseline; for the baseline itself, or where it is not in the running, the next best."""
    baseline = results.designs[0]
    if baseline in others:
        return baseline
    return min(others, key=lambda d: _mean(results, d, "bad_debt_usd"))


def _certainty(results: Results, best: str, other: str) -> str:
    baseline = results.designs[0]
    if baseline not in (best, other):
        return f"no paired interval, for pairs are with {baseline}"
    sign = -1 if other == baseline else 1
    design = best if sign < 0 else other
    found = results.difference(design, "bad_debt_usd")
    if found["interval_95"] is None:
        return "one seed, so chance can't be told apart"
    low, high = sorted(sign * end for end in found["interval_95"])
    verdict = "significant" if low > 0 else "not significant"
    less = compact(sign * found["mean"])
    span = f"95% interval {compact(low)} to {compact(high)}"
    return f"{less} less, {span} over {found['n']} seeds: {verdict}"


def _who_paid(results: Results, design: str) -> str:
    borrowers, reserve, lenders, keepers = (
        compact(_mean(results, design, metric))
        for metric in (
            "borrower_loss_usd",
            "reserve_loss_usd",
            "lender_loss_usd",
            "keeper_profit_usd",
        )
    )
    return (
        f"under it liquidation cost borrowers {borrowers} USD beyond the debt repaid, bad debt "
        f"cost the reserve {reserve} and lenders {lenders}, and keepers earned {keepers}"
    )


def _left_open(results: Results, design: str) -> str:
    """A warning when the end of the run hides what may still go bad."""
    left = _mean(results, design, "uncleared_debt_usd")
    if left <= _mean(results, design, "bad_debt_usd"):
        return ""
    return f"but {compact(left)} USD still waited for liquidation or a buyer when the run ended"


def _idle(results: Results, idle: list[str]) -> str:
    """What is to be said of designs that liquidated nothing while others did."""
    if not idle:
        return ""
    open_debt = compact(max(_mean(results, d, "uncleared_debt_usd") for d in idle))
    return (
        f"left out: {', '.join(idle)}, under which nothing had been liquidated when the run ended "
        f"({open_debt} USD of debt still waited)"
    )


def _mean(results: Results, design: str, metric: str) -> float:
    return float(results.mean(design, metric)["mean"] or 0.0)


def _cost(results: Results, design: str) -> float:
    return _mean(results, design, "borrower_loss_usd")


def _largest(results: Results, metric: str) -> float:
    return max(_mean(results, d, metric) for d in results.designs)

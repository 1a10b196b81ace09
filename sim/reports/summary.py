"""The conclusion in one sentence, computed from the results."""

from __future__ import annotations

from sim.metrics import compact
from sim.results import Results


def conclusion(results: Results) -> str:
    """Which design left the least bad debt, whether that is significant, and who paid."""
    if not _largest(results, "liquidated_debt_usd") and not _largest(results, "bad_debt_usd"):
        return _quiet(results)
    best = min(
        results.designs, key=lambda d: (_mean(results, d, "bad_debt_usd"), _cost(results, d))
    )
    parts = (_least_bad_debt(results, best), _who_paid(results, best), _left_open(results, best))
    return f"{'; '.join(part for part in parts if part)}."


def _quiet(results: Results) -> str:
    eligible = _largest(results, "eligible_debt_usd")
    if eligible:
        return (
            f"Nothing was liquidated under any design, although up to {compact(eligible)} USD of "
            "debt could have been."
        )
    return "Nothing was liquidated: no debt fell below health factor 1 under any design."


def _least_bad_debt(results: Results, best: str) -> str:
    if not _largest(results, "bad_debt_usd"):
        return f"No design left bad debt, and {best} cost borrowers the least"
    least = f"{compact(_mean(results, best, 'bad_debt_usd'))} USD"
    if len(results.designs) == 1:
        return f"{best} left {least} of bad debt"
    other = _compared_with(results, best)
    more = compact(_mean(results, other, "bad_debt_usd"))
    return (
        f"{best} left the least bad debt, {least} against {more} under {other} "
        f"({_certainty(results, best, other)})"
    )


def _compared_with(results: Results, best: str) -> str:
    """The baseline; for the baseline itself, the next best."""
    baseline, *others = results.designs
    if best != baseline:
        return baseline
    return min(others, key=lambda d: _mean(results, d, "bad_debt_usd"))


def _certainty(results: Results, best: str, other: str) -> str:
    sign = -1 if other == results.designs[0] else 1
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
    """A warning when the end of the run hides what may still go bad, or when nothing was tried."""
    if not _mean(results, design, "liquidated_debt_usd"):
        return (
            "but nothing was liquidated under it, as its own price or a breaker may not allow yet"
        )
    left = _mean(results, design, "uncleared_debt_usd")
    if left <= _mean(results, design, "bad_debt_usd"):
        return ""
    return f"but {compact(left)} USD still waited for liquidation or a buyer when the run ended"


def _mean(results: Results, design: str, metric: str) -> float:
    return float(results.mean(design, metric)["mean"] or 0.0)


def _cost(results: Results, design: str) -> float:
    return _mean(results, design, "borrower_loss_usd")


def _largest(results: Results, metric: str) -> float:
    return max(_mean(results, d, metric) for d in results.designs)

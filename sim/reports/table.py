"""The comparison as a table: metrics in rows, designs in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.metrics import METRICS, Metric, show
from sim.reports.amplification import QUANTITIES, sentence, shown
from sim.reports.check import check_lines, title
from sim.reports.summary import conclusion
from sim.results import Results

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Debt": (
        "eligible_debt_usd",
        "liquidated_debt_usd",
        "bad_debt_usd",
        "uncleared_debt_usd",
        "collateral_sold_usd",
    ),
    "Who paid": (
        "borrower_loss_usd",
        "penalty_usd",
        "sale_discount_pct",
        "lender_loss_usd",
        "reserve_loss_usd",
        "keeper_profit_usd",
    ),
    "Prices": (
        "panic_sold_usd",
        "fall_pct",
        "price_trough_dex",
        "price_trough_venue",
        "fundamental_trough",
        "overshoot_pct",
        "largest_gap_pct",
    ),
    "Liquidity": (
        "pool_depth_lost_pct",
        "pool_collateral_peak_pct",
        "venue_depth_lost_pct",
        "venue_spread_worst_bp",
        "pool_gap_p95_bp",
        "feed_far_pct",
        "feed_gap_p50_bp",
        "feed_gap_p95_bp",
    ),
    "Lenders' exit": (
        "claims_withdrawn_pct",
        "leaver_loss_pct",
        "stayer_loss_pct",
        "peak_utilisation_pct",
        "peak_borrow_rate_pct",
        "without_cash_s",
    ),
    "Race to the exit": (
        "race_ran_pct",
        "race_predicted_pct",
        "race_coordinated_pct",
        "race_strength_pct",
        "race_threshold_pct",
        "race_forgone_usd",
    ),
    "Time and block space": (
        "time_to_clear_p50_s",
        "time_to_clear_p95_s",
        "halted_seconds",
        "auctions_started",
        "auctions_restarted",
        "taken_at_once_pct",
        "taken_within_2_pct",
        "taken_within_16_pct",
        "liquidation_wait_p95_blocks",
        "oracle_wait_p95_s",
        "base_fee_mean_gwei",
        "base_fee_peak_gwei",
        "blocks_full",
        "transactions_expired",
        "expired_pct",
        "reverted_pct",
        "gas_used",
    ),
    "Other markets": (
        "liquidated_elsewhere_usd",
        "bad_debt_elsewhere_usd",
        "liquidation_synchrony_pct",
    ),
}
ACROSS = 4  # designs in one table
NOTE = "mean over {n}{interval}; * differs from {baseline} (95%, paired by seed)"


def groups(results: Results) -> dict[str, tuple[str, ...]]:
    """Those of which some design has a value: where nobody races there is no race to show."""
    return {
        group: names
        for group, names in GROUPS.items()
        if any(results.mean(d, n)["mean"] is not None for d in results.designs for n in names)
    }


@dataclass(frozen=True)
class Cell:
    """A design's mean of a metric, and its difference to the baseline (empty for the baseline)."""

    mean: str
    spread: str  # "± 12.3 k", empty for one seed
    difference: str  # "−22.0 k", empty where there is none
    interval: str  # "−30.1 k to −13.9 k", empty for one seed
    significant: bool
    verdict: str  # better or worse where that is significant and has a direction


def cell(results: Results, design: str, metric: Metric) -> Cell:
    own = results.mean(design, metric.name)
    base = design == results.designs[0]
    gap = None if base else results.difference(design, metric.name)
    interval = gap["interval_95"] if gap else None
    significant = interval is not None and (interval[0] > 0 or interval[1] < 0)
    return Cell(
        show(own["mean"], metric.unit),
        _spread(own, metric),
        _signed(gap["mean"], metric) if gap and gap["mean"] else "",
        " to ".join(_signed(end, metric) for end in interval or ()),
        significant,
        _verdict(gap["mean"], metric) if gap and significant else "",
    )


def _spread(found: Mapping[str, Any], metric: Metric) -> str:
    interval = found["interval_95"]
    if not interval or interval[0] == interval[1]:
        return ""
    return f"± {show((interval[1] - interval[0]) / 2, metric.unit)}"


def _signed(value: float, metric: Metric) -> str:
    text = show(value, metric.unit).replace("-", "−")
    return text if text == "0" or text.startswith("−") else f"+{text}"


def _verdict(difference: float, metric: Metric) -> str:
    if metric.better == "neither":
        return ""
    return "better" if (difference < 0) == (metric.better == "lower") else "worse"


def summary(results: Results) -> Group:
    """For the terminal: the table and the conclusion."""
    checks = [
        Text(line, style="yellow" if line.startswith("Warning") else "dim")
        for line in check_lines(results)
    ]
    headline = Text(conclusion(results), style="bold")
    said = [Text(sentence(results))] if results.amplification else []
    return Group(*tables(results), note(results), *checks, "", headline, *said)


def tables(results: Results) -> list[Table]:
    """As many as there have to be for the designs to fit side by side."""
    starts = range(0, len(results.designs), ACROSS)
    return [_table(results, results.designs[start : start + ACROSS]) for start in starts]


def _table(results: Results, designs: Sequence[str]) -> Table:
    """Means with half their 95% interval; a star where a design differs from the baseline."""
    found = Table(title=f"{title(results)} on {results.data['engine']}")
    found.add_column("metric", no_wrap=True)
    found.add_column("unit", no_wrap=True)
    for design in designs:
        found.add_column(design, justify="right", overflow="fold")
    for group, names in groups(results).items():
        found.add_section()
        found.add_row(Text(group, style="bold"))
        for name in names:
            found.add_row(*_row(results, designs, METRICS[name]))
    if results.amplification:
        _add_amplification(found, results, designs)
    return found


def _add_amplification(found: Table, results: Results, designs: Sequence[str]) -> None:
    found.add_section()
    found.add_row(Text("Whose doing the fall was", style="bold"))
    for quantity in QUANTITIES:
        cells = [shown(results, design, quantity) for design in designs]
        found.add_row(quantity.name, quantity.unit, *cells)


def _row(results: Results, designs: Sequence[str], metric: Metric) -> list[str]:
    cells = [cell(results, design, metric) for design in designs]
    texts = [f"{c.mean} {c.spread}".strip() + ("*" if c.significant else "") for c in cells]
    return [metric.name, metric.unit, *texts]


def note(results: Results) -> Padding:
    """How to read the table."""
    n = len(results.seeds)
    interval = " ± half its 95% interval" if n > 1 else ""
    seeds = f"{n} seeds" if n > 1 else "one seed"
    text = NOTE.format(n=seeds, interval=interval, baseline=results.designs[0])
    return Padding(Text(text, style="dim"), (0, 1))

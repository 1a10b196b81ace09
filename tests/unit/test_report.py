"""The report's words and drawings, from runs made by hand."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.console import Console

from sim.errors import InputError
from sim.metrics import METRICS
from sim.reports.figures import FIGURES, Evidence
from sim.reports.figures.chain import spans
from sim.reports.html import page, write_report
from sim.reports.style import COLOURS, looks, thin
from sim.reports.table import GROUPS, cell, groups, summary, tables
from tests.helpers.folders import folder_of, panic_folder
from tests.helpers.synthetic import RunBuilder, ledger, manifest

DESIGNS = ("fixed", "fixed_breaker", "dutch", "dutch_breaker")


@pytest.fixture(scope="module")
def panicked(tmp_path_factory):
    return panic_folder(tmp_path_factory.mktemp("panic"), DESIGNS, (0, 1), spacing_s=600)


@pytest.fixture
def calm(tmp_path):
    """Nothing happened under either design."""
    quiet = [RunBuilder().step(0, 200.0).step(60, 201.0) for _ in range(2)]
    traces = [
        run.position("start", 10.0, 1.5).position("end", 10.0, 1.5).trace(manifest=manifest(name))
        for run, name in zip(quiet, ("fixed", "dutch"), strict=True)
    ]
    return folder_of(tmp_path, traces)


# --- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)
def test_figure__whole_panic__has_titles_axes_units_and_data(panicked, draw):
    figure = draw(Evidence(panicked))
    layout = figure.drawing.to_dict()["layout"]

    assert figure.title.endswith(".")
    assert figure.reading.endswith(".")
    points = [len(trace.x) for trace in figure.drawing.data]
    assert (sum(points) if figure.name == "amplification" else max(points)) > 5
    for axis in ("xaxis", "yaxis"):
        titled = [k for k, v in layout.items() if k.startswith(axis) and "title" in v]
        assert titled or (figure.name, axis) == ("payers", "yaxis")  # there, names of roles
    assert layout["height"] > 300


@pytest.mark.parametrize("draw", FIGURES, ids=lambda draw: draw.__name__)
def test_figure__nothing_happened__is_drawn_and_says_so(calm, draw):
    figure = draw(Evidence(calm))
    json.loads(figure.drawing.to_json())

    said = {
        "prices": "No design pushed the price below the fundamental trough of 200.00 USD.",
        "amplification": "The price did not fall under fixed.",
        "debts": "No debt turned bad; no debt ever waited for liquidation.",
        "payers": "Nobody paid anything.",
        "sales": "Nothing was sold, so there are no prices to compare.",
        "health": "Debt below a health factor of 1.25: 0 USD at the start; "
        "at the end fixed 0, dutch 0.",
        "exits": "Lenders withdrew nothing.",
        "risk": "Debt that a fall of 20% puts at risk, and what the pool pays until then: 0 and 0 "
        "USD at the start; at the end fixed 0 and 0, dutch 0 and 0.",
        "inclusion": "Gas cost up to 20.0 gwei; no account was liquidated.",
        "chain": "Blocks that were full: 0 under fixed, 0 under dutch. "
        "Liquidation was never halted.",
    }
    assert figure.title == said[figure.name]


def test_sales__design_without_auctions__a_remark_stands_in_its_panel(panicked, calm):
    remarks = texts(draw("sales", panicked))
    assert remarks.count("sold at once, without an auction") == 2
    assert texts(draw("sales", calm)).count("nothing was sold") == 2


def test_sales__auctions_without_takers__a_remark_stands_in_the_panel(tmp_path):
    run = RunBuilder().step(0, 200.0).start(230.0).step(60, 200.0)
    figure = draw("sales", folder_of(tmp_path, [run.trace()]))

    assert "no auction found a taker" in texts(figure)


def test_chain__design_without_breaker__a_remark_stands_in_its_panel(panicked):
    assert texts(draw("chain", panicked)).count("this design has no breaker") == 2


def test_risk__accounts_and_pool_of_a_run__are_debt_and_depth_at_each_fall(tmp_path):
    run = RunBuilder().step(0, 200.0).position("start", 5e6, 1.25).position("start", 2e6, 1.1)
    run.position("end", 3e6, 1.6).depth("start", 2e4).depth("end", 1e4)
    figure = draw("risk", folder_of(tmp_path, [run.trace()]))

    before, deep, after, shallow, _ = figure.drawing.data
    by_fall = dict(zip(np.round(before.x, 2), before.y, strict=True))
    assert [by_fall[x] for x in (0.0, 0.09, 0.1, 0.19, 0.21)] == [None, None, 2e6, 2e6, 7e6]
    assert (deep.y[0], deep.y[20], shallow.y[20]) == (None, 4e5, 2e5)
    assert {y for y in after.y if y} == {3e6}
    assert "7.00 M and 400 k USD at the start; at the end fixed 0 and 200 k" in figure.title


def test_exits__with_a_race__has_rounds_on_the_line_of_the_theory(panicked, calm):
    figure = draw("exits", panicked)
    marks = [trace for trace in figure.drawing.data if trace.mode == "markers"]
    (theory,) = [trace for trace in figure.drawing.data if trace.name == "theory"]

    assert [len(mark.x) for mark in marks] == [36] * 4
    assert (max(theory.y), min(theory.y)) == (100.0, 0.0)
    assert "Of those who raced ran 50.00% under fixed" in figure.title
    assert "together 0% would have." in figure.title
    assert len(draw("exits", calm).drawing.layout.annotations) == 3, "two panels and a remark"


def test_exits__run__losses_rise_with_the_order_of_leaving(panicked):
    figure = draw("exits", panicked)
    losses = [trace for trace in figure.drawing.data if trace.xaxis == "x2"]
    assert len(losses) == 4
    assert losses[0].y[:7] == (0.0,) * 7
    assert losses[0].y[7:] == pytest.approx((100 / 70,) * 4)
    assert "Lenders withdrew 60.00% of their claims under fixed (who stayed lost 1.43%)" in (
        figure.title
    )


def test_payers__roles_that_nothing_happened_to__are_left_out(tmp_path):
    run = RunBuilder().step(0, 200.0).step(60, 200.0)
    folder = folder_of(tmp_path, [run.trace(ledger=ledger(borrowers=-90.0, keepers=40.0))])
    figure = draw("payers", folder)

    bar = figure.drawing.data[0]
    assert dict(zip(bar.y, bar.x, strict=True)) == {
        "borrowers": -90.0,
        "keepers": 40.0,
        "venue": 50.0,
    }
    assert figure.title == "Who paid most: borrowers (90.0 USD under fixed)."


def test_spans__true_at_the_end__lasts_to_the_last_step():
    run = RunBuilder()
    for time_s, halted in ((0, False), (60, True), (120, True), (180, False), (240, True)):
        run.step(time_s, 200.0, halted_liquidate=halted)

    steps = run.trace().rows("block")
    assert spans(steps, "halted_liquidate") == [(60, 180), (240, 240)]


def test_thin__one_spike_among_many_points__is_kept():
    run = RunBuilder()
    for i in range(500):
        run.step(i, 200.0, venue=100.0 if i == 333 else 200.0)
    thinned = thin(run.trace().rows("block"), "venue", bins=10)

    assert len(thinned) <= 22
    assert thinned["venue"].min() == 100.0
    assert list(thinned["time_s"]) == sorted(thinned["time_s"])


def test_looks__as_many_designs_as_a_comparison_has__differ_in_colour_and_in_grey():
    found = looks(list("abcdef"))

    for part in ("colour", "dash", "mark", "pattern"):
        assert len({getattr(look, part) for look in found.values()}) == 6
    assert {look.colour for look in found.values()} <= set(COLOURS)


# --- the table ----------------------------------------------------------------------------------


def test_table__every_metric__stands_in_exactly_one_group():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(METRICS)


def test_groups__without_a_race__have_none_of_it(panicked, calm):
    assert "Race to the exit" not in groups(calm)
    assert "Race to the exit" in groups(panicked)
    assert "race_ran_pct" in page(panicked)
    assert "race_ran_pct" not in page(calm)


def test_cell__clear_difference__is_signed_starred_and_judged(panicked):
    found = cell(panicked, "dutch", METRICS["sale_discount_pct"])

    assert found.significant
    assert found.verdict == "better"
    assert found.difference.startswith("−")
    assert " to −" in found.interval


def test_cell__baseline__has_no_difference(panicked):
    found = cell(panicked, "fixed", METRICS["bad_debt_usd"])

    assert (found.difference, found.interval, found.significant) == ("", "", False)


def test_cell__metric_without_direction__is_not_judged(panicked):
    found = cell(panicked, "dutch", METRICS["auctions_started"])

    assert found.significant
    assert found.verdict == ""


def test_cell__no_value__is_a_dash(calm):
    assert cell(calm, "dutch", METRICS["time_to_clear_p50_s"]).mean == "–"


def test_summary__terminal__has_units_means_and_the_conclusion(panicked):
    text = printed(panicked)

    assert re.search(r"bad_debt_usd +│ USD +│ +[\d.]+ [kM] ± ", text)
    assert "mean over 2 seeds ± half its 95% interval; * differs from fixed" in text
    assert "left the least bad debt" in text


def test_summary__more_designs_than_fit__stand_in_several_tables(tmp_path):
    designs = [f"design_{i}" for i in range(6)]
    quiet = [RunBuilder().step(0, 200.0).step(60, 201.0) for _ in designs]
    traces = [
        run.position("start", 10.0, 1.5).position("end", 10.0, 1.5).trace(manifest=manifest(name))
        for run, name in zip(quiet, designs, strict=True)
    ]
    first, second = tables(folder_of(tmp_path, traces))

    assert [column.header for column in first.columns] == ["metric", "unit", *designs[:4]]
    assert [column.header for column in second.columns] == ["metric", "unit", *designs[4:]]
    assert first.row_count == second.row_count


# --- the page -----------------------------------------------------------------------------------


class Links(HTMLParser):
    """Collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.found += [v for k, v in attrs if k in ("src", "href", "srcset") and v]


def test_page__whole_panic__loads_nothing_and_has_every_figure(panicked):
    links = Links()
    links.feed(page(panicked))

    assert links.found == []
    assert links.tags.count("figure") == len(FIGURES)
    assert links.tags.count("h1") == 1


def test_page__same_results__same_text(panicked):
    assert page(panicked) == page(panicked)


def test_page__markup_in_a_design__is_shown_and_not_obeyed(tmp_path):
    about = manifest("fixed")
    about["design"]["summary"] = "</script><script>alert(1)</script>"
    run = RunBuilder().step(0, 200.0).step(60, 200.0)
    text = page(folder_of(tmp_path, [run.trace(manifest=about)]))

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_write_report__no_results__says_what_writes_them(tmp_path):
    with pytest.raises(InputError, match="there are no results; a comparison writes them"):
        write_report(tmp_path)


def test_write_report__trace_has_gone__names_it(tmp_path):
    folder = panic_folder(tmp_path, ("fixed",), (0,), spacing_s=3600)
    (tmp_path / "runs" / "fixed-0.parquet").unlink()
    with pytest.raises(InputError, match=r"fixed-0\.parquet: there is no such trace"):
        write_report(folder.out)


def draw(name, results):
    return next(f for f in FIGURES if f.__name__ == name)(Evidence(results))


def texts(figure):
    return [annotation.text for annotation in figure.drawing.layout.annotations]


def printed(results):
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(summary(results))
    return console.export_text()

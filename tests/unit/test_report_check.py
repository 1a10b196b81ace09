"""What a report says of the scenario's check, and how the library is printed."""

from __future__ import annotations

import pytest
from rich.console import Console

from sim import config
from sim.reports.check import check_lines, title
from sim.reports.html import page
from sim.reports.library import library
from sim.results import Results
from sim.scenario import FOLDER, load_scenario
from tests.helpers.folders import panic_folder


@pytest.fixture(scope="module")
def panicked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("panic")
    return panic_folder(folder, ("fixed", "dutch"), (0, 1), spacing_s=600)


def checked(results, check, **scenario):
    data = {**results.data["scenario"], "check": check, **scenario}
    return Results(results.out, {**results.data, "scenario": data})


def test_check__over_the_means_of_the_first_design__says_what_holds_and_what_not(panicked):
    debt = panicked.mean("fixed", "liquidated_debt_usd")["mean"]
    lines = check_lines(checked(panicked, f"liquidated_debt_usd == {debt!r} and gas_used < 0"))

    assert len(lines) == 2
    assert lines[0].startswith(
        f"Check of the scenario under fixed: liquidated_debt_usd == {debt!r}"
    )
    assert " holds (liquidated_debt_usd " in lines[0]
    assert lines[1].startswith("Warning: the scenario's check gas_used < 0 does not hold under fix")


def test_check__of_what_a_run_does_not_have__cannot_be_told(panicked):
    (line,) = check_lines(checked(panicked, "bad_debt_usd / (gas_used - gas_used) > 1"))
    assert "can't be told under fixed" in line


def test_check__none__says_nothing(panicked):
    assert check_lines(checked(panicked, "")) == []


def test_page__under_a_shock__says_so_with_story_and_check(panicked):
    results = checked(panicked, "gas_used < 0", story="Once <b>upon</b> a time.", shock=1.3)
    text = page(results)

    assert title(results) == "synthetic under shock 1.3"
    assert "synthetic under shock 1.3: a panic made by hand" in text
    assert "Once &lt;b&gt;upon&lt;/b&gt; a time." in text
    assert "check gas_used &lt; 0 does not hold" in text


@pytest.mark.parametrize("brief", [False, True])
def test_library__of_all_scenarios__has_each_with_its_story_unless_brief(brief):
    scenarios = [load_scenario(name) for name in config.names(FOLDER)]
    console = Console(width=2000)
    with console.capture() as said:
        console.print(library([s.model_dump(mode="json") for s in scenarios], brief))
    for scenario in scenarios:
        assert scenario.name in said.get()
        assert scenario.summary in said.get()
        assert (scenario.story in said.get()) is not brief
        assert (f"Check: {scenario.check}" in said.get()) is not brief

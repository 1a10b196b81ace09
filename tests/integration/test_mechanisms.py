"""`ape run mechanisms`: every rule on one position, and the section of contracts/README.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sim.catalogue import Catalogue
from sim.design import FOLDER, load_design
from sim.engines import ENGINES
from sim.errors import EngineError
from sim.experiments.mechanisms import DEBT, HEALTHS, catalogue
from sim.reports.mechanisms import BEGIN, END, markdown
from tests.helpers.command import ape, assert_refused, inside
from tests.helpers.source import ROOT

LT = 0.83


@pytest.fixture(scope="module")
def everything() -> Catalogue:
    """All built-in designs on the reference engine."""
    return catalogue([], "reference")


def test_catalogue__of_the_built_in_designs__names_each_once(everything: Catalogue) -> None:
    named = [name for rule in everything.rules for name in (rule.name, *rule.also)]
    assert sorted(named) == sorted(path.stem for path in FOLDER.glob("*.yaml"))
    guarded = {name for guard in everything.guards for name in (guard.name, *guard.also)}
    assert guarded == {d.name for d in map(load_design, named) if d.breakers or adapters(d)}


def adapters(design: object) -> list[object]:
    return [c.feed.adapter for c in design.market.collaterals if c.feed.adapter]


def test_fates__under_every_rule__account_for_all_collateral_and_debt(
    everything: Catalogue,
) -> None:
    """The collateral is seized or left, the debt is paid, written off or left. A second's interest
    on the debt is far below a thousandth of a USDC."""
    assert everything.healths == list(HEALTHS)
    for fate in everything.fates:
        assert fate.value == pytest.approx(DEBT * fate.health / LT)
        assert fate.seized_value + fate.debt_left + fate.equity_left == pytest.approx(fate.value)
        settled = fate.paid - fate.fee + fate.bad_debt + fate.debt_left
        assert settled == pytest.approx(DEBT, abs=0.01), fate.case


def test_fates__of_the_fixed_spread__are_those_of_its_rule(everything: Catalogue) -> None:
    """Half above a health factor of 0.95 and all below it, for 1.05 times the payment; where the
    collateral is worth less than that, all of it."""
    fates = {f.health: f for f in everything.fates if f.case == "fixed"}
    for health, fate in fates.items():
        part = 0.5 if health > 0.95 else 1.0
        paid = min(part * DEBT, fate.value / 1.05)
        assert fate.paid == pytest.approx(paid)
        lost = DEBT - paid if paid == fate.value / 1.05 else 0
        assert fate.bad_debt == pytest.approx(lost, abs=0.01)


def test_fates__of_rising_bids__depend_on_competition_as_on_12_march_2020(
    everything: Catalogue,
) -> None:
    """A bidder alone wins all of the lot for the smallest unit, and the whole debt is lost; two bid
    each other up to less than a raise below the feed's price."""
    alone = [f for f in everything.fates if f.case == "english, one bidder"]
    assert [round(f.bad_debt) for f in alone] == [DEBT] * len(HEALTHS)
    assert {f.paid for f in alone} == {1e-6}
    for fate in (f for f in everything.fates if f.case == "english"):
        assert 0 <= fate.gain < 0.03 * fate.seized_value


def test_catalogue__on_either_engine__is_the_same() -> None:
    names = ["fixed", "aave_v4", "euler_v2", "dutch", "english"]
    found = {engine: catalogue(names, engine) for engine in ENGINES}
    first, *others = (replace(c, engine="any") for c in found.values())
    assert others == [first] * len(others)


def test_catalogue__of_one_s_own_design__measures_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    mine = {"extends": "fixed", "name": "mine", "summary": "Twice", "sources": ["me"]}
    path.write_text(yaml.safe_dump({**mine, "liquidation": {"bonus": 0.1}}))
    found = catalogue([str(path)], "reference")
    assert [(r.name, r.sources) for r in found.rules] == [("mine", ("me",))]
    assert found.fates[1].gain == pytest.approx(10_000)


def test_catalogue__of_a_design_that_refuses_the_position__says_why(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        yaml.safe_dump({"extends": "fixed", "name": "mine", "market": {"min_debt": 200_000.0}})
    )
    with pytest.raises(EngineError, match="market: below minimum debt"):
        catalogue([str(path)], "reference")


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["--designs", "duch"], ["duch", "dutch"]),
        (["--designs", "fixed,fixed"], ["fixed", "more than once"]),
        (["--engine", "hardhat", "--designs", "fixed"], ["hardhat", "reference"]),
        (["--out", "rules.png", "--designs", "fixed"], ["rules.png", ".html"]),
        (["--refresh", "none.md", "--designs", "fixed"], ["none.md"]),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_mechanisms__a_mistake__is_named_in_one_sentence(args: list[str], parts: list[str]) -> None:
    assert_refused(inside("mechanisms", *args), *parts)


def test_mechanisms__as_a_user_calls_it__prints_and_draws(tmp_path: Path) -> None:
    page = tmp_path / "rules.html"
    said = ape("run", "mechanisms", "--designs", "fixed,morpho", "--out", page)
    assert said.returncode == 0, said.stderr
    for part in ("Liquidation rules", "min_leftover", "health factor 0.80", "Morpho Blue"):
        assert part in said.stdout
    assert page.read_text().startswith("<!doctype html>")


def test_contracts_readme__has_the_section_that_the_command_writes(everything: Catalogue) -> None:
    text = (ROOT / "contracts" / "README.md").read_text()
    section = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert section == markdown(everything), "ape run mechanisms --refresh contracts/README.md"

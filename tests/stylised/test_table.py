"""The table of stylised facts in sim/README.md: made from what was measured, and complete."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.experiments.stylised.cases import cases
from sim.experiments.stylised.claim import less
from sim.experiments.stylised.facts import CLAIMS, TITLES
from sim.experiments.stylised.measure import MEASURED, README
from sim.reports.section import section
from sim.reports.stylised import COMMAND, markdown


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found


def test_table__in_the_readme__is_what_the_command_made_of_the_measured_numbers(
    measured: dict[str, Any],
) -> None:
    assert section(README, COMMAND) == markdown(measured), "make stylised"


def test_measured__has_every_claim_with_its_words_of_today(measured: dict[str, Any]) -> None:
    told = [(c["fact"], c["what"], c["observed"], c["remark"]) for c in measured["claims"]]
    assert told == [(c.fact, c.what, c.observed, c.remark) for c in CLAIMS], "make stylised"


def test_measured__is_over_several_seeds_of_each_case(measured: dict[str, Any]) -> None:
    assert {name for claim in CLAIMS for name in claim.cases} == set(measured["seeds"])
    for name, seeds in measured["seeds"].items():
        assert 2 <= seeds <= cases()[name].seeds, name


def test_claims__of_every_fact__are_there() -> None:
    assert sorted({claim.fact for claim in CLAIMS}) == sorted(TITLES) == list(range(1, 11))


def test_claims__that_do_not_hold__give_the_reason(measured: dict[str, Any]) -> None:
    failing = {c["what"] for c in measured["claims"] if not c["verdict"].startswith("holds")}
    assert failing == {claim.what for claim in CLAIMS if not claim.reproduced}
    assert all(claim.remark for claim in CLAIMS if not claim.reproduced)


def test_less__of_cases_with_unlike_seeds__is_of_those_that_both_have() -> None:
    rows = {"one": [{"x": 3.0}, {"x": 5.0}, {"x": 9.0}], "other": [{"x": 1.0}, {"x": None}]}
    assert less("one", "other", "x")(rows) == [2.0, None]

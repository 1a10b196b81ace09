"""Every invariant can fail: a mutant of the contracts breaks it, and beside it what it names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.helpers.closing import MUTANT
from tests.helpers.source import ROOT
from tests.invariants.registry import checks, families_with, family_of
from tests.mutants.trial import MisplantedError, Mutant, Verdict, attempt, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_mutant__of_an_invariant__breaks_it_and_its_companions_alone(
    mutant: Mutant,
    verdict_on: Callable[[Mutant], Verdict],
    record_property: Callable[[str, object], None],
) -> None:
    record_property(MUTANT, f"{mutant.name:<14} {mutant.file}: {mutant.what}")
    verdict = verdict_on(mutant)
    assert verdict.failed == {}, "checks that could not do their work"
    assert set(verdict.violated) == {mutant.identifier, *mutant.companions}, verdict.violated


def test_companions__of_a_mutant__are_of_other_families() -> None:
    for mutant in MUTANTS.values():
        assert family_of(mutant.identifier) not in map(family_of, mutant.companions), mutant.name


def test_families__with_a_module_of_a_module__are_all_that_judge_a_contract_of_it() -> None:
    assert families_with("modules/restoring.vy") == {"SPOT", "DISCOUNT", "TARGET"}
    assert families_with("modules/sale_terms.vy") == {
        "AUCTION",
        "SPOT",
        "FIXED",
        "DISCOUNT",
        "TARGET",
    }


def test_attempt__change_that_changes_nothing__violates_nothing() -> None:
    old, new = "A token for test chains", "A token"
    same = Mutant("TOKEN-0", 1, "nothing", "tokens/Token.vy", old, new)
    assert attempt(same) == Verdict(violated={}, failed={})


@pytest.mark.parametrize(("old", "times"), [("no such text", 0), ("def ", 2)])
def test_plant__text_that_does_not_occur_once__is_refused_by_name(old: str, times: int) -> None:
    mutant = Mutant("NONE-1", 2, "nothing", "tokens/Token.vy", old, "")
    with pytest.raises(MisplantedError, match=f"NONE-1.2: tokens/Token.vy .* {times} times"):
        mutant.plant()


def test_invariants__in_the_readme__have_a_check_and_a_mutant_or_more_each() -> None:
    table = re.findall(r"^\| ([A-Z]+-\d+) \|", (ROOT / "contracts/README.md").read_text(), re.M)
    assert len(table) == len(set(table))
    assert set(table) == set(checks()) == {mutant.identifier for mutant in MUTANTS.values()}

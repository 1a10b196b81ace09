"""A contract's parameters as text."""

from __future__ import annotations

import pytest

from sim.design import ContractSpec, load_design
from sim.engines.artifacts import Library
from sim.experiments.parameters import parameters


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def test_parameters__of_an_auction__have_the_units_of_the_contracts_comments(
    library: Library,
) -> None:
    shown = dict(parameters(load_design("dutch").liquidation, library))
    assert shown["curve"] == "StairstepCurve (step 90 s, cut 0.99)"
    assert shown["tail"] == "7,200 s"
    assert shown["tip"] == "250 USDC"
    assert shown["cap"] == "10,000,000 USDC"
    assert shown["buffer"] == "1.1"


def test_parameters__that_a_module_takes__have_the_units_of_its_comments(library: Library) -> None:
    (spec, *_) = load_design("dutch_breaker").breakers
    shown = dict(parameters(spec, library))
    assert shown["half_life"] == "3,600 s"  # the contract's own
    assert shown["rest"] == "1,800 s"  # the ladder's
    assert shown["throttle_refill"] == "2,000 USDC/s"  # the response's
    assert shown["price_speed"].endswith("/s")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([0.1, 0.2], "0.1 / 0.2"),
        ([300, 600], "300 s / 600 s"),
        ({"WETH": 0.05, "WBTC": 0.1}, "WETH: 0.05 / WBTC: 0.1"),
        (
            ["push", {"contract": "LinearCurve", "duration": 60}],
            "push / LinearCurve (duration 60 s)",
        ),
        ("0.0537407797681770 wad", "0.0537407797681770"),
        (1 / 3, "0.333333"),
        (True, "True"),
        ("throttle", "throttle"),
    ],
    ids=repr,
)
def test_parameter__of_any_kind__reads_as_in_the_file(
    library: Library, value: object, text: str
) -> None:
    spec = ContractSpec(contract="LinearCurve", duration=value)
    assert parameters(spec, library) == (("duration", text),)


def test_parameters__of_a_contract_without_a_source__have_no_units(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "sources", lambda name: [])
    spec = ContractSpec(contract="LinearCurve", duration=60)
    assert parameters(spec, library) == (("duration", "60"),)

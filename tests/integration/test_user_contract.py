"""A design of a user's own: a contract in contracts/ and a YAML file, and no Python."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.helpers.command import ape
from tests.integration.conftest import SMALL

DATA = Path(__file__).parent / "data"

DESIGN = """
extends: fixed
name: house
summary: a design of the user's own
liquidation:
  contract: HouseSale
  discount: 0.04
"""


@pytest.fixture
def workshop(checkout: Path) -> Path:
    """A checkout with the contract and the design file of a user."""
    shutil.copy(DATA / "HouseSale.vy", checkout / "contracts")
    (checkout / "house.yaml").write_text(DESIGN)
    return checkout


def test_compare__a_contract_of_ones_own__liquidates_beside_a_built_in_design(
    workshop: Path,
) -> None:
    said = ape(
        "run", "compare", *SMALL, "--designs", "fixed,house.yaml", "--seeds", "1", cwd=workshop
    )
    assert said.returncode == 0, said.stdout + said.stderr
    out = workshop / "out" / "black_thursday"
    _, house = json.loads((out / "results.json").read_text())["runs"]
    assert house["design"] == "house"
    assert house["metrics"]["liquidated_debt_usd"] > 0
    assert (
        2 < house["metrics"]["sale_discount_pct"] < 8
    )  # 4% below the feed, which is near the venue
    assert "house" in (out / "report.html").read_text()


def test_deploy__a_contract_of_ones_own__goes_through_ape(workshop: Path) -> None:
    said = ape("run", "deploy", "--design", "house.yaml", cwd=workshop)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "liquidation" in said.stdout


def test_compare__a_contract_that_does_not_compile__shows_what_the_compiler_says(
    workshop: Path,
) -> None:
    source = (
        (DATA / "HouseSale.vy").read_text().replace("discount < maths.WAD", "discount < maths.RAT")
    )
    (workshop / "contracts" / "HouseSale.vy").write_text(source)
    said = ape("run", "compare", *SMALL, "--designs", "house.yaml", "--seeds", "1", cwd=workshop)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "contracts/HouseSale.vy does not compile" in said.stderr

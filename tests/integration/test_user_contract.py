"""A design of a user's own: a contract in contracts/ and a YAML file, and no Python."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml

from tests.helpers.command import ape
from tests.integration.conftest import SMALL

DATA = Path(__file__).parent / "data"


def write_design(checkout: Path, name: str, **liquidation: object) -> str:
    data = yaml.safe_load((checkout / "sim" / "designs" / "fixed.yaml").read_text())
    data |= {"name": name, "summary": "a design of the user's own", "liquidation": liquidation}
    (checkout / f"{name}.yaml").write_text(yaml.safe_dump(data))
    return f"{name}.yaml"


def test_compare__a_contract_of_ones_own__liquidates_beside_a_built_in_design(
    checkout: Path,
) -> None:
    shutil.copy(DATA / "HouseSale.vy", checkout / "contracts" / "HouseSale.vy")
    mine = write_design(checkout, "house", contract="HouseSale", discount=0.04)
    said = ape("run", "compare", *SMALL, "--designs", f"fixed,{mine}", "--seeds", "1", cwd=checkout)
    assert said.returncode == 0, said.stdout + said.stderr
    out = checkout / "out" / "black_thursday"
    _, house = json.loads((out / "results.json").read_text())["runs"]
    assert house["design"] == "house"
    assert house["metrics"]["liquidated_debt_usd"] > 0
    assert house["metrics"]["keeper_profit_usd"] > 0
    assert "house" in (out / "report.html").read_text()


def test_deploy__a_contract_of_ones_own__goes_through_ape(checkout: Path) -> None:
    shutil.copy(DATA / "HouseSale.vy", checkout / "contracts" / "HouseSale.vy")
    mine = write_design(checkout, "house", contract="HouseSale", discount=0.04)
    said = ape("run", "deploy", "--design", mine, cwd=checkout)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "liquidation" in said.stdout


def test_compare__a_contract_that_does_not_compile__shows_what_the_compiler_says(
    checkout: Path,
) -> None:
    source = (
        (DATA / "HouseSale.vy").read_text().replace("discount < maths.WAD", "discount < maths.RAT")
    )
    (checkout / "contracts" / "HouseSale.vy").write_text(source)
    mine = write_design(checkout, "house", contract="HouseSale", discount=0.04)
    said = ape("run", "compare", *SMALL, "--designs", mine, "--seeds", "1", cwd=checkout)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "contracts/HouseSale.vy does not compile" in said.stderr

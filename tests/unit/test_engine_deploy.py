"""The deployment plan on nothing at all, and the check of designs that it makes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sim.design import ContractSpec, Design, load_design
from sim.engines.artifacts import ROOT, Artifact, Library
from sim.engines.base import Address, address_of
from sim.engines.deploy import Plan, Rehearsal, Terms, check_design
from sim.errors import InputError
from sim.units import WAD

DESIGNS = ("fixed", "fixed_breaker", "dutch", "dutch_breaker")
TERMS = Terms(address_of("o"), address_of("g"), address_of("f"), price=200.0, pool_fee=3000)
USERS_OWN = """# pragma version 0.4.3
market: public(address)
discount: public(uint256)

@deploy
def __init__(market: address, discount: uint256):
    self.market = market
    self.discount = discount
"""


class Diary(Rehearsal):
    """Remembers the arguments of deployments and the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.deployed: dict[str, tuple[str, list[Any]]] = {}
        self.calls: list[tuple[str, str, tuple[Any, ...]]] = []

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        self.deployed[key] = (artifact.name, list(args))
        return super().deploy(key, artifact, args)

    def call(self, key: str, function: str, *args: Any) -> None:
        self.calls.append((key, function, args))


def planned(design: Design, library: Library | None = None) -> Diary:
    """The plan of a design, written down."""
    diary = Diary()
    Plan(diary, library or Library(), design, TERMS).run()
    return diary


@pytest.mark.parametrize("name", DESIGNS)
def test_check__of_a_built_in_design__finds_nothing(name: str) -> None:
    check_design(load_design(name))


@pytest.mark.parametrize("symbol", ["", "A" * 17])
def test_check__token_with_a_symbol_that_a_token_cannot_hold__is_refused(symbol: str) -> None:
    design = load_design("fixed", [f"market.debt_token.symbol={symbol!r}"])
    with pytest.raises(InputError, match=f"token '{symbol}': its symbol must have 1 to 16"):
        check_design(design)


def test_plan__of_the_fixed_design__makes_units_of_amounts() -> None:
    diary = planned(load_design("fixed"))
    name, args = diary.deployed["market"]
    assert name == "LendingMarket"
    assert args[:3] == [address_of("USDC"), TERMS.owner, TERMS.guardian]
    assert args[3] == 1_000 * 10**6  # min_debt
    assert diary.deployed["liquidation"] == (
        "FixedSpread",
        [
            address_of("market"),
            [5 * 10**16],
            [0],
            WAD // 2,
            95 * 10**16,
            2_000 * 10**6,
            1_000 * 10**6,
        ],
    )
    assert diary.deployed["feed:WETH"][1] == [TERMS.feeder, 200 * 10**8, 3600, 5 * 10**15]


def test_plan__of_a_design_with_breakers__deploys_parts_before_what_needs_them() -> None:
    diary = planned(load_design("dutch_breaker"))
    keys = list(diary.deployed)
    assert keys.index("market") < keys.index("curve") < keys.index("liquidation")
    assert diary.deployed["liquidation"][1][1] == address_of("curve")
    assert [call[:2] for call in diary.calls] == [
        ("positions", "createAndInitializePoolIfNecessary"),
        ("market", "add_collateral"),
        ("market", "set_liquidation"),
        ("market", "add_breaker"),
        ("market", "add_breaker"),
        ("USDC", "mint"),
        ("USDC", "approve"),
        ("market", "fund_reserve"),
    ]


def test_plan__with_an_adapter__has_the_market_read_it() -> None:
    diary = planned(load_design("maker_eth_a"))
    assert diary.deployed["oracle:WETH"] == ("DelayedFeed", [address_of("feed:WETH"), 3_600])
    (listing,) = [args for key, name, args in diary.calls if name == "add_collateral"]
    assert listing[1] == address_of("oracle:WETH")


def test_plan__with_feeds_inside_a_feed__deploys_them_first() -> None:
    diary = planned(load_design("median"))
    inner = ["feed:WETH", "oracle:WETH.sources[1]", "oracle:WETH.sources[2]"]
    name, args = diary.deployed["oracle:WETH"]
    assert name == "MedianFeed"
    assert args == [[address_of(key) for key in inner], 7_200, 2]
    clamped, twap = (diary.deployed[key] for key in inner[1:])
    assert clamped == ("ClampedFeed", [address_of("feed:WETH"), 2 * 10**16])
    pool = address_of("factory.getPool")
    assert twap == ("TwapFeed", [pool, address_of("WETH"), address_of("USDC"), 1_800, 200])


def test_plan__with_two_collaterals__gives_each_adapter_its_own_feed() -> None:
    market = load_design("maker_eth_a").market
    first = market.collaterals[0]
    token = first.token.model_copy(update={"symbol": "GOLD"})
    both = (first, first.model_copy(update={"token": token}))
    market = market.model_copy(update={"collaterals": both})
    diary = planned(load_design("maker_eth_a").model_copy(update={"market": market}))
    assert diary.deployed["oracle:GOLD"] == ("DelayedFeed", [address_of("feed:GOLD"), 3_600])


ADAPTER = "market.collaterals.0.feed.adapter"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("hop=much", f"{ADAPTER}.hop: can't read 'much'"),
        ("hops=60", f"{ADAPTER}.hops: DelayedFeed has no such parameter; it takes hop"),
        ("source=pull", f"{ADAPTER}.source: 'pull' is not an address; it may be USDC, WETH, "),
        ("contract=DelayedFed", f"{ADAPTER}.contract: there is no contract DelayedFed under "),
        ("contract=FixedSpread", f"{ADAPTER}.contract: FixedSpread is not a price feed"),
    ],
)
def test_check__of_an_adapter_with_a_mistake__names_the_field(setting: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        check_design(load_design("maker_eth_a", [f"{ADAPTER}.{setting}"]))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "liquidation.bonsu=0.05",
            "liquidation.bonsu: FixedSpread has no such parameter; it takes bonus, protocol_fee, "
            "close_factor, full_close_health, min_base, min_leftover",
        ),
        (
            "liquidation.contract=FixedSpraed",
            "liquidation.contract: there is no contract FixedSpraed under contracts/; "
            "did you mean FixedSpread?",
        ),
        ("liquidation.bonus=much", "liquidation.bonus: can't read 'much'"),
        (
            "liquidation.contract=FlowBreaker",
            "liquidation.bonus: FlowBreaker has no such parameter",
        ),
    ],
)
def test_check__of_a_design_with_a_mistake__names_the_field(setting: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        check_design(load_design("fixed", [setting]))
    assert str(error.value).startswith(message)


def test_check__of_a_ratio_without_a_decimal_point__says_what_it_would_be() -> None:
    with pytest.raises(InputError, match=r"adapter\.step: 2 counts as 2e-18 here; write 2\.0 if"):
        check_design(load_design("clamped", [f"{ADAPTER}.step=2"]))


def test_check__of_a_mistake_in_a_nested_contract__names_the_whole_path() -> None:
    design = load_design("dutch")
    params = design.liquidation.params | {"curve": {"contract": "StairstepCurve", "step": 90}}
    spec = design.liquidation.model_copy(update=params)
    with pytest.raises(InputError, match=r"liquidation.curve: StairstepCurve misses cut"):
        check_design(design.model_copy(update={"liquidation": spec}))


def test_check__of_a_users_own_contract__needs_no_python(tmp_path: Path) -> None:
    for folder in ("contracts", ".cache/contracts"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "contracts" / "HouseSale.vy").write_text(USERS_OWN)
    design = load_design("fixed")
    check_design(design)  # so that what it needs is compiled
    own = ContractSpec(contract="HouseSale", discount=0.03)
    design = design.model_copy(update={"liquidation": own})
    diary = planned(design, Library(tmp_path))
    assert diary.deployed["liquidation"] == ("HouseSale", [address_of("market"), 3 * 10**16])


def test_plan__with_a_fee_that_uniswap_lacks__names_those_it_has() -> None:
    terms = Terms(TERMS.owner, TERMS.guardian, TERMS.feeder, price=200.0, pool_fee=1234)
    with pytest.raises(InputError, match=r"no tier 1234; it has \[500, 3000, 10000\]"):
        Plan(Rehearsal(), Library(), load_design("fixed"), terms).run()

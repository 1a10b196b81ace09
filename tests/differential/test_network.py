"""Networks of markets on both engines: the same trace but for gas."""

from __future__ import annotations

from typing import Any

import pytest

from sim.experiments.agreement import disagreement
from tests.integration.test_network import TWO, run

STAKED = {
    "symbol": "STETH",
    "price": {"kind": "pegged", "discount": [[0, 0.01], [12, 0.06]]},
    "population": {"panic_sellers": {"count": 40, "holdings_usd": 4_000_000}},
}
NETWORKS = {
    "shared": TWO,
    "shares": {
        "markets": [
            {
                "name": "b",
                "shares_of": "a",
                "population": {"borrowers": {"count": 60, "debt_usd": 5_000_000}},
            }
        ]
    },
    "pegged": {"assets": [STAKED], "markets": [{"name": "b", "collateral": "STETH"}]},
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
def test_engines__on_an_hour_of_a_network__tell_the_same(network: dict[str, Any]) -> None:
    one, other = (run(network, engine) for engine in ("anvil", "reference"))
    assert disagreement(one, other) == ""
    assert one.rows("block")["executed_debt"].iloc[-1] > 0

"""A whole design on both sides, put there by the plan that the engines deploy with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.design import Design
from sim.engines.artifacts import Artifact
from sim.engines.base import Address, Call, address_of
from sim.engines.deploy import Plan, Terms
from sim.engines.opening import GUARDIAN, OWNER
from sim.mechanisms.registry import twin_of
from tests.differential.rig import Act, Rig

FEEDER = address_of("feeder")
PRICE = 2_000.0  # of feeds and pool at the start [debt token per collateral token]
POOL_FEE = 3_000  # [1e-6]


class Both:
    """The Deployer of a plan on a rig: contracts and their twins."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        twins = self._twin_arguments(artifact.name, args)
        return self._rig.put(key, artifact, args, twin_of(artifact.name), *twins)

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        self._rig.name(key, artifact, address)

    def call(self, key: str, function: str, *args: Any) -> None:
        if function == "createAndInitializePoolIfNecessary":  # it logs before it is attached
            self._rig.add_pool(*args[:3])
        act = Act(OWNER, Call(key, function, args))
        (fate,) = self._rig.run(0, [act])
        assert not fate.reason, (act, fate)

    def view(self, key: str, function: str, *args: Any) -> Any:
        (answer,) = self._rig.compare([Call(key, function, args)])
        return answer

    def _twin_arguments(self, name: str, args: Sequence[Any]) -> Sequence[Any]:
        """Of a constructor; Uniswap's twins need no addresses of what is not there."""
        if name == "UniswapV3Factory":
            return (self._rig.place,)
        if name in ("SwapRouter", "NonfungiblePositionManager"):
            return args[:1]
        return args


def put_on_stage(rig: Rig, design: Design) -> Plan:
    """Deploy the design on both sides; the plan knows the addresses."""
    terms = Terms(OWNER, GUARDIAN, FEEDER, PRICE, POOL_FEE)
    plan = Plan(Both(rig), rig.library, design, terms)
    plan.run()
    return plan

"""The deployment plan, executed through Ape's own provider and an Ape account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ape.api import AccountAPI
from ape.contracts import ContractInstance
from ape.exceptions import ApeException

from sim.engines.artifacts import Artifact
from sim.engines.base import Address
from sim.engines.deploy import ape_container
from sim.errors import EngineError


class ApeDeployer:
    """A `sim.engines.deploy.Deployer`."""

    def __init__(self, account: AccountAPI) -> None:
        self._account = account
        self._contracts: dict[str, ContractInstance] = {}

    def deploy(self, key: str, artifact: Artifact, args: Sequence[Any]) -> Address:
        try:
            contract = self._account.deploy(ape_container(artifact), *args)
        except ApeException as e:
            raise EngineError(f"deploying {artifact.name} as {key} failed: {e}") from e
        self._contracts[key] = contract
        return str(contract.address)

    def attach(self, key: str, artifact: Artifact, address: Address) -> None:
        self._contracts[key] = ape_container(artifact).at(address)

    def call(self, key: str, function: str, *args: Any) -> None:
        try:
            getattr(self._contracts[key], function)(*args, sender=self._account)
        except ApeException as e:
            raise EngineError(f"calling {key}.{function} failed: {e}") from e

    def view(self, key: str, function: str, *args: Any) -> Any:
        return getattr(self._contracts[key], function)(*args)

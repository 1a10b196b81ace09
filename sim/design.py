"""A design: what a protocol's engineers decide. One YAML file, one frozen model.

Sections that name a `contract` are open: whatever else stands in them goes to the contract's
constructor by the name of the argument (sim/engines/deploy.py has the rules), so a contract of the
user's own needs no Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.config import build, extended, find, holds, override

FOLDER = Path(__file__).parent / "designs"


class Strict(BaseModel):
    """Frozen, and refuses a field that it does not know and a number without end."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=()
    )


class TokenSpec(Strict):
    symbol: str
    decimals: int = Field(ge=6, le=18)


class ContractSpec(BaseModel):
    """A contract by name and its constructor arguments by name."""

    model_config = ConfigDict(frozen=True, extra="allow")

    contract: str

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class FeedSpec(Strict):
    """How the price feed behaves: it posts when the price has moved by `deviation` or `heartbeat_s`
    has passed. The market reads it through the `adapter`, if there is one."""

    deviation: float = Field(gt=0, lt=1)
    heartbeat_s: int = Field(gt=0)
    max_age_s: int = Field(gt=0, description="the market refuses an older answer")
    adapter: ContractSpec | None = None

    @model_validator(mode="after")
    def _alive(self) -> FeedSpec:
        if self.max_age_s < self.heartbeat_s:
            raise ValueError("max_age_s below heartbeat_s: a quiet feed would count as stale")
        return self


class CollateralSpec(Strict):
    token: TokenSpec
    ltv: float = Field(gt=0, lt=1)
    liquidation_threshold: float = Field(gt=0, lt=1)
    cap: float = Field(gt=0, description="most that the market holds [whole tokens]")
    feed: FeedSpec

    @model_validator(mode="after")
    def _ordered(self) -> CollateralSpec:
        if self.ltv > self.liquidation_threshold:
            raise ValueError(
                f"ltv {self.ltv} is above liquidation_threshold {self.liquidation_threshold}: "
                "a fresh loan could be liquidated at once; lower ltv"
            )
        return self


class InterestSpec(Strict):
    """Yearly rates at no use, at the kink and at full use of the cash."""

    base: float = Field(ge=0)
    kink: float = Field(gt=0, lt=1, description="utilisation at the kink")
    at_kink: float = Field(ge=0)
    at_full: float = Field(ge=0)
    reserve_factor: float = Field(
        ge=0, lt=1, description="share of the interest that goes to the reserve"
    )

    @model_validator(mode="after")
    def _rising(self) -> InterestSpec:
        if not self.base <= self.at_kink <= self.at_full:
            raise ValueError("rates must not fall with utilisation: base <= at_kink <= at_full")
        return self


class MarketSpec(Strict):
    debt_token: TokenSpec
    collaterals: tuple[CollateralSpec, ...] = Field(min_length=1, max_length=8)
    interest: InterestSpec
    min_debt: float = Field(ge=0, description="[whole debt tokens]")
    borrow_cap: float = Field(gt=0, description="[whole debt tokens]")
    initial_reserve: float = Field(
        ge=0, description="what the protocol puts in at the start [whole debt tokens]"
    )


class Design(Strict):
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    summary: str
    sources: tuple[str, ...] = ()
    market: MarketSpec
    liquidation: ContractSpec
    breakers: tuple[ContractSpec, ...] = Field(default=(), max_length=4)


def load_design(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Design:
    """A built-in design by name or the user's own by path.

    A file that `extends` another takes from that one what it does not say itself. `overrides` are
    "a.b=value". Raises InputError.
    """
    path = find(name_or_path, FOLDER, "design")
    return _build(extended(path, FOLDER, "design"), path, overrides)


def load_designs(
    names_or_paths: Sequence[str | Path], overrides: Sequence[str] = ()
) -> list[Design]:
    """Several designs with the same overrides.

    A contract's own parameter is overridden in the designs whose file has it: a bonus means nothing
    to an auction. When none has it, all are given it, so that the mistake is named. Raises
    InputError.
    """
    paths = [find(name, FOLDER, "design") for name in names_or_paths]
    files = [extended(path, FOLDER, "design") for path in paths]

    def is_meant(setting: str, file: dict[str, Any]) -> bool:
        path = setting.partition("=")[0].split(".")
        of_contract = path[0] in ("liquidation", "breakers") or "adapter" in path
        return not of_contract or holds(file, setting) or not any(holds(f, setting) for f in files)

    return [
        _build(file, path, [s for s in overrides if is_meant(s, file)])
        for path, file in zip(paths, files, strict=True)
    ]


def _build(data: Mapping[str, Any], path: Path, overrides: Sequence[str]) -> Design:
    source = f"{path} with --set {', '.join(overrides)}" if overrides else path
    return build(Design, override(data, overrides), source)

"""Who may know whom: the direction of knowledge between the rooms of the house."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.source import ROOT, imports, module_name, python_files, relative

# room -> the parts of `sim` that it may import
LEAVES = {"sim.units", "sim.errors", "sim.elementary"}
ROOMS = {
    "sim.units": set(),
    "sim.errors": set(),
    "sim.elementary": set(),
    "sim.trace": LEAVES,
    "sim.config": LEAVES,
    "sim.design": LEAVES | {"sim.config"},
    "sim.mechanisms": LEAVES | {"sim.mechanisms"},
    "sim.metrics": LEAVES | {"sim.games", "sim.trace", "sim.metrics"},
    "sim.results": LEAVES | {"sim.trace"},
    "sim.contagion": LEAVES | {"sim.results"},
    "sim.catalogue": set(),
    "sim.games": LEAVES,
    "sim.reports": LEAVES
    | {"sim.trace", "sim.results", "sim.catalogue", "sim.checks", "sim.contagion"}
    | {"sim.metrics", "sim.reports"},
    "sim.engines": LEAVES | {"sim.design", "sim.engines", "sim.mechanisms"},
    "sim.markets": LEAVES
    | {"sim.config", "sim.network", "sim.scenario", "sim.prices", "sim.markets"}
    | {"sim.engines.base", "sim.world.rng"},
    "sim.fields": set(),
    "sim.people": {"sim.design", "sim.fields"},
    "sim.network": {"sim.design", "sim.fields"},
    "sim.block_space": {"sim.design", "sim.fields", "sim.trace", "sim.units"},
    "sim.prices": {"sim.design", "sim.fields"},
    "sim.checks": set(),
    "sim.shock": set(),
    "sim.overlays": LEAVES | {"sim.config"},
    "sim.scenario": LEAVES
    | {"sim.config", "sim.design", "sim.fields", "sim.markets", "sim.metrics", "sim.people"}
    | {"sim.block_space", "sim.network", "sim.prices"}
    | {"sim.checks", "sim.overlays", "sim.shock"},
    "sim.agents": LEAVES
    | {"sim.block_space", "sim.design", "sim.games", "sim.people", "sim.scenario", "sim.markets"}
    | {"sim.engines.base", "sim.agents"},
    "sim.monitor": LEAVES
    | {"sim.design", "sim.markets", "sim.engines.base", "sim.mechanisms", "sim.metrics"}
    | {"sim.agents.base", "sim.world.pool_book", "sim.monitor"},
    "sim.world": LEAVES
    | {"sim.block_space", "sim.design", "sim.network", "sim.people", "sim.scenario", "sim.trace"}
    | {"sim.markets", "sim.engines.base", "sim.agents", "sim.world"},
}
CHAIN_LIBRARIES = {"ape", "eth_abi", "eth_account", "eth_utils", "socket", "vyper", "web3"}
CHAIN_FILES = {
    "anvil",
    "artifacts",
    "abi",
    "bench",
    "deploy",
    "process",
    "rpc",
    "uniswap",
    "addresses",
}


def room_of(module: str) -> str | None:
    """The longest room that holds a module."""
    rooms = [r for r in ROOMS if module == r or module.startswith(r + ".")]
    return max(rooms, key=len, default=None)


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


@pytest.mark.parametrize("room", ROOMS)
def test_imports__of_a_room__stay_within_what_it_may_know(room: str) -> None:
    strangers = [
        f"{relative(path)} imports {name}"
        for path in python_files("sim")
        if room_of(module_name(path)) == room
        for name in imports(path)
        if name.startswith("sim.") and not within(name, ROOMS[room])
    ]
    assert strangers == []


def test_imports__of_mechanisms__are_the_standard_library_only() -> None:
    outside = [
        f"{relative(path)} imports {name}"
        for path in python_files("sim/mechanisms")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {"sim"}
    ]
    assert outside == []


def test_imports__of_chain_libraries__are_in_the_engines_only() -> None:
    offenders = [
        f"{relative(path)} imports {name}"
        for path in python_files("sim")
        for name in imports(path)
        if name.split(".")[0] in CHAIN_LIBRARIES
        and not (path.parent.name == "engines" and path.stem in CHAIN_FILES)
    ]
    assert offenders == []


def test_reports__have_no_way__to_start_a_run() -> None:
    assert not within("sim.experiments", ROOMS["sim.reports"])
    for path in python_files("sim/reports"):
        assert not {"subprocess", "multiprocessing"} & imports(path), relative(path)


def test_import_of_every_module__without_ape__works() -> None:
    modules = [module_name(p) for p in python_files("sim")]
    script = (
        "import importlib, sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('ape', 'ape_foundry', 'ape_vyper'):\n"
        "            raise ImportError(name + ' is blocked')\n"
        "sys.meta_path.insert(0, Block())\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


def vyper_imports(path: Path) -> set[str]:
    """The names of the files that a Vyper file imports."""
    lines = re.findall(r"^(?:from \S+ )?import (\S+)", path.read_text(), re.MULTILINE)
    return {name.split(".")[-1] for name in lines}


def vyper_files(pattern: str) -> list[Path]:
    return sorted((ROOT / "contracts").rglob(pattern))


def test_imports__of_contracts__never_name_another_deployable() -> None:
    deployables = {path.stem for path in vyper_files("*.vy") if path.stem[0].isupper()}
    offenders = {
        relative(p): names
        for p in vyper_files("*.vy*")
        if (names := vyper_imports(p) & deployables)
    }
    assert offenders == {}


def test_imports__of_interfaces__are_interfaces_only() -> None:
    for path in vyper_files("*.vyi"):
        assert all(re.match(r"I[A-Z]", name) for name in vyper_imports(path)), relative(path)

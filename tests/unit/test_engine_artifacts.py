"""Finding and compiling contracts by name, and the cache of compilations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.engines.artifacts import Library
from sim.errors import EngineError, InputError

CONTRACT = """# pragma version 0.4.3
from . import numbers

@external
@view
def answer() -> uint256:
    return numbers.ANSWER
"""
MODULE = "# pragma version 0.4.3\nANSWER: constant(uint256) = 41\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one contract, Oracle, and its module."""
    folder = tmp_path / "contracts" / "deep"
    folder.mkdir(parents=True)
    (folder / "Oracle.vy").write_text(CONTRACT)
    (folder / "numbers.vy").write_text(MODULE)
    return tmp_path


def test_names__of_a_project__are_its_deployables(root: Path) -> None:
    assert Library(root).names() == ["Oracle"]


def test_sources__of_a_contract__are_its_own_and_its_modules(root: Path) -> None:
    assert Library(root).sources("Oracle") == [CONTRACT, MODULE]
    (root / "contracts" / "Bare.json").write_text('{"abi": [], "bytecode": "0x00"}')
    assert Library(root).sources("Bare") == []
    with pytest.raises(InputError, match="there is no contract Oracl"):
        Library(root).sources("Oracl")


def test_get__of_a_source__compiles_and_keeps_it(root: Path) -> None:
    artifact = Library(root).get("Oracle")
    assert artifact.code_size > 0
    assert artifact.interface.function("answer", 0).selector
    kept = json.loads((root / ".cache/contracts/Oracle.json").read_text())
    assert set(kept["sources"]) == {"contracts/deep/Oracle.vy", "contracts/deep/numbers.vy"}


def test_get__without_a_change__does_not_compile_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Library(root).get("Oracle")
    monkeypatch.delattr(Library, "_compile")
    assert Library(root).get("Oracle").bytecode == first.bytecode


def test_get__after_a_change_of_an_imported_module__compiles_again(root: Path) -> None:
    before = Library(root).get("Oracle").bytecode
    (root / "contracts/deep/numbers.vy").write_text(MODULE.replace("41", "42"))
    assert Library(root).get("Oracle").bytecode != before


def test_get__with_a_damaged_cache__compiles_again(root: Path) -> None:
    before = Library(root).get("Oracle").bytecode
    (root / ".cache/contracts/Oracle.json").write_text("{")
    assert Library(root).get("Oracle").bytecode == before


def test_get__where_nothing_can_be_kept__still_compiles(root: Path) -> None:
    (root / ".cache").write_text("a file in the way")
    assert Library(root).get("Oracle").code_size > 0


def test_get__of_an_unknown_name__names_the_field_and_the_nearest(root: Path) -> None:
    with pytest.raises(InputError) as error:
        Library(root).get("oracel", "liquidation.contract")
    assert str(error.value) == (
        "liquidation.contract: there is no contract oracel under contracts/; did you mean Oracle?"
    )


def test_get__of_a_name_that_is_there_twice__names_both_files(root: Path) -> None:
    (root / "contracts" / "Oracle.vy").write_text(CONTRACT)
    with pytest.raises(InputError, match=r"Oracle is there more than once \(contracts/Oracle.vy, "):
        Library(root).get("Oracle")


def test_get__of_a_source_with_a_mistake__says_what_the_compiler_says(root: Path) -> None:
    (root / "contracts" / "Wrong.vy").write_text("# pragma version 0.4.3\nx: uint257\n")
    with pytest.raises(InputError, match=r"contracts/Wrong.vy does not compile: .*uint257"):
        Library(root).get("Wrong")


@pytest.mark.parametrize("code", ["0x6001", {"object": "0x6001"}])
def test_get__of_a_json_artifact__takes_the_usual_forms(root: Path, code: object) -> None:
    content = {"abi": [], "bytecode": code, "deployedBytecode": "0x600100"}
    (root / "contracts" / "Foreign.json").write_text(json.dumps(content))
    artifact = Library(root).get("Foreign")
    assert (artifact.bytecode, artifact.code_size) == ("0x6001", 3)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not an artifact"),
        ('{"abi": []}', "its bytecode is empty"),
        ('{"abi": [], "bytecode": "0x60__$ab$__"}', "waits for a library"),
    ],
)
def test_get__of_a_bad_json_artifact__says_what_is_wrong(
    root: Path, content: str, why: str
) -> None:
    (root / "contracts" / "Foreign.json").write_text(content)
    with pytest.raises(InputError, match=why):
        Library(root).get("Foreign")


def test_uniswap__without_the_packages__says_how_to_install(root: Path) -> None:
    with pytest.raises(
        EngineError, match=r"UniswapV3Factory is not in node_modules: run `make setup`"
    ):
        Library(root).uniswap("UniswapV3Factory")

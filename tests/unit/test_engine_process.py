"""Finding Anvil, and what is said when it can't be found or started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sim.engines import open_engine
from sim.engines.anvil import AnvilEngine
from sim.engines.process import AnvilNode, find_anvil
from sim.errors import EngineError, InputError


def program(folder: Path, says: str) -> Path:
    """An `anvil` that is not a script by its first bytes, but tells its version all the same."""
    path = folder / "anvil"
    path.write_text(f"\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_find__without_any__says_how_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"there is no Anvil 1.7 or later: run `make setup`"):
        find_anvil(tmp_path)


def test_find__with_npms_script_on_path__passes_it_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "anvil Version: 1.7.1").write_text("#!/bin/sh\necho anvil Version: 1.7.1\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="there is no Anvil"):
        find_anvil(tmp_path)


@pytest.mark.parametrize("system", ["plan9", "linux"])
def test_find__with_the_package_of_the_platform__names_its_binary(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("platform.system", lambda: system.capitalize())
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    binary = tmp_path / f"node_modules/@foundry-rs/anvil-{system}-amd64/bin/anvil"
    binary.parent.mkdir(parents=True)
    binary.touch()
    assert find_anvil(tmp_path) == binary


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("anvil Version: 1.7.1", True),
        ("anvil Version: 1.12.0-stable", True),
        ("anvil 0.2.0 (ab12 2024)", False),
        ("anvil Version: 1.6.9", False),
        ("anvil Version: 2.0.0", False),
        ("hello", False),
    ],
)
def test_find__with_a_version_on_path__takes_it_when_it_fits(
    said: str, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = program(tmp_path, said)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = subprocess.CompletedProcess([binary], 0, stdout=said)
    monkeypatch.setattr("sim.engines.process.subprocess.run", lambda *_, **__: answer)
    if fits:
        assert find_anvil(tmp_path) == binary
    else:
        with pytest.raises(EngineError, match="there is no Anvil"):
            find_anvil(tmp_path)


def test_node__with_a_socket_that_is_taken__names_it(tmp_path: Path) -> None:
    taken = tmp_path / "anvil.ipc"
    taken.touch()
    with pytest.raises(InputError, match=f"{taken}: this socket is taken"):
        AnvilNode((), taken)
    assert taken.exists()


def test_node__that_is_not_running__refuses_calls() -> None:
    with pytest.raises(EngineError, match="anvil is not running"):
        AnvilNode(()).call("eth_blockNumber")


def test_node__that_cannot_start__tells_its_last_words() -> None:
    with (
        pytest.raises(EngineError, match=r"anvil died \(exit code 2; .*--nonsense"),
        AnvilNode(("--nonsense",)),
    ):
        pass


def test_engine__before_a_deployment__asks_for_one() -> None:
    with pytest.raises(EngineError, match="nothing is deployed yet"):
        AnvilEngine().mine(1, [])


def test_open_engine__of_an_unknown_name__lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="engine: there is no engine 'geth'; there is anvil"):
        open_engine("geth")

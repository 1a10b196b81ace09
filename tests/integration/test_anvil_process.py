"""The Anvil process ends with its owner, however either of them ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.engines.anvil import OPTIONS, AnvilEngine
from sim.engines.artifacts import ROOT
from sim.engines.process import AnvilNode
from sim.errors import EngineError

OWNER = """
import sys, time
from sim.engines.anvil import AnvilEngine
with AnvilEngine() as engine:
    print(engine.node.pid, flush=True)
    {then}
"""


def start_owner(then: str) -> tuple[subprocess.Popen[str], int]:
    """A Python process that owns an Anvil; its pid."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(then=then)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def becomes(condition: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_owner__ended_by_a_signal__leaves_no_orphan(number: signal.Signals) -> None:
    owner, pid = start_owner("time.sleep(60)")
    with owner:
        assert alive(pid)
        owner.send_signal(number)
        owner.wait(timeout=10)
        assert becomes(lambda: not alive(pid))


@pytest.mark.parametrize("then", ["raise RuntimeError", "sys.exit(3)", "import os; os._exit(1)"])
def test_owner__ended_by_itself__leaves_no_orphan(then: str) -> None:
    owner, pid = start_owner(then)
    with owner:
        owner.wait(timeout=10)
        assert becomes(lambda: not alive(pid))


def test_owner__killed__leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    owner, _ = start_owner("time.sleep(60)")
    with owner:
        assert list(tmp_path.glob("firesale-*"))
        owner.kill()
    assert becomes(lambda: not list(tmp_path.glob("firesale-*")))


def test_node__left__leaves_neither_process_nor_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with AnvilNode(OPTIONS) as node:
        pid = node.pid
        assert node.call("eth_chainId") == "0x7a69"
    assert not alive(pid)
    assert list(tmp_path.iterdir()) == []


def test_node__killed_in_the_middle__is_an_error_that_tells_how() -> None:
    with AnvilEngine() as engine:
        os.kill(engine.node.pid, signal.SIGKILL)
        with pytest.raises(
            EngineError, match=r"anvil died \(killed by signal 9; its log is empty\)"
        ):
            engine.node.call("eth_blockNumber")


def test_node__that_does_not_answer__is_an_error_that_names_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sim.engines.process.ANSWER_S", 0.2)
    with AnvilNode(OPTIONS) as node:
        os.kill(node.pid, signal.SIGSTOP)
        os.waitpid(node.pid, os.WUNTRACED)  # until it stands still
        with pytest.raises(EngineError, match="anvil did not answer eth_chainId within"):
            node.call("eth_chainId")


def test_nodes__side_by_side__do_not_meet(tmp_path: Path) -> None:
    with AnvilNode(OPTIONS) as one, AnvilNode(OPTIONS, tmp_path / "two.ipc") as two:
        one.call("evm_mine")
        assert (one.call("eth_blockNumber"), two.call("eth_blockNumber")) == ("0x1", "0x0")
    assert list(tmp_path.iterdir()) == []

"""Commands as a user gives them, and what they leave running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path

from click.testing import CliRunner

from sim.engines.rpc import Ipc
from tests.helpers.source import ROOT

APE = str(Path(sys.executable).parent / "ape")
PATIENCE_S = 240.0

Said = subprocess.CompletedProcess[str]


OURS = ("PYTEST_", "APE_", "MAKE", "MFLAGS", "ARGS", "OUT", "SEEDS")


def environment(**changes: str) -> dict[str, str]:
    """Ours, without what make, Ape and pytest put into it, on a terminal of 100 columns."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return {**kept, "COLUMNS": "100", "NO_COLOR": "1", **changes}


def ape(
    *args: str | Path,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    patience_s: float = PATIENCE_S,
) -> Said:
    """Run `ape ...` to its end."""
    return subprocess.run(
        [APE, *map(str, args)],
        cwd=cwd,
        env=env or environment(),
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )


def inside(script: str, *args: str | Path) -> Said:
    """Run `ape run SCRIPT ...` in this process, which saves a second of imports."""
    command = import_module(f"scripts.{script}").cli
    result = CliRunner(mix_stderr=False).invoke(command, [*map(str, args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess([], result.exit_code, result.stdout, result.stderr)


def start(*args: str | Path, cwd: Path = ROOT) -> subprocess.Popen[str]:
    """Start `ape ...`; its messages can be read from `stderr` while it runs."""
    return subprocess.Popen(
        [APE, *map(str, args)],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_refused(said: Said, *parts: str, code: int = 1) -> None:
    """The command ended with one clear message on stderr and no traceback."""
    assert said.returncode == code, said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    messages = [line for line in said.stderr.splitlines() if line.startswith("Error: ")]
    assert len(messages) == 1, said.stderr
    for part in parts:
        assert part in messages[0]


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that runs."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if len(r) == 4 and not r[2].startswith("Z")}


def descendants(root: int) -> dict[int, str]:
    """Command lines of the processes that a process has started, directly or not."""
    table = processes()
    family = {root}
    while grown := {pid for pid, (parent, _) in table.items() if parent in family} - family:
        family |= grown
    return {pid: table[pid][1] for pid in family - {root} if pid in table}


def nodes(root: int) -> dict[int, Path]:
    """The Anvil processes among a process's descendants, each with its socket."""
    lines = {pid: line.split() for pid, line in descendants(root).items()}
    return {
        pid: Path(words[words.index("--ipc") + 1])
        for pid, words in lines.items()
        if "--ipc" in words
    }


def busy_nodes(root: int, block: int) -> list[int]:
    """Those of its Anvil processes that have mined that block."""
    return [pid for pid, socket in nodes(root).items() if _height(socket) >= block]


def _height(socket: Path) -> int:
    try:
        with closing(Ipc(socket, 5.0)) as ipc:
            return int(ipc.batch([("eth_blockNumber", [])])[0], 16)
    except OSError:  # it doesn't listen yet, or it ends just now
        return -1


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.02)

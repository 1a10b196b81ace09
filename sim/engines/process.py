"""The Anvil process: found, started, watched, and ended with its owner, however the owner ends."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.engines.rpc import ORDERED, Ipc, Request, RpcError
from sim.errors import EngineError, InputError

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (1, 7)  # tested against 1.7.1; block overrides and ordering by arrival are needed
START_S = 20.0
ANSWER_S = 120.0
NOT_RUNNING = "anvil is not running: use the engine as a context manager"

# Ends the node when our end of the pipe closes, which the system does even after a SIGKILL.
WATCHDOG = 'read -r _ || { kill -9 "$0"; rm -rf "$1"; }'


def find_anvil(root: Path = ROOT) -> Path:
    """Anvil from PATH when its version fits, else the platform's binary of the npm package."""
    on_path = shutil.which("anvil")
    if on_path and _fits(Path(on_path)):
        return Path(on_path).resolve()
    system, machine = platform.system().lower(), platform.machine().lower()
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    packaged = root / "node_modules" / "@foundry-rs" / f"anvil-{system}-{arch}" / "bin" / "anvil"
    if packaged.exists():
        return packaged
    raise EngineError(
        f"there is no Anvil {OLDEST[0]}.{OLDEST[1]} or later: run `make setup` "
        "(it calls `npm ci`), or put a fitting `anvil` on PATH"
    )


def _fits(binary: Path) -> bool:
    """Whether it is new enough and Anvil itself, not npm's script that starts another process."""
    try:
        with binary.open("rb") as file:
            if file.read(2) == b"#!":
                return False
        said = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout
    except OSError:  # not for this machine
        return False
    version = re.search(r"(\d+)\.(\d+)\.\d+", said)
    return version is not None and OLDEST <= tuple(map(int, version.groups())) < (2, 0)


class AnvilNode:
    """A running Anvil and the connection to it. A context manager; leaving it ends the process."""

    def __init__(self, options: Sequence[str], socket: Path | None = None) -> None:
        if socket is not None and socket.exists():
            raise InputError(f"{socket}: this socket is taken; name another path or remove it")
        self._folder = Path(tempfile.mkdtemp(prefix="firesale-"))
        self._socket = socket or self._folder / "anvil.ipc"
        self._log = self._folder / "anvil.log"
        self._options = list(options)
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._ipc: Ipc | None = None

    @property
    def pid(self) -> int:
        """Of the Anvil process. Raises EngineError when it is not running."""
        if self._process is None:
            raise EngineError(NOT_RUNNING)
        return self._process.pid

    def __enter__(self) -> AnvilNode:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if self._ipc is not None:
            self._ipc.close()
            self._ipc = None
        for process in (self._watchdog, self._process):  # the watchdog first: pids are used again
            if process is not None:
                process.kill()
                process.wait()
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._process = self._watchdog = None
        self._socket.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        # Port 0 lets the system choose a free one. A session of its own keeps Ctrl-C for us.
        command = [str(find_anvil()), "--ipc", str(self._socket), "--port", "0", *self._options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", WATCHDOG, str(self._process.pid), str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._ipc = self._connect()

    def _connect(self) -> Ipc:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise EngineError(self._obituary())
            try:
                return Ipc(self._socket, ANSWER_S)
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.002)
        raise EngineError(f"anvil did not open {self._socket} within {START_S:.0f} s")

    def batch(self, requests: Sequence[Request]) -> list[Any]:
        """One round trip; an RpcError stands where a call was refused.

        Calls may overtake each other.
        """
        with self._connected(lambda: ", ".join(sorted({m for m, _ in requests}))) as ipc:
            return ipc.batch(requests)

    def exchange(self, batch: bytes) -> bytes:
        """One round trip with a batch that is encoded already; the answer as it came."""
        with self._connected(lambda: "an encoded batch") as ipc:
            return ipc.exchange(batch)

    @contextmanager
    def _connected(self, what: Callable[[], str]) -> Iterator[Ipc]:
        """The connection; its errors become EngineErrors that tell what has happened."""
        if self._ipc is None:
            raise EngineError(NOT_RUNNING)
        try:
            yield self._ipc
        except TimeoutError as e:
            raise EngineError(f"anvil did not answer {what()} within {ANSWER_S:.0f} s") from e
        except OSError as e:
            raise EngineError(self._obituary()) from e

    def in_order(self, requests: Sequence[Request]) -> list[Any]:
        """As `batch`, but calls take effect in the order given."""
        results: list[Any] = []
        for start in range(0, len(requests), ORDERED):
            results += self.batch(requests[start : start + ORDERED])
        return results

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call; raises EngineError when it is refused."""
        return self.all([(method, list(params))])[0]

    def all(self, requests: Sequence[Request]) -> list[Any]:
        """As `batch`, but raises EngineError when one call is refused."""
        results = self.batch(requests)
        for (method, _), result in zip(requests, results, strict=True):
            if isinstance(result, RpcError):
                raise EngineError(f"anvil refused {method}: {result.message}")
        return results

    def _obituary(self) -> str:
        code = self._exit_code()
        how = f"exit code {code}" if code is None or code >= 0 else f"killed by signal {-code}"
        last = self._log.read_text(errors="replace").strip().splitlines()[-5:]
        said = "; last lines of its log: " + " | ".join(last) if last else "; its log is empty"
        return f"anvil died ({how}{said}); finished runs are kept, call again to continue"

    def _exit_code(self) -> int | None:
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return None

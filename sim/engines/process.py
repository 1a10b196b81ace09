"""The Anvil process: found, started, watched, and ended with its owner, however the owner ends."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.engines.rpc import ORDERED, Ipc, Request, RpcError
from sim.errors import EngineError, InputError

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (1, 7)  # tested against 1.7.1; block overrides and ordering by arrival are needed
START_S = 20.0
ANSWER_S = 120.0

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
            script = file.read(2) == b"#!"
        said = "" if script else version_of(binary)
    except OSError:  # not for this machine
        return False
    return bool(said) and OLDEST <= tuple(map(int, said.split(".")[:2])) < (2, 0)


def version_of(binary: Path) -> str:
    """What it says of itself, as in 1.7.1; empty when that is no version."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\d+\.\d+\.\d+", said)
    return found.group() if found else ""


class AnvilNode:
    """A running Anvil and the connection to it. A context manager; leaving it ends the process."""

    def __init__(self, options: Sequence[str], socket: Path | None = None) -> None:
        if socket is not None and socket.exists():
            raise InputError(f"{socket}: this socket is taken; name another path or remove it")
        self._options, self._given_socket = list(options), socket
        self._running: _Running | None = None

    @property
    def pid(self) -> int:
        """Of the Anvil process. Raises EngineError when it is not running."""
        return self._present().process.pid

    def __enter__(self) -> AnvilNode:
        binary = find_anvil()
        with ExitStack() as stack:
            try:
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="firesale-")))
            except OSError as e:
                raise EngineError(f"no folder for temporary files ({e}): set TMPDIR to one") from e
            socket = self._given_socket or folder / "anvil.ipc"
            stack.callback(socket.unlink, missing_ok=True)
            # Port 0 lets the system choose a free one.
            command = [str(binary), "--ipc", str(socket), "--port", "0", *self._options]
            log = folder / "anvil.log"
            process = stack.enter_context(_spawn(command, log))
            stack.enter_context(_watchdog(process.pid, folder))
            ipc = stack.enter_context(closing(_connect(socket, process, log)))
            self._running = _Running(process, log, ipc, stack.pop_all())
        return self

    def __exit__(self, *exc: object) -> None:
        if self._running is not None:
            self._running.stack.close()
            self._running = None

    def _present(self) -> _Running:
        if self._running is None:
            raise EngineError("anvil is not running: use the engine as a context manager")
        return self._running

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
        running = self._present()
        try:
            yield running.ipc
        except TimeoutError as e:
            raise EngineError(f"anvil did not answer {what()} within {ANSWER_S:.0f} s") from e
        except OSError as e:
            raise EngineError(_obituary(running.process, running.log)) from e

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


@dataclass(frozen=True)
class _Running:
    process: subprocess.Popen[bytes]
    log: Path
    ipc: Ipc
    stack: ExitStack  # undoes all of it


@contextmanager
def _spawn(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed at the end. A session of its own leaves Ctrl-C to us."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _watchdog(pid: int, folder: Path) -> Iterator[None]:
    """While it lasts, our end in whatever way ends the process too and removes its folder."""
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, str(pid), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with watchdog:
        try:
            yield
        finally:
            watchdog.kill()  # before its pipe closes


def _connect(socket: Path, process: subprocess.Popen[bytes], log: Path) -> Ipc:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EngineError(_obituary(process, log))
        try:
            return Ipc(socket, ANSWER_S)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.002)
    raise EngineError(f"anvil did not open {socket} within {START_S:.0f} s")


def _obituary(process: subprocess.Popen[bytes], log: Path) -> str:
    """How it ended, and its last words."""
    try:
        code = process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return "anvil closed the connection and runs on; call again"
    how = f"exit code {code}" if code >= 0 else f"killed by signal {-code}"
    last = log.read_text(errors="replace").strip().splitlines()[-5:]
    said = "last lines of its log: " + " | ".join(last) if last else "its log is empty"
    return f"anvil died ({how}; {said}); finished runs are kept, call again to continue"

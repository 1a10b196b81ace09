"""A pool of worker processes that outlives the death of any of them."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

WORKER = (sys.executable, "-m", "sim.experiments.worker")
PATIENCE_S = 15.0  # for a worker to end its engine

Message = Mapping[str, Any]  # with one of: started, step, done, error


def run_all(
    requests: Mapping[str, Mapping[str, Any]], size: int, log: Path, command: Sequence[str] = WORKER
) -> Iterator[tuple[str, Message]]:
    """Have every request executed; yields (name, message) as they come.

    Each name ends with a message that has `done` or `error`. Leaving the iteration early, also
    by an exception, ends the workers and what they started.
    """
    todo: queue.SimpleQueue[tuple[str, Mapping[str, Any]]] = queue.SimpleQueue()
    for item in requests.items():
        todo.put(item)
    inbox: queue.SimpleQueue[tuple[str, Message]] = queue.SimpleQueue()
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(log.open("w", encoding="utf-8"))
        for _ in range(size):
            stack.enter_context(_Worker(command, errors, todo, inbox))
        left = len(requests)
        while left:
            name, message = inbox.get()
            left -= is_last(message)
            yield name, message


def is_last(message: Message) -> bool:
    """Whether it is the last message about its request."""
    return "done" in message or "error" in message


class _Worker:
    """One process at a time, replaced when it dies, and the thread that talks to it."""

    def __init__(
        self,
        command: Sequence[str],
        errors: IO[str],
        todo: queue.SimpleQueue[tuple[str, Mapping[str, Any]]],
        inbox: queue.SimpleQueue[tuple[str, Message]],
    ) -> None:
        self._command, self._errors, self._todo, self._inbox = command, errors, todo, inbox
        self._process: subprocess.Popen[str] | None = None
        self._leaving = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> _Worker:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving = True
        while self._thread.is_alive():  # it may be starting a process just now, so look again
            self._end()
            self._thread.join(0.05)
        self._end()

    def _serve(self) -> None:
        while not self._leaving:
            try:
                name, request = self._todo.get_nowait()
            except queue.Empty:
                return
            self._inbox.put((name, {"started": True}))
            for message in self._ask(request):
                self._inbox.put((name, message))

    def _ask(self, request: Mapping[str, Any]) -> Iterator[Message]:
        """Messages about the request, the last of which ends it whatever happens to the process."""
        process = self._running()
        with contextlib.suppress(BrokenPipeError):  # then it is dead and its output ends too
            _pipe(process.stdin).write(json.dumps(request) + "\n")
            _pipe(process.stdin).flush()
        for line in _pipe(process.stdout):
            message = json.loads(line)
            yield message
            if is_last(message):
                return
        yield {"error": f"its process ended ({_cause(process.wait())})", "defect": False}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            # a session of its own: Ctrl-C reaches only the parent, which ends the workers in order
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                start_new_session=True,
                env=_environment(),
            )
        return self._process

    def _end(self) -> None:
        """Close the worker's input, which makes it end its engine and itself."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(BrokenPipeError):
            _pipe(process.stdin).close()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """Ours, with this project's folder on the path of modules: a notebook may run anywhere."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{path}" if path else root}


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the worker was started without pipes")
    return stream


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"

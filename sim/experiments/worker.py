"""A worker process: executes the runs that its input names and answers, in JSON lines both ways.

It ends, and its engine with it, when its input closes: that happens even if the parent is killed.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import FiresaleError

Execute = Callable[[Mapping[str, Any], Callable[[int, int], None]], None]
Send = Callable[..., None]
TELL_S = 0.1  # between two messages about steps


def serve(execute: Execute) -> None:
    """Execute requests until the input closes."""
    send = _private_output()
    requests: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    busy = threading.Event()
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_listen, args=(requests, busy), daemon=True).start()
    while (line := requests.get()) is not None:
        busy.set()
        _answer(execute, json.loads(line), send)
        busy.clear()


def _answer(execute: Execute, request: Mapping[str, Any], send: Send) -> None:
    told = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told
        if done == of or time.monotonic() >= told + TELL_S:
            send(step=done, of=of)
            told = time.monotonic()

    try:
        execute(request, tell)
    except FiresaleError as e:
        send(error=str(e), defect=False)
    except Exception as e:
        # a defect of the program: the parent says so, and the traceback goes to the log
        traceback.print_exc()
        send(error=f"{type(e).__name__}: {e}", defect=True)
    else:
        send(done=True)


def _listen(requests: queue.SimpleQueue[str | None], busy: threading.Event) -> None:
    for line in sys.stdin:
        requests.put(line)
    requests.put(None)
    if busy.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


def _leave(*_: object) -> None:
    # as an exception in the main thread, so that context managers end what they started
    raise SystemExit(1)


def _private_output() -> Send:
    """Answers go to our own copy of the output, so that a library's print can't garble them."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return lambda **message: print(json.dumps(message), file=channel)


def _execute_run(request: Mapping[str, Any], on_step: Callable[[int, int], None]) -> None:
    from sim.experiments.runs import Run, execute, keep  # late: the process listens first

    began = time.monotonic()
    run = Run.from_json(request["run"])
    trace = execute(run, on_step)
    keep(trace, run, request["fingerprint"], Path(request["out"]), time.monotonic() - began)


if __name__ == "__main__":
    serve(_execute_run)

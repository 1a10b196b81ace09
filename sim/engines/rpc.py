"""JSON-RPC in batches over the node's Unix socket: the fast and only way to the local chain."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import EngineError

Request = tuple[str, list[Any]]  # method, params

# A node may execute the calls of a batch in any order. Anvil awaits them together, which Rust's
# `join_all` does in our order for up to 30 calls; with more, whatever has to wait is shuffled.
ORDERED = 30


@dataclass(frozen=True, slots=True)
class RpcError:
    """The node's refusal of one call of a batch."""

    code: int
    message: str
    data: str


class Ipc:
    """A connection. Raises OSError when the node is gone, TimeoutError when it doesn't answer."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(timeout_s)
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def batch(self, requests: Sequence[Request]) -> list[Any]:
        """The results in the order of the requests; an RpcError stands where a call was refused."""
        if not requests:
            return []
        return _results(self.exchange(encode(requests)), len(requests))

    def exchange(self, batch: bytes) -> bytes:
        """Send an encoded batch and return the node's answer as it is; it ends with a line feed."""
        self._socket.sendall(batch)
        chunks: list[bytes] = []
        while not chunks or not chunks[-1].endswith(b"\n"):
            chunk = self._socket.recv(1 << 20)
            if not chunk:
                raise ConnectionError("the node closed the connection")
            chunks.append(chunk)
        return b"".join(chunks)


def encode(requests: Sequence[Request]) -> bytes:
    """A batch; the id of a call is its position."""
    calls = [
        {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
        for i, (method, params) in enumerate(requests)
    ]
    return json.dumps(calls).encode()


def _results(answer: bytes, count: int) -> list[Any]:
    replies = json.loads(answer)
    if not isinstance(replies, list):  # the batch itself was refused
        raise EngineError(f"the node refused a batch of {count} calls: {replies}")
    results: list[Any] = [None] * count
    missing = set(range(count))
    for reply in replies:
        missing.remove(reply["id"])
        error = reply.get("error")
        results[reply["id"]] = (
            RpcError(error["code"], error["message"], str(error.get("data") or ""))
            if error
            else reply["result"]
        )
    if missing:
        raise EngineError(f"the node left {len(missing)} of {count} calls of a batch unanswered")
    return results

"""Where contracts come to stand: a chain computes it, so every engine gives the same addresses."""

from __future__ import annotations

from collections.abc import Callable

from eth_utils.crypto import keccak

from sim.engines.base import Address

Place = Callable[[Address, Address, int], Address]  # of the pool of token0, token1 and fee


def created(sender: Address, nonce: int) -> Address:
    """Of what `sender` deploys as its `nonce`-th transaction (CREATE: Yellow Paper, 7).

    The last 20 bytes of the hash of the list of both in RLP, whose short items begin with 0x80 plus
    their length and whose short lists with 0xc0 plus theirs; a byte below 0x80 stands for itself.
    """
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    short = len(number) == 1 and nonce < 0x80
    item = number if short else bytes([0x80 + len(number)]) + number
    content = bytes([0x80 + 20]) + bytes.fromhex(sender[2:]) + item
    return _address(bytes([0xC0 + len(content)]) + content)


def pools_of(factory: Address, code: str) -> Place:
    """Of the pools of a Uniswap factory: a hash of what they are made of (CREATE2: EIP-1014).

    `code` deploys a pool, as 0x hex.
    """
    head, tail = b"\xff" + bytes.fromhex(factory[2:]), keccak(hexstr=code)

    def place(token0: Address, token1: Address, fee: int) -> Address:
        words = (int(token0, 16), int(token1, 16), fee)
        salt = keccak(b"".join(word.to_bytes(32, "big") for word in words))
        return _address(head + salt + tail)

    return place


def _address(data: bytes) -> Address:
    return "0x" + keccak(data)[12:].hex()

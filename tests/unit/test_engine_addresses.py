"""Where contracts come to stand: against addresses that everybody can look up on the main chain."""

from __future__ import annotations

import pytest

from sim.engines.addresses import created, pools_of
from sim.engines.artifacts import Library

SENDER = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
FACTORY = "0x1f98431c8ad98523631ae4a59f267346ea31f984"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"


@pytest.mark.parametrize(
    ("nonce", "address"),
    [
        (0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
        (1, "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
        (2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
        (3, "0xfffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"),
    ],
)
def test_created__by_a_sender_and_nonce__is_the_address_of_the_chain(
    nonce: int, address: str
) -> None:
    assert created(SENDER, nonce) == address


def test_created__at_the_lengths_of_a_nonce__are_all_different() -> None:
    nonces = (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000)
    assert len({created(SENDER, nonce) for nonce in nonces}) == len(nonces)


def test_pools_of__the_factory__are_those_of_the_main_chain() -> None:
    place = pools_of(FACTORY, Library().uniswap("UniswapV3Pool").bytecode)
    assert place(USDC, WETH, 3000) == "0x8ad599c3a0ff1de082011efddc58f1908eb6e6d8"
    assert place(USDC, WETH, 500) == "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640"

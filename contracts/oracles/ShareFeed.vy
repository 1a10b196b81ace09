# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A feed of what a share of a lending market is worth
@notice Answers what one whole share of an ERC-4626 vault redeems for, in the vault's own asset, rounded down: interest
        and losses up to now included. It is as old as the block. It says nothing of whether the vault has the cash: a
        share that can't be redeemed keeps its price.
"""

from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from ..interfaces import IAggregatorV3
from ..modules import feed_link

implements: IAggregatorV3


decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: worth of a share"
version: public(constant(uint256)) = 1

VAULT: public(immutable(address))  # ERC-4626
SHARE: immutable(uint256)  # a whole one [shares]
ASSET: immutable(uint256)  # a whole one [the vault's asset]


@deploy
def __init__(vault: address):
    """
    @param vault ERC-4626 with a number of decimals, as its asset
    """
    asset: address = staticcall IERC4626(vault).asset()
    VAULT = vault
    SHARE = 10 ** convert(staticcall IERC20Detailed(vault).decimals(), uint256)
    ASSET = 10 ** convert(staticcall IERC20Detailed(asset).decimals(), uint256)


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    return feed_link._round_data(self._latest())


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice Only the latest round is kept; of another one it reverts.
    @return as `latestRoundData`
    """
    return feed_link._round_of(self._latest(), round_id)


@view
def _latest() -> feed_link.Answer:
    worth: uint256 = staticcall IERC4626(VAULT).convertToAssets(SHARE)
    value: int256 = convert(worth * 10**8 // ASSET, int256)
    return feed_link.Answer(value=value, updated_at=block.timestamp)

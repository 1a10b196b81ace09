# pragma version 0.4.3
"""
@title A feed that answers zero
"""

from ..interfaces import IAggregatorV3

implements: IAggregatorV3

decimals: public(constant(uint8)) = 8


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    return 1, 0, block.timestamp, block.timestamp, 1

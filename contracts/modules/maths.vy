# pragma version 0.4.3
"""
@title Units, and products that are divided
"""

WAD: constant(uint256) = 10**18  # ratios and prices
RAY: constant(uint256) = 10**27  # indexes and decay factors
YEAR: constant(uint256) = 365 * 86_400  # [s]


@pure
def _mul_div_down(x: uint256, y: uint256, divisor: uint256) -> uint256:
    """
    @return x * y / divisor, rounded down
    """
    return x * y // divisor


@pure
def _mul_div_up(x: uint256, y: uint256, divisor: uint256) -> uint256:
    """
    @return x * y / divisor, rounded up
    """
    product: uint256 = x * y
    return product // divisor + convert(product % divisor != 0, uint256)

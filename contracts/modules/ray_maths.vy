# pragma version 0.4.3
"""
@title Decay in RAY
@notice Every product is rounded half up, so that the error of a power stays below one unit for each squaring.
"""

from . import maths

HALF: constant(uint256) = maths.RAY // 2
LN2: constant(uint256) = 693_147_180_559_945_309_417_232_121  # natural logarithm of 2 [RAY]
TERMS: constant(uint256) = 32  # of the exponential's series: the next one is below 1e-35 for exponents below 1


@pure
def _mul_half_up(x: uint256, factor: uint256) -> uint256:
    """
    @param x      [any unit]
    @param factor [RAY]
    @return x * factor [unit of x], rounded half up
    """
    return (x * factor + HALF) // maths.RAY


@pure
def _pow_half_up(base: uint256, exponent: uint256) -> uint256:
    """
    @notice By squaring: one product for each bit of the exponent and one for each bit that is set.
    @param base [RAY], at most RAY
    @return base ** exponent [RAY]
    """
    result: uint256 = maths.RAY
    square: uint256 = base
    rest: uint256 = exponent
    for _: uint256 in range(256):
        if rest % 2 == 1:
            result = self._mul_half_up(result, square)
        rest //= 2
        if rest == 0:
            break
        square = self._mul_half_up(square, square)
    return result


@pure
def _half_life_factor(half_life: uint256) -> uint256:
    """
    @notice 2 ** (-1 / half_life) = exp(-x) with x = ln 2 / half_life, by the series 1 - x + x^2/2! - x^3/3! ...
    @param half_life [s], above 0
    @return what is left of a quantity after one second [RAY]
    """
    x: uint256 = LN2 // half_life
    term: uint256 = maths.RAY
    added: uint256 = maths.RAY
    taken: uint256 = 0
    for n: uint256 in range(1, TERMS):
        term = self._mul_half_up(term, x) // n
        if n % 2 == 1:
            taken += term
        else:
            added += term
    return added - taken

# pragma version 0.4.3
"""
@title The gated actions
@notice Numbers that `IBreaker.gate` and `IBreaker.record` take, and indexes into every `uint256[3]` of a breaker.
"""

BORROW: constant(uint256) = 0  # borrowing, and withdrawing collateral from an account that owes
WITHDRAW: constant(uint256) = 1  # lenders leaving
LIQUIDATE: constant(uint256) = 2  # starting, restarting and taking sales

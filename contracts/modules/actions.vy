# pragma version 0.4.3
"""
@title The gated actions, and what a breaker makes of them
@notice Actions are what `IBreaker.gate` and `IBreaker.record` take, and indexes into every `uint256[3]` of a breaker.
"""

BORROW: constant(uint256) = 0  # borrowing, and withdrawing collateral from an account that owes
WITHDRAW: constant(uint256) = 1  # lenders leaving
LIQUIDATE: constant(uint256) = 2  # starting, restarting and taking sales

# modes, from the loosest to the tightest
OPEN: constant(uint256) = 0
THROTTLE: constant(uint256) = 1  # a bucket limits what passes
SLOW: constant(uint256) = 2  # throttled, and auctions start higher and fall slower; of other actions: throttled
HALT: constant(uint256) = 3

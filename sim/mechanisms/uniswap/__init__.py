"""Integer-exact twin of Uniswap v3, as far as the world uses it.

From the published maths (Adams et al., "Uniswap v3 Core", March 2021, cited as WP with the section)
and held to the deployed bytecode by tests/differential/test_uniswap.py. Not here: flash loans,
protocol fees, routes over several pools, native coin, and approvals of position tokens.
"""

"""Twins of contracts/liquidation and of the modules that these share."""

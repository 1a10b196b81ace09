"""Twins of contracts/oracles."""

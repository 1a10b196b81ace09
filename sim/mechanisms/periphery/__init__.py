"""Twins of contracts/periphery."""

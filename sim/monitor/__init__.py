"""Liquidation monitoring: a lending market's books from its events, and what they warn of."""

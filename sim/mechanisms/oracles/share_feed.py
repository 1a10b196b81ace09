"""Twin of contracts/oracles/ShareFeed.vy. Answers in [10**-8, asset per share]."""

from __future__ import annotations

from sim.mechanisms.feed_link import Answer, StackedFeed
from sim.mechanisms.kernel import Address, Chain


class ShareFeed(StackedFeed):
    """A feed of what a share of a lending market is worth."""

    def __init__(self, chain: Chain, address: Address, vault: Address) -> None:
        super().__init__(chain, address)
        asset = self._call(vault, "asset")
        self.decimals, self.description, self.version = 8, "Firesale: worth of a share", 1
        self.VAULT = vault
        self._share = 10 ** self._call(vault, "decimals")
        self._asset = 10 ** self._call(asset, "decimals")

    def _latest(self) -> Answer:
        """As of now, rounded down."""
        worth = self._call(self.VAULT, "convertToAssets", self._share)
        return Answer(worth * 10**8 // self._asset, self._chain.timestamp)

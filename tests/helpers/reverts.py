"""Expected reverts in milliseconds."""

from __future__ import annotations

import pytest
from ape_ethereum.trace import TransactionTrace
from ape_ethereum.transactions import Receipt
from ape_foundry.provider import FoundryProvider


def without_traces(patch: pytest.MonkeyPatch) -> None:
    """Ape draws call tree and source lines of every revert: for seconds, at times a minute.

    The reason does not come from there, and Vyper has no custom errors to look for.
    """
    patch.setattr(TransactionTrace, "show", lambda *_, **__: None)
    patch.setattr(Receipt, "source_traceback", None)
    patch.setattr(FoundryProvider, "_extract_custom_error", lambda *_, **__: "")

"""Some regressions are held on bytecode and twins at once."""

from tests.differential.conftest import both

__all__ = ["both"]

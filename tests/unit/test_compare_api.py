"""What notebooks import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sim


@pytest.mark.parametrize("name", sim.__all__)
def test_api__every_name__is_there(name):
    assert getattr(sim, name) is not None


def test_api__unknown_name__is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'comapre'"):
        sim.comapre  # noqa: B018 - reading it is what raises


def test_import__of_sim__loads_nothing_else():
    script = "import sys, sim; print([m for m in sys.modules if m in ('numpy', 'pandas', 'ape')])"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"

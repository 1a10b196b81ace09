"""Every design on its bytecode and on its twins: the same operations, state, events and refusals.

Programs lead each design into every branch that it has; a machine adds operations that nobody
thought of, and has to reach the branches that matter by itself. `--hypothesis-profile=long` lets it
run for as long as it is worth to find something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from zlib import crc32

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from sim.design import FOLDER, load_design
from tests.differential.branches import BY_MACHINE, expected
from tests.differential.machine import Machine
from tests.differential.play import Play
from tests.differential.plots import plots_of
from tests.differential.rig import Rig
from tests.helpers.closing import BRANCHES

DESIGNS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ROUND = settings(
    max_examples=12,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
ROUNDS = 8  # of the machine at the most; it reaches every branch in one or two


@pytest.fixture(params=DESIGNS)
def play(request: pytest.FixtureRequest, both: Rig) -> Iterator[Play]:
    """The design, populated."""
    with both.undone():
        yield Play(both, load_design(request.param))


def test_design__by_programs_and_machine__agrees_and_reaches_every_branch(
    play: Play, record_property: Callable[[str, object], None]
) -> None:
    wanted = expected(play.design, play.rig.library)
    run_plots(play)
    settle(play, "programs", wanted, record_property)
    run_machine(play, wanted & BY_MACHINE)
    settle(play, "machine", wanted & BY_MACHINE, record_property)


def run_plots(play: Play) -> None:
    for plot in plots_of(play.design):
        with play.rig.undone():
            play.tally.begin()
            plot(play)


def run_machine(play: Play, wanted: Set[str]) -> None:
    """By draws of the design's own, the same every time, until nothing is missing."""
    for i in range(ROUNDS):
        own = seed(crc32(f"{play.design.name} {i}".encode()))
        run_state_machine_as_test(own(lambda: Machine(play)), settings=ROUND)
        if wanted <= set(+play.tally.counts):
            break
    if settings.get_current_profile_name() == "long":
        run_state_machine_as_test(lambda: Machine(play), settings=settings())


def settle(play: Play, by: str, wanted: Set[str], note: Callable[[str, object], None]) -> None:
    """Note what was reached since the last time; fail when something was not."""
    reached = {branch: play.tally.counts[branch] for branch in wanted}
    play.tally.counts.clear()
    note(BRANCHES, (f"{play.design.name}, {by}", reached))
    missing = {branch for branch, count in reached.items() if not count}
    assert not missing, f"never reached by {by}: {sorted(missing)} of {reached}"

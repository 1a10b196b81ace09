"""Every design on its bytecode and on its twins: the same operations, state, events and refusals.

Programs lead each design into every branch that it has, so that no draw decides which are
reached; a machine adds operations that nobody thought of. `--hypothesis-profile=long` lets it run
for as long as it is worth to find something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from sim.design import FOLDER, load_design
from tests.differential.branches import expected
from tests.differential.machine import Machine
from tests.differential.play import Play
from tests.differential.plots import plots_of
from tests.differential.rig import Rig
from tests.helpers.closing import BRANCHES

DESIGNS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SHORT = settings(
    max_examples=2,
    stateful_step_count=12,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(params=DESIGNS)
def play(request: pytest.FixtureRequest, both: Rig) -> Iterator[Play]:
    """The design, populated."""
    with both.undone():
        yield Play(both, load_design(request.param))


def test_design__by_programs_and_machine__agrees_and_reaches_every_branch(
    play: Play, record_property: Callable[[str, object], None]
) -> None:
    for plot in plots_of(play.design):
        with play.rig.undone():
            play.tally.begin()
            plot(play)
    wanted, counts = expected(play.design), dict(+play.tally.counts)
    reached = {branch: counts.get(branch, 0) for branch in wanted}
    record_property(BRANCHES, (play.design.name, reached))
    missing = wanted - set(counts)
    assert not missing, f"never reached: {sorted(missing)} of {counts}"
    long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(lambda: Machine(play), settings=settings() if long else SHORT)

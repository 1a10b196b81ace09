"""The recorder: rows of all kinds in the order in which they came."""

from __future__ import annotations

import pytest

from sim.trace import SCHEMA, Recorder


def test_trace__of_rows_of_several_kinds__keeps_their_order_and_leaves_the_rest_null() -> None:
    recorder = Recorder()
    recorder.add("block", block=1, venue=200.0)
    recorder.add("event", block=1, event="Taken")
    recorder.add("block", block=2, venue=190.0)
    trace = recorder.trace({"seed": 1}, {"mark": {}})
    assert trace.table.schema.equals(SCHEMA, check_metadata=True)
    assert trace.table["kind"].to_pylist() == ["block", "event", "block"]
    assert trace.table["venue"].to_pylist() == [200.0, None, 190.0]
    assert trace.table["event"].to_pylist() == [None, "Taken", None]
    assert (trace.manifest, trace.ledger) == ({"seed": 1}, {"mark": {}})


def test_trace__without_rows__has_all_columns() -> None:
    assert Recorder().trace({}, {}).table.column_names == SCHEMA.names


def test_trace__of_a_row_with_a_column_of_another_kind__names_it() -> None:
    recorder = Recorder()
    recorder.add("block", block=1, reason="market: unhealthy")
    with pytest.raises(KeyError, match=r"\['reason'\] do not belong to a row of kind block"):
        recorder.trace({}, {})

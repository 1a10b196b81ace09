"""Spells below health factor 1: when they begin, when they end, and how."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engines.base import Event, address_of
from sim.world.episodes import Episode, Episodes

A, B = address_of("a"), address_of("b")


@pytest.fixture
def episodes():
    return Episodes([A, B])


def event(name: str, account: str = A) -> Event:
    return Event(0, "liquidation", name, {"account": account})


def update(episodes, time_s, debt, health, *events):
    return episodes.update(time_s, np.array(debt), np.array(health), events)


def test_update__below_one__is_eligible_with_its_debt(episodes):
    assert update(episodes, 12, [10.0, 20.0], [0.99, 1.0]) == 10.0
    assert episodes.open() == [Episode(0, 12, None, 10.0, "open")]


def test_update__back_above_one__has_recovered(episodes):
    update(episodes, 12, [10.0, 20.0], [0.99, 1.5])
    update(episodes, 24, [10.0, 20.0], [1.01, 1.5])
    assert episodes.finished == [Episode(0, 12, 24, 10.0, "recovered")]


def test_update__taken_and_above_one__was_liquidated(episodes):
    update(episodes, 12, [10.0, 20.0], [0.99, 1.5])
    update(episodes, 24, [4.0, 20.0], [1.1, 1.5], event("Taken"))
    assert episodes.finished == [Episode(0, 12, 24, 10.0, "liquidated")]


def test_update__a_sale_is_open__the_spell_goes_on_until_it_ends(episodes):
    update(episodes, 12, [10.0, 20.0], [0.99, 1.5])
    assert update(episodes, 24, [0.0, 20.0], [np.inf, 1.5], event("SaleStarted")) == 0.0
    update(episodes, 36, [0.0, 20.0], [np.inf, 1.5], event("Taken"))
    assert episodes.finished == []
    update(episodes, 48, [0.0, 20.0], [np.inf, 1.5], event("SaleEnded"))
    assert episodes.finished == [Episode(0, 12, 48, 10.0, "liquidated")]


def test_update__second_spell__starts_clean(episodes):
    update(episodes, 12, [10.0, 20.0], [0.99, 1.5])
    update(episodes, 24, [5.0, 20.0], [1.2, 1.5], event("Taken"))
    update(episodes, 36, [5.0, 20.0], [0.9, 1.5])
    update(episodes, 48, [5.0, 20.0], [1.1, 1.5])
    assert [e.how for e in episodes.finished] == ["liquidated", "recovered"]


def test_ever_eligible__is_the_most_of_each_account_summed(episodes):
    for debts, health in (([10.0, 0.0], [0.9, 2]), ([6.0, 3.0], [0.9, 0.9]), ([0, 9], [2, 2])):
        update(episodes, 1, debts, health)
    assert episodes.ever_eligible == 13.0

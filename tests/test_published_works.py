"""Soldiers at the line and kilometres of barrier in the autumn of 2021, against the figures that were published.

Both were put in (as the scenario says), so that this holds the scenario to its sources and tests no rule.
"""

from __future__ import annotations

from functools import cache

import pytest
from small import small_scenario

from sim.agents.rosters import SERVICES, strength_by_day
from sim.model import StandoffModel
from sim.scenario.evidence import load_evidence
from sim.scenario.load import load_scenario
from sim.world.barriers import LAYERS
from sim.world.calendar import Calendar

PUBLISHED = {row.id: row for row in load_evidence().forces}
TENTH = 0.1


@cache
def autumn() -> StandoffModel:
    """Return the autumn to 12 November, with a tenth of the people and all that they wear down."""
    scenario = small_scenario(
        "crisis-2021", until="2021-11-12", replay_until="2021-11-12", migrants__people_scale="0.1"
    )
    model = StandoffModel(scenario, 1)
    model.run()
    return model


SOLDIERS = ("F001", "F002", "F003", "F004", "F005", "F007", "F008", "F009", "F010")
OTHERS = {"F012": "border_guard", "F013": "border_guard", "F014": "police", "F015": "police"}


@pytest.mark.parametrize("row", [*SOLDIERS, *OTHERS])
def test_persons_at_the_polish_line_are_those_published(row: str) -> None:
    scenario = load_scenario("crisis-2021")
    calendar = Calendar(scenario.first_day, scenario.until)
    day = (PUBLISHED[row].date - calendar.first_day).days
    persons = strength_by_day(scenario, calendar)[day, 0]
    service = OTHERS.get(row)
    if service is None:  # the ministry counted territorial soldiers with the army
        found = persons[SERVICES.index("army")] + persons[SERVICES.index("territorial")]
    else:
        found = persons[SERVICES.index(service)]
    assert found == pytest.approx(PUBLISHED[row].value, rel=TENTH)


@pytest.mark.parametrize(
    ("row", "layer"),
    [("F021", "low_coil"), ("F023", "low_coil"), ("F017", "wire_fence"), ("F018", "wire_fence"),
     ("F019", "wire_fence"), ("F020", "wire_fence")],
)  # fmt: skip
def test_kilometres_on_the_polish_line_are_those_published(row: str, layer: str) -> None:
    """But for the 150 km of coil of 23 August (F022), which the 130 of 19 September contradict."""
    model = autumn()
    day = (PUBLISHED[row].date - model.world.calendar.first_day).days
    assert model.barrier_km[day, 0, LAYERS.index(layer)] == pytest.approx(PUBLISHED[row].value, rel=TENTH)

"""One hour of the people: who is due, who is ordered, who falls ill, who acts, who lands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.arrivals import Arrivals
from sim.agents.migrants.harm import fall_ill
from sim.agents.migrants.hazards import Hazards
from sim.agents.migrants.journey import Journey
from sim.agents.migrants.orders import carry_out_orders, gather_groups
from sim.agents.scene import Scene
from sim.agents.states import OUTDOORS, SEATS
from sim.core.groups import among
from sim.errors import LedgerError

__all__ = ["NIGHT_COUNT_CLOCK", "Migrants"]

Ints = NDArray[np.int64]

NIGHT_COUNT_CLOCK = "02:00"
"""Warsaw clock at which people outdoors are counted: the depth of the night; 03:00 where that hour is skipped."""


class Migrants:
    """Runs the rules of the mass in the order of an hour."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.hazards = Hazards(scene, scene.people.cells)
        self.journey = Journey(scene, self.hazards)
        self.arrivals = Arrivals(scene)
        self.person_hours = 0
        self.n_events = 0
        self._night_hour = -1

    def start_day(self) -> None:
        """Take up today's policies and passengers."""
        calendar = self.scene.world.calendar
        self._night_hour = calendar.hour_at(calendar.date_of_day(self.scene.day), NIGHT_COUNT_CLOCK)
        self.journey.start_day(self.scene)
        self.arrivals.start_day(self.scene)

    def look_ahead(self) -> None:
        """Plan the hours that are left of today, once their hazards are known: from now on they change only by rule."""
        scene = self.scene
        end_of_day = int(scene.world.calendar.first_hour_of_day[scene.day + 1])
        try:
            scene.people.look_ahead(*self.hazards.look_ahead(scene, end_of_day - scene.hour))
        except LedgerError as error:
            raise LedgerError(f"hour {scene.hour}: {error}") from error

    def begin_hour(self) -> None:
        """Set the hazards of this hour and let the clocks advance."""
        people = self.scene.people
        schedule = people.act_schedule
        if not schedule.n_left or not self.hazards.known_ahead(self.scene):
            self.look_ahead()
        people.advance()
        for slot in (people.act, people.harm):
            people.ledger.check_clock(slot.name, slot.before, slot.after, self.scene.hour)
        self.hazards.begin_hour(schedule.step)

    def hour(self, hour_of_day: int) -> list[tuple[int, int, int]]:
        """Run one hour; return the group crossings started: post, people who pressed, people asked for."""
        scene = self.scene
        self.begin_hour()
        moved = carry_out_orders(scene, hour_of_day)
        rows, lots, group, post, size, started = gather_groups(scene, moved)
        self._act(moved, rows, (rows, lots, group, post, size))
        self.arrivals.land(scene)
        self._count()
        return started

    def _act(
        self, moved: Ints, grouped_rows: Ints, grouped: tuple[Ints, NDArray[np.float64], Ints, Ints, Ints]
    ) -> None:
        """Handle all marks reached in this hour: the slot that fires first wins; the ordered are left out."""
        scene = self.scene
        people = scene.people
        columns = people.population
        acting = all_acting = people.act_schedule.due()
        harmed = all_harmed = people.harm_schedule.due()
        if len(moved) or len(grouped_rows):
            ordered = np.zeros(len(people), dtype=bool)
            ordered[moved] = True
            ordered[grouped_rows] = True
            acting, harmed = acting[~ordered[acting]], harmed[~ordered[harmed]]
        if len(harmed):
            cell = people.cell_of(harmed)
            when = people.harm.fraction(cell, columns["harm_mark"][harmed])
            acts = people.act_schedule.is_due(harmed)
            first = ~acts | (when < people.act.fraction(cell, columns["act_mark"][harmed]))
            harmed, when = harmed[first], when[first]
            self.n_events += len(harmed)
            gone, weak = fall_ill(scene, harmed, when)
            if len(gone):
                acting = acting[people.act_schedule.is_due(acting)]  # whoever moved has a new mark by now
            if len(weak):
                acting = acting[~among(np.sort(columns["party"][weak]), columns["party"][acting])]
        self.n_events += len(acting) + len(grouped_rows)
        if len(acting) or len(grouped_rows):
            self.journey.act(scene, acting, grouped)
        people.act_schedule.put_off(all_acting)
        people.harm_schedule.put_off(all_harmed)

    def _count(self) -> None:
        """Keep the books of the hour: conservation, nights outdoors, people at the end of the day."""
        scene = self.scene
        people = scene.people
        people.ledger.check_counts(people.count_by_cell(), scene.hour)
        counts = people.ledger.counts
        self.person_hours += int(counts[people.under_way].sum())
        if scene.hour == self._night_hour:
            scene.tally.nights_outdoors[scene.day, list(OUTDOORS)] = counts[list(OUTDOORS)]

    def end_day(self) -> None:
        """Write down where people are at midnight, and check that parties are whole."""
        scene = self.scene
        people = scene.people
        columns = people.population
        scene.tally.people[scene.day] = people.ledger.counts
        scene.tally.people_at_post[scene.day] = scene.services.at_the_line(scene)
        people.ledger.check_parties(
            columns["id"], columns["party"], columns["cell"], columns["act_mark"], SEATS, scene.hour
        )

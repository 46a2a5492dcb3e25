"""Governments: they replay what they did, and then go on by simple rules of their own.

Up to the last replayed day each carries out its dated actions at their hour. After it each wakes every morning, looks
at a picture of the situation that is as old as its reaction takes, and may choose one thing from its menu. All look at
the same picture, so that the order in which they wake does not matter.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

import mesa
import numpy as np

from sim.agents.actions import Act, act_of, check_actions, hour_of_run, perform, recall_past
from sim.agents.habits import Habits
from sim.agents.menus import MENUS, Option
from sim.agents.picture import USUAL_DAYS, View, Watch, book_morning
from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.schema import Scenario
    from sim.world.calendar import Calendar

__all__ = ["SIDES", "Government", "first_free_hour", "make_governments"]

SIDES: Final = (
    "Minsk", "Moscow", "Warsaw", "Vilnius", "Riga", "London", "NATO", "EU", "Baghdad", "Ankara", "Damascus",
    "Kyiv",
)  # fmt: skip
"""All governments; their number in a draw is their place here, so that it never changes."""


def first_free_hour(scenario: Scenario, calendar: Calendar) -> int:
    """Return the first hour after the replayed history, from 0 to the end of the run."""
    after = scenario.replay_until + timedelta(days=1)
    return min(max(hour_of_run(calendar, after, "00:00"), 0), calendar.n_hours)


class Government(mesa.Agent):
    """One government: its dated actions, its memory of what it did when, and its menu."""

    def __init__(self, host: Host, watch: Watch, habits: Habits, name: str) -> None:
        super().__init__(cast(mesa.Model, host))
        self.host, self.watch, self.habits, self.name = host, watch, habits, name
        self.number = SIDES.index(name)
        self.last_done: dict[str, int] = {}
        self._dated: deque[Act] = deque()

    def replay(self, hour: int, act: Act) -> None:
        """Book a dated act; acts must be given in the order of their hours."""
        self._dated.append(act)
        self.host.diary.book(hour, self)

    def begin(self, day: int) -> None:
        """Deliberate every morning from day `day` of the run on."""
        book_morning(self.host, day, self)

    def wake(self) -> None:
        """Carry out the next dated act, or deliberate when there is none left."""
        if self._dated:
            self._do(self._dated.popleft())
            return
        chosen = self.choose()
        if chosen is not None:
            self._do(chosen, of_own_choice=True)
        self.begin(int(self.host.world.calendar.day_of_hour[self.host.hour]) + 1)

    def choose(self) -> Act | None:
        """Return what this government does this morning by its own rules, if anything.

        It looks at a picture as old as its reaction takes, drops what it has done too recently and what nothing calls
        for, and gives each of the rest the rate of its habits. It acts with chance 1 − exp(−sum of rates), and by lot
        in proportion to them.
        """
        host = self.host
        settings = host.scenario.governments
        picture = self.watch.seen(host.hour - round(float(settings.reaction_hours)))
        calendar = host.world.calendar
        day = calendar.epoch_day + int(calendar.day_of_hour[host.hour])
        answers, pick, _, _ = draw(host.seed, Kind.GOVERNMENT, self.number, Purpose.ANSWER, day)
        if picture is None:
            return None
        view = View(self.name, picture, host.scenario, host.world.border, calendar)
        open_to_it = self.open_options(view)
        if not open_to_it:
            return None
        rates = np.cumsum([self.habits.per_day(self.name, option.kind) for option in open_to_it])
        if answers[0] >= -np.expm1(-float(settings.answer_factor) * rates[-1]):
            return None
        option = open_to_it[min(int(np.searchsorted(rates, pick[0] * rates[-1], side="right")), len(open_to_it) - 1)]
        return replace(option.make(view), kind=option.kind)

    def open_options(self, view: View) -> list[Option]:
        """Return what of its menu has rested and is called for, in the order of the menu."""
        return [
            option
            for option in MENUS[self.name]
            if self.has_rested(option.kind, option.again_after_days) and option.when(view)
        ]

    def has_rested(self, kind: str, days: float) -> bool:
        """Return whether it has not done an act of this kind within so many days."""
        return self.host.hour - self.last_done.get(kind, -(10**9)) >= 24.0 * days

    def _do(self, act: Act, *, of_own_choice: bool = False) -> None:
        self.last_done[act.kind] = self.host.hour
        self.watch.note(act)
        perform(self.host, act, of_own_choice=of_own_choice)


def make_governments(host: Host) -> list[Government]:
    """Return the governments with their dated actions booked, and bring back what was done before hour 0.

    No governments when they are switched off: then there is neither a dated action nor a reaction.

    Raises:
        ScenarioError: dated actions that cannot be carried out.
    """
    settings, calendar = host.scenario.governments, host.world.calendar
    if settings.enabled:
        check_actions(host)
    recall_past(host)
    if not settings.enabled:
        return []
    watch = Watch(host)
    habits = Habits(host.scenario)
    governments = {name: Government(host, watch, habits, name) for name in SIDES}
    free_from = first_free_hour(host.scenario, calendar)
    dated = [
        (hour_of_run(calendar, row.day, row.clock), act_of(row))
        for row in host.scenario.action
        if row.day <= host.scenario.replay_until
    ]
    for hour, act in sorted(dated, key=lambda entry: entry[0]):
        if hour < 0:
            governments[act.actor].last_done[act.kind] = hour
        elif hour < calendar.n_hours:
            governments[act.actor].replay(hour, act)
    if settings.reacts and free_from < calendar.n_hours:
        first_day = int(calendar.day_of_hour[free_from])
        watch.begin(max(0, first_day - USUAL_DAYS - 2))
        for government in governments.values():
            government.begin(first_day)
    return list(governments.values())

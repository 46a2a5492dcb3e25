"""What a country does with people caught inside: hold them, hear them in the open, or return them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.minsk_services import in_force
from sim.agents.scene import Scene
from sim.agents.states import Kind, State
from sim.world.border import COUNTRIES

__all__ = ["Custody"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_POLAND = COUNTRIES.index("PL")
_FAMILY, _CUSTODY, _RETURNING = int(Kind.FAMILY), int(State.CUSTODY), int(State.RETURNING)


class Custody:
    """The policies in force today, by country.

    Attributes
    ----------
    full : bool[n_countries], whether nobody more can be held today
    goes_to : int64[n_countries], the state of those who are to be held, today
    order_share : share of those returned by Poland who are given an order to leave
    """

    def __init__(self, scene: Scene) -> None:
        self.share = np.zeros(len(COUNTRIES))
        self.family_factor = np.ones(len(COUNTRIES))
        self.full = np.zeros(len(COUNTRIES), dtype=np.bool_)
        self.elsewhere = np.full(len(COUNTRIES), int(State.RETURNING))
        self.goes_to = np.full(len(COUNTRIES), _CUSTODY)
        self.order_share = 0.0

    def start_day(self, scene: Scene) -> None:
        """Take up today's policies, and see where custody is full."""
        ordinal = scene.world.calendar.date_of_day(scene.day).toordinal()
        for number, country in enumerate(COUNTRIES):
            policy = in_force([row for row in scene.scenario.custody if row.country == country], ordinal)
            self.share[number] = 0.0 if policy is None else policy.custody_share
            self.family_factor[number] = 1.0 if policy is None else policy.family_factor
        orders = in_force(scene.scenario.orders_to_leave, ordinal)
        self.order_share = 0.0 if orders is None else orders.share
        self._look_for_places(scene, ordinal)
        self.goes_to = np.where(self.full, self.elsewhere, _CUSTODY)

    def _look_for_places(self, scene: Scene, ordinal: int) -> None:
        """See in which countries nobody can be held today, and what happens to people there instead."""
        self.full[:] = False
        rows = scene.scenario.custody_places
        if not rows:
            return
        people, scale = scene.people, scene.scenario.agent_scale
        held = scene.world.country_of_place[
            people.cells.place(people.population["cell"][people.rows_in(State.CUSTODY)])
        ]
        n_held = np.bincount(held, minlength=len(COUNTRIES))
        for number, country in enumerate(COUNTRIES):
            row = in_force([row for row in rows if row.country == country], ordinal)
            if row is not None:
                self.full[number] = n_held[number] >= int(row.places * scale)
                self.elsewhere[number] = State.PROCEDURE if row.when_full == "procedure" else State.RETURNING

    def decide(self, scene: Scene, place: Ints, kind: Ints, lot: Floats, order_lot: Floats) -> tuple[Ints, Ints]:
        """Return into which state people caught at places go, and in which country they are; enter it in the books.

        Poland gives some of those whom it returns an order to leave, by `order_lot`.
        """
        country = scene.world.country_of_place[place]
        share = self.share[country]
        families = (kind == _FAMILY).nonzero()[0]
        share[families] *= self.family_factor[country[families]]
        to = np.empty(len(country), dtype=np.int64)
        to.fill(_RETURNING)
        held = (lot < share).nonzero()[0]
        to[held] = self.goes_to[country[held]]
        tally, day = scene.tally, scene.day
        n_countries = len(COUNTRIES)
        returned = np.bincount(country, minlength=n_countries)
        if len(held):
            to_be_held = np.bincount(country[held], minlength=n_countries)
            returned -= to_be_held * (self.goes_to != _RETURNING)
            tally.custody[day] += to_be_held * ~self.full
            tally.no_place[day] += to_be_held * self.full
        tally.returned[day] += returned
        if self.order_share > 0.0:
            given_orders = (to == _RETURNING) & (country == _POLAND) & (order_lot < self.order_share)
            tally.orders_to_leave[day] += np.count_nonzero(given_orders)
        return to, country

"""What governments and services have decided: the only way their decisions reach the many.

Deliberating agents write here; migrants, guards and services read. Requests that are carried out once (a group
crossing, a flight home, a camp to fill) stand in lists that the reader empties.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.world.border import COUNTRIES

__all__ = ["GroupOrder", "Levers"]


@dataclass(frozen=True)
class GroupOrder:
    """A group crossing to be started now: at a guard post, by so many people."""

    post: int
    people: int


@dataclass
class Levers:
    """Decisions in force in this hour.

    Attributes
    ----------
    seats_open : share of the seats of each route that people bound for the line may take, float64[n_routes], [0, 1]
    camp_target : people whom the services want in the camp at the line; 0 when there is no camp
    camp_open : whether the camp stands
    centre_open : whether the logistics centre takes people in
    let_back : whether those who want to go back are let go, whatever the steering table says
    group_orders : group crossings to start in this hour; emptied by the services
    home_seats : seats on flights home that leave in this hour; emptied by the migrants
    extra_persons : persons added to each country's army by its government, float64[3]
    pinned_share : share of watchers at each post who watch a drill instead, float64[n_posts], [0, 0.9]
    covering : patrol units that stand with crews who mend at each post in this hour, int64[n_posts]
    is_covered : whether any crew has cover in this hour
    response_factor : factor on response times at each post from tension, float64[n_posts], at least 1
    crossings_closed : names of road crossings that are closed
    """

    seats_open: NDArray[np.float64]
    pinned_share: NDArray[np.float64]
    response_factor: NDArray[np.float64]
    covering: NDArray[np.int64]
    is_covered: bool = False
    camp_target: int = 0
    camp_open: bool = False
    centre_open: bool = False
    let_back: bool = False
    group_orders: list[GroupOrder] = field(default_factory=list)
    home_seats: int = 0
    extra_persons: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(COUNTRIES)))
    crossings_closed: set[str] = field(default_factory=set)

    @classmethod
    def fresh(cls, n_routes: int, n_posts: int) -> Levers:
        """Return levers at rest: all seats open, nothing pinned, no camp."""
        return cls(
            seats_open=np.ones(n_routes),
            pinned_share=np.zeros(n_posts),
            response_factor=np.ones(n_posts),
            covering=np.zeros(n_posts, dtype=np.int64),
        )

    def begin_hour(self) -> None:
        """Let those who covered crews in the last hour go: cover is asked for anew in each."""
        if self.is_covered:
            self.covering[:] = 0
            self.is_covered = False

    def cover(self, post: int, n_units: int) -> None:
        """Let so many units of a post stand with a crew in this hour."""
        if n_units:
            self.covering[post] += n_units
            self.is_covered = True

    def close_seats(self, routes: Iterable[int], open_share: float) -> None:
        """Leave only `open_share` of the seats of the given routes to people bound for the line."""
        for route in routes:
            self.seats_open[route] = min(self.seats_open[route], open_share)

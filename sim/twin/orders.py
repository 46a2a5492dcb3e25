"""Orders on the mass: camp, desks of corridors, flights home, people drawn for a group crossing (rules 6.7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.agents.states import State
from sim.twin.luck import whole, whole_up
from sim.twin.parties import Drawn, draw_by_lot

if TYPE_CHECKING:
    from sim.twin.model import TwinModel
    from sim.twin.person import Person
    from sim.twin.services import Order

__all__ = ["NEAR_CAMP_KM", "Group", "Orders"]

NEAR_CAMP_KM: Final = 40.0
"""Distance between the middles of two posts within which people are taken to the camp."""

_FIRST_CLOCK, _LAST_CLOCK = 7, 21
_PACE = 400
"""People whom the services move to or from the camp in an hour, unscaled."""
_PACE_FROM_MINSK = 40

_DESK_OPENS, _DESK_HOURS = 8, 10
"""Clock at which the desk of a corridor opens, and for how many hours."""

_TO_CAMP, _TO_RIDE, _FROM_CAMP, _TO_HOME = 60, 61, 62, 63
_TO_FIRST_CORRIDOR = 59
"""Numbers of orders in the hour: corridors count down from theirs, group crossings up from 0."""


@dataclass(frozen=True)
class Group:
    """A group crossing under way: number in this hour, post, and the parts that press over with their moments."""

    number: int
    post: int
    parts: list[Drawn]

    @property
    def n_persons(self) -> int:
        """Persons in the group."""
        return sum(len(drawn.members) for drawn in self.parts)


class Orders:
    """The orders of one hour.

    Attributes
    ----------
    moved : ids of those whom an order has moved or grouped in this hour: they neither act nor fall ill
    camp_takes_in : whether people who arrive near the camp in this hour are taken in
    """

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.moved: set[int] = set()
        self.camp_takes_in = False

    # --- camp and flights home ----------------------------------------------------------------------------------------

    def carry_out(self) -> None:
        """Gather or empty the camp, hear claims at corridors, then board flights home."""
        twin = self.twin
        self.moved = set()
        at_start = {state: [one for one in twin.people if one.state is state] for state in State}
        whereabouts = {one.id: one.place for one in twin.people}
        in_camp = len(at_start[State.CAMP])
        target = int(twin.levers.camp_target * twin.scale)
        is_open = twin.levers.camp_open and twin.services.is_on
        self.camp_takes_in = is_open and in_camp < target
        if twin.services.is_on and _FIRST_CLOCK <= twin.clock <= _LAST_CLOCK:
            pace = max(1, int(_PACE * twin.scale))
            if is_open:
                self._gather(at_start, target - in_camp, pace)
            elif in_camp > 0:
                to, place = self._way_out_of_camp(len(at_start[State.CENTRE]))
                self._move(draw_by_lot(twin, at_start[State.CAMP], pace, _FROM_CAMP), to, place)
        self._hear_claims([*at_start[State.LINE], *at_start[State.CAMP]], whereabouts)
        if twin.levers.home_seats > 0:
            seats = max(1, int(twin.levers.home_seats * twin.scale))
            self._move(draw_by_lot(twin, at_start[State.GOING_HOME], seats, _TO_HOME), State.HOME, twin.nowhere)
        twin.levers.home_seats = 0

    def _way_out_of_camp(self, n_in_centre: int) -> tuple[State, int]:
        """Return where people go from a camp that is emptied: the centre, the towns when it is full, or the woods."""
        twin = self.twin
        if not twin.levers.centre_open:
            return State.LINE, twin.camp_post
        if n_in_centre < int(float(twin.scenario.services.centre_places) * twin.scale):
            return State.CENTRE, twin.camp_post
        return State.MINSK, twin.nowhere

    def _gather(self, at_start: dict[State, list[Person]], room: int, pace: int) -> None:
        """Take people from the woods about the camp into it, and send for more in Minsk."""
        twin = self.twin
        on_the_way = sum(1 for one in at_start[State.RIDE] if one.place == twin.camp_post)
        missing = min(room - on_the_way, pace)
        if missing > 0:
            near = [one for one in at_start[State.LINE] if self.is_near_camp(one.place)]
            missing -= self._move(draw_by_lot(twin, near, missing, _TO_CAMP), State.CAMP, twin.camp_post)
        missing = min(missing, max(1, int(_PACE_FROM_MINSK * twin.scale)))
        if missing > 0:
            fetched = draw_by_lot(twin, at_start[State.MINSK], missing, _TO_RIDE)
            self._move(fetched, State.RIDE, twin.camp_post)

    def _hear_claims(self, waiting: list[Person], whereabouts: dict[int, int]) -> None:
        """Let people who were waiting at the posts of corridors come over to a desk, so many an hour."""
        twin = self.twin
        open_hours = twin.clock - _DESK_OPENS
        if not 0 <= open_hours < _DESK_HOURS:
            return
        rows = [row for row in twin.scenario.corridor if row.since <= twin.date <= row.until]
        for number, row in enumerate(rows):
            people = row.people_per_day * twin.scale
            quota = whole(people * (open_hours + 1) / _DESK_HOURS) - whole(people * open_hours / _DESK_HOURS)
            if quota <= 0:
                continue
            post = twin.world.border.post_number(row.post)
            there = [one for one in waiting if whereabouts[one.id] == post and one.id not in self.moved]
            heard = draw_by_lot(twin, there, quota, _TO_FIRST_CORRIDOR - number)
            twin.tally.heard_at_corridor[twin.day] += self._move(heard, State.PROCEDURE, post)

    def _move(self, parts: Iterable[Drawn], state: State, place: int) -> int:
        """Let parts begin a new stay at once; return how many persons moved."""
        n_persons = 0
        for drawn in parts:
            for member in drawn.members:
                member.begin_stay(state, place, drawn.fraction)
                self.moved.add(member.id)
                n_persons += 1
        return n_persons

    def is_near_camp(self, post: int) -> bool:
        """Return whether the camp takes in people of a post."""
        distance = self.twin.world.border.post_distance_km[self.twin.camp_post, post]
        return bool(distance <= NEAR_CAMP_KM)

    # --- group crossings ----------------------------------------------------------------------------------------------

    def draw_groups(self, orders: Iterable[Order]) -> list[Group]:
        """Return the group crossings of the hour with those who are drawn for them; they count as moved."""
        groups = []
        for order in orders:
            group = self._draw_group(order)
            pressed, each = group.n_persons, self.twin.scenario.people_per_agent
            name = self.twin.world.border.posts.name[group.post]
            text = f"group crossing started: {order.people * each} asked for, {pressed * each} took part"
            self.twin.log("group_crossing", "Minsk's services", name, text, float(pressed * each), "the model")
            if pressed:
                groups.append(group)
        return groups

    def _draw_group(self, order: Order) -> Group:
        """Draw people at the post; at its neighbours where they are too few, and then from the camp."""
        twin = self.twin
        wanted = whole_up(order.people * float(twin.scenario.services.group_willing_share))
        at_post = self._free_to_go([order.post], State.LINE, State.CAMP)
        parts = draw_by_lot(twin, at_post, wanted, 2 * order.number)
        self._mark(parts)
        n_drawn = sum(len(drawn.members) for drawn in parts)
        if n_drawn < wanted:
            around = [post for post in twin.guards.neighbours(order.post) if post is not None]
            nearby = draw_by_lot(twin, self._free_to_go(around, State.LINE), wanted - n_drawn, 2 * order.number + 1)
            self._mark(nearby)
            parts = parts + nearby
            n_drawn += sum(len(drawn.members) for drawn in nearby)
        if n_drawn < wanted:
            elsewhere = [post for post in range(twin.world.n_posts) if post != order.post]
            bused = draw_by_lot(twin, self._free_to_go(elsewhere, State.CAMP), wanted - n_drawn, 2 * order.number + 1)
            self._mark(bused)
            parts = parts + bused
        return Group(order.number, order.post, parts)

    def _free_to_go(self, posts: list[int], *states: State) -> list[Person]:
        """Return those in some states at some posts whom no order of this hour has taken."""
        return [
            one for one in self.twin.people if one.state in states and one.place in posts and one.id not in self.moved
        ]

    def _mark(self, parts: Iterable[Drawn]) -> None:
        self.moved.update(member.id for drawn in parts for member in drawn.members)

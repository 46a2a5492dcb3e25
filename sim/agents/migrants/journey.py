"""What parties do when their act mark is reached: one short rule per state, from the flight to a fate.

Rules work on rows sorted by party. Members of a part share cell, mark and number of moves, so a draw by party
number gives every member the same lot, and rules can work on rows without tables of parties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.attempt import Attempts, of_attempts, resolve
from sim.agents.migrants.due import Due
from sim.agents.migrants.harm import BELARUS, EU, die
from sim.agents.migrants.hazards import Hazards
from sim.agents.migrants.money import COURIER, FLIGHT, RIDE, Prices
from sim.agents.migrants.settling import IN_HANDS, NOBODY, Settling
from sim.agents.scene import Scene
from sim.agents.states import N_STATES, Outcome, State
from sim.agents.tally import HANDLERS
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, draw_all
from sim.core.groups import sizes, starts
from sim.world.border import COUNTRIES, TERRAINS

__all__ = ["Journey"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_PREVENTED, _CAUGHT = int(Outcome.PREVENTED), int(Outcome.CAUGHT)
_BELARUSIAN = HANDLERS.index("Belarusian")
_CAUSE, _REFUSED, _TAKEN, _TIRED = range(4)
"""What the lanes of a party's draw decide: cause, refusal, being stopped or carried, exhaustion."""
_BY_LOT = (
    State.MINSK, State.LINE, State.CAMP, State.CENTRE, State.INSIDE, State.ROAD_WEST, State.RETURNING,
)  # fmt: skip
"""States whose rules ask that draw."""
_CHOOSING = (State.MINSK, State.CENTRE, State.RETURNING)
"""States whose rules ask another: where to on the line."""
_NEVER_ASKED = 0.5
"""In the place of lots that were not drawn since no rule asks them."""


@dataclass(frozen=True)
class _LotsOfAttempts:
    """Lots for the attempts that parties at the line may make, a column a party.

    Attributes
    ----------
    first : int64[n], where among the due the first member of each party stands
    chances, times : float64[4, n], see :func:`~sim.agents.migrants.attempt.of_attempts`
    """

    first: Ints
    chances: Floats
    times: Floats

    def where(self, attempting: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Return the lots of the parties that attempt, given which of the due do."""
        chosen = attempting[self.first].nonzero()[0]
        return self.chances.take(chosen, axis=1), self.times.take(chosen, axis=1)


class Journey:
    """The rules of the journey, by state."""

    def __init__(self, scene: Scene, hazards: Hazards) -> None:
        self.hazards = hazards
        migrants = scene.scenario.migrants
        self.stopped_on_road = float(migrants.stopped_on_road_chance)
        self.exhaustion = float(migrants.exhaustion_per_attempt)
        self.drowning = float(scene.scenario.exposure.drowning_chance)
        segments = scene.world.border.segments
        self.wide_river = segments.terrain == TERRAINS.index("river_wide")
        self.prices = Prices(scene)
        self.hopeless = float(scene.scenario.money.hopeless_rate)
        self.settling = Settling(scene)
        self.by_lot = _flags(_BY_LOT)
        self.choosing = _flags(_CHOOSING)
        self.at_line = _flags((State.LINE, State.CAMP))
        self._goal = np.zeros(0, dtype=np.int64)
        self._by_state: dict[int, Callable[[Scene, Due, Ints, Floats], None]] = {
            State.MINSK: self._from_minsk,
            State.RIDE: self._arrive_at_line,
            State.CENTRE: self._from_centre,
            State.INSIDE: self._inside,
            State.ROAD_WEST: self._on_the_road,
            State.RETURNING: self._returned,
            State.HOSPITAL_BELARUS: self._discharged_in_belarus,
            State.HOSPITAL_EU: self._discharged_in_eu,
            State.CUSTODY: self._released,
            State.PROCEDURE: self._released,
            State.GOING_HOME: self._fly_home,
        }

    def start_day(self, scene: Scene) -> None:
        """Take up the policies in force today."""
        self.settling.custody.start_day(scene)

    def act(self, scene: Scene, rows: Ints, grouped: tuple[Ints, Floats, Ints, Ints, Ints]) -> None:
        """Handle everyone whose act mark is reached, and the group crossings started in this hour.

        Parameters
        ----------
        rows : members of whole parties whose mark is reached
        grouped : rows, lots, group numbers, posts and group sizes of people in group crossings
        """
        due = Due.of(scene, rows)
        together = Due.of(scene, grouped[0], grouped[1])
        settling = self.settling
        settling.begin(len(due) + len(together))
        lots, lots_of_attempts = self._draw_lots(scene, due)
        causes = self.hazards.pick(scene.people.cell_of(due.rows), lots[_CAUSE])
        attempting = np.zeros(len(due), dtype=bool)
        for state, here, batch in due.by_state():
            if self.at_line[state]:
                attempting[here] = self._at_the_line(scene, batch, causes[here], lots[:, here])
            else:
                self._by_state[state](scene, batch, causes[here], lots[:, here])
        self._attempt(scene, due.where(attempting), together, grouped, lots_of_attempts.where(attempting))
        settling.finish(scene, due.followed_by(together))

    def _draw_lots(self, scene: Scene, due: Due) -> tuple[Floats, _LotsOfAttempts]:
        """Draw what the rules of the states will ask, in one call for the parties: float64[4, n], and for attempts.

        Where those go who may go anywhere on the line is chosen here too.
        """
        first = starts(due.party)
        party, moves, state = due.party[first], due.moves[first], due.state[first]
        causes, places = self.by_lot[state].nonzero()[0], self.choosing[state].nonzero()[0]
        at_line = self.at_line[state].nonzero()[0]
        drawn, where, chances, times = draw_all(
            scene.seed,
            [
                (Who.PARTY, party[causes], Purpose.CAUSE, moves[causes]),
                (Who.PARTY, party[places], Purpose.PLACE, moves[places]),
                *of_attempts(party[at_line], moves[at_line]),
            ],
        )
        lots = np.empty((4, len(first)))
        lots.fill(_NEVER_ASKED)
        lots[:, causes] = drawn
        goal = np.empty(len(first), dtype=np.int64)
        goal.fill(scene.people.cells.nowhere)
        goal[places] = scene.services.choose_post(scene, where[0], where[1])
        size = sizes(first, len(due))
        self._goal = goal.repeat(size)
        return lots.repeat(size, axis=1), _LotsOfAttempts(first[at_line], chances, times)

    # --- in Belarus -----------------------------------------------------------------------------------------------

    def _from_minsk(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        rides = self.prices.ask(scene, due, RIDE, cause == 0)
        self.prices.spend(scene, due, RIDE, rides)
        post = self._goal[due.at]
        self.settling.move(
            due,
            np.where(rides, int(State.RIDE), int(State.GOING_HOME)),
            np.where(rides, post, scene.people.cells.nowhere),
        )

    def _arrive_at_line(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        services = scene.services
        to_camp = services.camp_takes_people & services.near_camp[due.place]
        self.settling.move(
            due,
            np.where(to_camp, int(State.CAMP), int(State.LINE)),
            np.where(to_camp, services.camp_post, due.place),
        )

    def _wish_to_go_back(self, scene: Scene, due: Due, lot: Floats) -> None:
        if not len(due):
            return
        refused = (lot < scene.services.refuse_return) & (not scene.levers.let_back)
        scene.tally.refused_back[scene.day] += np.count_nonzero(refused)
        self.settling.hand(due, np.where(refused, _BELARUSIAN, NOBODY))
        self.settling.move(
            due,
            np.where(refused, due.state, int(State.GOING_HOME)),
            np.where(refused, due.place, scene.people.cells.nowhere),
        )

    def _rest_in_town(self, scene: Scene, due: Due) -> None:
        if not len(due):
            return
        self.settling.move(due, State.MINSK, scene.people.cells.nowhere)
        self.settling.help(due)

    def _from_centre(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        leaves = cause == 0
        post = self._goal[due.at]
        self.settling.move(
            due,
            np.where(leaves, int(State.LINE), int(State.GOING_HOME)),
            np.where(leaves, post, scene.people.cells.nowhere),
        )

    def _discharged_in_belarus(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        if scene.levers.centre_open:
            self.settling.move(due, State.CENTRE, scene.services.camp_post)
        else:
            self.settling.move(due, State.MINSK, scene.people.cells.nowhere)

    def _fly_home(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        flies = self.prices.ask(scene, due, FLIGHT, np.ones(len(due), dtype=np.bool_))
        to = np.where(flies, int(State.HOME), int(State.GOING_HOME))
        self.settling.move(due, to, scene.people.cells.nowhere)

    # --- at the line ----------------------------------------------------------------------------------------------

    def _at_the_line(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> NDArray[np.bool_]:
        """Let people rest in a town or wish to go back; return who attempts, bool[n]."""
        tried = scene.people.population["attempts"][due.rows].astype(np.float64)
        despair = np.where(self.prices.can_pay(scene, due, COURIER), 0.0, self.hopeless)
        worn_out = lots[_TIRED] < 1.0 - np.exp(-(self.exhaustion * tried + despair))
        tries: NDArray[np.bool_] = (cause == 0) & ~worn_out
        rests = cause == 2
        self._rest_in_town(scene, due.where(rests))
        goes_back = ~(tries | rests)
        self._wish_to_go_back(scene, due.where(goes_back), lots[_REFUSED][goes_back])
        return tries

    def _attempt(
        self,
        scene: Scene,
        alone: Due,
        together: Due,
        grouped: tuple[Ints, Floats, Ints, Ints, Ints],
        lots: tuple[Floats, Floats],
    ) -> None:
        """Let parties attempt, by themselves and in group crossings, and see how each attempt ends.

        `lots` are those of the parties alone.
        """
        if not len(alone) and not len(together):
            return
        people = scene.people.population
        due = alone.followed_by(together)
        first = starts(due.party)
        size = sizes(first, len(due))
        place, group_people = due.place, np.zeros(len(first), dtype=np.int64)
        group = group_people - 1
        if len(together):
            due.at[len(alone) :] += self.settling.n_batch - len(due)  # behind all who are due
            group_rows, _, group_of_row, post, size_of_group = grouped
            position = group_rows.argsort(kind="stable")
            at = position[group_rows[position].searchsorted(together.rows)]
            place = np.concatenate((alone.place, post[at]))
            first_together = first.searchsorted(len(alone))
            leader = at[first[first_together:] - len(alone)]
            group[first_together:] = group_of_row[leader]
            group_people[first_together:] = size_of_group[leader]
        result = resolve(
            scene,
            Attempts(
                party=due.party[first],
                occasion=due.moves[first],
                post=place[first],
                size=size,
                fraction=due.fraction[first],
                group=group,
                group_people=group_people,
            ),
            None if len(together) else lots,
        )
        outcome = result.outcome.repeat(size)
        people["attempts"][due.rows] += np.uint16(1)
        people["counted"][due.rows] = result.counted.repeat(size)
        drowned = self._drown(scene, due, result.segment.repeat(size), outcome)
        if np.count_nonzero(drowned):
            due, place, outcome = due.where(~drowned), place[~drowned], outcome[~drowned]
        waits = np.where(place == scene.services.camp_post, due.state, int(State.LINE))  # the camp is at one post only
        to = np.where(outcome <= _PREVENTED, waits, int(State.INSIDE))
        self.settling.move(due, np.where(outcome == _CAUGHT, IN_HANDS, to), place)

    def _drown(self, scene: Scene, due: Due, segment: Ints, outcome: Ints) -> NDArray[np.bool_]:
        """Let some drown in attempts over wide rivers; return who did, bool[n]."""
        drowned = np.zeros(len(due), dtype=bool)
        wet = self.wide_river[segment].nonzero()[0]
        if len(wet):
            ids = scene.people.population["id"][due.rows[wet]]
            lot, _, _, _ = draw(scene.seed, Who.PERSON, ids, Purpose.RIVER, due.moves[wet])
            drowned[wet] = lot < self.drowning
            side = np.where(outcome[drowned] <= _PREVENTED, BELARUS, EU)
            die(scene, due.rows[drowned], due.fraction[drowned], side)
        return drowned

    def _caught(self, due: Due) -> None:
        """Note people caught inside where they are; what becomes of them is decided when all is settled."""
        self.settling.move(due, IN_HANDS, due.place)

    # --- inside the EU --------------------------------------------------------------------------------------------

    def _inside(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        picked_up = self.prices.ask(scene, due, COURIER, cause == 0)
        np.add.at(scene.tally.picked_up[scene.day], due.place[picked_up], np.int32(1))
        self.settling.move(due, np.where(picked_up, int(State.ROAD_WEST), int(State.INSIDE)), due.place)
        asks = cause == 2
        if np.count_nonzero(asks):
            n_asking = np.bincount(scene.world.country_of_place[due.place[asks]], minlength=len(COUNTRIES))
            scene.tally.asylum_asked[scene.day] += n_asking
        self._found(scene, due.where((cause == 1) | asks))
        aided = cause == 3
        if np.count_nonzero(aided):
            helped = due.where(aided)
            scene.tally.aid_contacts[scene.day] += len(helped)
            self.settling.help(helped)

    def _found(self, scene: Scene, due: Due) -> None:
        """Count people found inside, as attempts too if they were not counted at the line, and hand them over."""
        if not len(due):
            return
        scene.tally.found_inland[scene.day] += np.bincount(
            scene.world.country_of_place[due.place], minlength=len(COUNTRIES)
        )
        counted = scene.people.population["counted"]
        fresh = due.place[~counted[due.rows]]
        if len(fresh):
            np.add.at(scene.tally.counted[scene.day], fresh, np.int32(1))
        counted[due.rows] = True
        self._caught(due)

    def _on_the_road(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self.settling.move(due, State.WEST, scene.people.cells.nowhere)
        self._found(scene, due.where(lots[_TAKEN] < self.stopped_on_road))

    def _returned(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        lot, network = lots[_TAKEN], scene.network
        carried = (lot < network.carried_elsewhere) & scene.services.enabled  # without services people walk
        leaves = lot < network.leaving[due.place]
        self.settling.hand(due, np.where(carried, _BELARUSIAN, NOBODY))
        self.settling.move(due, State.LINE, np.where(leaves, self._goal[due.at], due.place))

    def _discharged_in_eu(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self._caught(due)

    def _released(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self.settling.move(due, State.ROAD_WEST, due.place)


def _flags(states: tuple[State, ...]) -> NDArray[np.bool_]:
    """Return for each state whether it is one of those named, bool[n_states]."""
    flags = np.zeros(N_STATES, dtype=np.bool_)
    flags[list(states)] = True
    return flags

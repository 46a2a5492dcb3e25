"""What parties do when their act mark is reached: one short rule per state, from the flight to a fate.

Rules work on rows sorted by party. Members of a part share cell, mark and number of moves, so a draw by party
number gives every member the same lot, and rules can work on rows without tables of parties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.attempt import Attempts, resolve
from sim.agents.migrants.due import Due, first_of_party
from sim.agents.migrants.harm import BELARUS, EU, die, injure
from sim.agents.migrants.hazards import Hazards
from sim.agents.minsk_services import in_force
from sim.agents.scene import Scene
from sim.agents.states import Kind, Outcome, State
from sim.agents.tally import HANDLERS
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, draw_all
from sim.world.border import COUNTRIES, TERRAINS

__all__ = ["Journey"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BELARUSIAN = HANDLERS.index("Belarusian")
_CAUSE, _REFUSED, _TAKEN, _TIRED, _WHO, _WHERE, _, _ = range(8)
"""What the lanes of a party's two draws decide: cause, refusal, being stopped or carried, exhaustion; who chooses."""


class Journey:
    """The rules of the journey, by state."""

    def __init__(self, scene: Scene, hazards: Hazards) -> None:
        self.hazards = hazards
        migrants = scene.scenario.migrants
        self.stopped_on_road = float(migrants.stopped_on_road_chance)
        self.carried_elsewhere = float(migrants.carried_elsewhere_chance)
        self.registered_share = float(scene.scenario.observation.registered_in_germany_share)
        self.exhaustion = float(migrants.exhaustion_per_attempt)
        self.drowning = float(scene.scenario.exposure.drowning_chance)
        segments = scene.world.border.segments
        self.wide_river = segments.terrain == TERRAINS.index("river_wide")
        self.country = np.append(scene.world.border.posts.country.astype(np.int64), 0)
        self.custody_share = np.zeros(len(COUNTRIES))
        self.family_factor = np.ones(len(COUNTRIES))
        self._moves: list[tuple[Ints, Floats, Ints, Ints]] = []
        self._in_hands: list[tuple[Ints, Ints, Ints, Ints, Floats]] = []
        self._handled: list[tuple[Ints, Floats, Ints]] = []
        self._helped: list[Due] = []
        self._by_state = {
            State.MINSK: self._from_minsk,
            State.RIDE: self._arrive_at_line,
            State.LINE: self._wish_to_go_back,
            State.CAMP: self._wish_to_go_back,
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
        """Take up the custody policies in force today."""
        ordinal = scene.world.calendar.date_of_day(scene.day).toordinal()
        for number, country in enumerate(COUNTRIES):
            policy = in_force([row for row in scene.scenario.custody if row.country == country], ordinal)
            self.custody_share[number] = 0.0 if policy is None else policy.custody_share
            self.family_factor[number] = 1.0 if policy is None else policy.family_factor

    def act(self, scene: Scene, rows: Ints, grouped: tuple[Ints, Floats, Ints, Ints, Ints]) -> None:
        """Handle everyone whose act mark is reached, and the group crossings started in this hour.

        Parameters
        ----------
        rows : members of whole parties whose mark is reached
        grouped : rows, lots, group numbers, posts and group sizes of people in group crossings
        """
        due = Due.of(scene, rows)
        lots = np.concatenate(
            draw_all(
                scene.seed,
                [
                    (Who.PARTY, due.party, Purpose.CAUSE, due.moves),
                    (Who.PARTY, due.party, Purpose.PLACE, due.moves),
                ],
            )
        )
        attempting = np.zeros(len(due), dtype=bool)
        for state in np.unique(due.state):
            here = due.state == state
            batch = due.where(here)
            cause = (
                self.hazards.pick(int(state), batch.kind, batch.place, lots[_CAUSE][here])
                if int(state) in self.hazards.causes
                else np.zeros(len(batch), dtype=np.int64)
            )
            if state in (State.LINE, State.CAMP):
                tried = scene.people.population["attempts"][batch.rows].astype(np.float64)
                worn_out = lots[_TIRED][here] < 1.0 - np.exp(-self.exhaustion * tried)
                cause = np.where((cause == 0) & worn_out, 1, cause)
                attempting[np.flatnonzero(here)[cause == 0]] = True
                batch, keep = batch.where(cause == 1), cause == 1
                self._by_state[State(state)](scene, batch, cause[keep], lots[:, here][:, keep])
            else:
                self._by_state[State(state)](scene, batch, cause, lots[:, here])
        self._attempt(scene, due.where(attempting), grouped)
        self._settle(scene)

    def _settle(self, scene: Scene) -> None:
        """Decide over those caught, draw injuries, and begin the new stays of this hour, all at once."""
        self._hand_over(scene)
        handled, self._handled = self._handled, []
        if handled:
            injure(scene, *(np.concatenate(column) for column in zip(*handled, strict=True)))
        moves, self._moves = self._moves, []
        if moves:
            rows, fraction, state, place = (np.concatenate(column) for column in zip(*moves, strict=True))
            scene.people.relocate(rows, fraction, state, place, scene.hour, scene.day)
        helped, self._helped = self._helped, []
        for due in helped:
            scene.people.restore_tolerance(due.rows, due.fraction)

    # --- in Belarus -----------------------------------------------------------------------------------------------

    def _move(self, scene: Scene, due: Due, state: Ints | int, place: Ints | int) -> None:
        """Note a new stay; all of an hour begin together in :meth:`_settle`."""
        if len(due):
            shape = due.rows.shape
            to = np.broadcast_to(np.asarray(state, dtype=np.int64), shape)
            self._moves.append((due.rows, due.fraction, to, np.broadcast_to(np.asarray(place, dtype=np.int64), shape)))

    def _from_minsk(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        rides = cause == 0
        post = scene.services.choose_post(scene, lots[_WHO], lots[_WHERE])
        self._move(
            scene,
            due,
            np.where(rides, int(State.RIDE), int(State.GOING_HOME)),
            np.where(rides, post, scene.people.cells.nowhere),
        )

    def _arrive_at_line(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        services = scene.services
        to_camp = services.camp_takes_people & services.near_camp[due.place]
        self._move(
            scene,
            due,
            np.where(to_camp, int(State.CAMP), int(State.LINE)),
            np.where(to_camp, services.camp_post, due.place),
        )

    def _wish_to_go_back(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        refused = (lots[_REFUSED] < scene.services.refuse_return) & (not scene.levers.let_back)
        barred, free = due.where(refused), due.where(~refused)
        scene.tally.refused_back[scene.day] += len(barred)
        self._handled.append((barred.rows, barred.fraction, np.full(len(barred), _BELARUSIAN)))
        self._move(scene, barred, barred.state, barred.place)
        self._move(scene, free, State.GOING_HOME, scene.people.cells.nowhere)

    def _from_centre(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        leaves = cause == 0
        post = scene.services.choose_post(scene, lots[_WHO], lots[_WHERE])
        self._move(
            scene,
            due,
            np.where(leaves, int(State.LINE), int(State.GOING_HOME)),
            np.where(leaves, post, scene.people.cells.nowhere),
        )

    def _discharged_in_belarus(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        if scene.levers.centre_open:
            self._move(scene, due, State.CENTRE, scene.services.camp_post)
        else:
            self._move(scene, due, State.MINSK, scene.people.cells.nowhere)

    def _fly_home(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self._move(scene, due, State.HOME, scene.people.cells.nowhere)

    # --- at the line ----------------------------------------------------------------------------------------------

    def _attempt(self, scene: Scene, alone: Due, grouped: tuple[Ints, Floats, Ints, Ints, Ints]) -> None:
        """Let parties attempt, by themselves and in group crossings, and see how each attempt ends."""
        group_rows, lots, group, group_post, group_people = grouped
        if not len(alone) and not len(group_rows):
            return
        people = scene.people.population
        position = np.argsort(group_rows, kind="stable")
        together = Due.of(scene, group_rows, lots)
        at = position[np.searchsorted(group_rows[position], together.rows)]
        first_alone, first_together = first_of_party(alone.party), first_of_party(together.party)
        size_alone = np.diff(np.append(first_alone, len(alone)))
        size_together = np.diff(np.append(first_together, len(together)))
        leader = at[first_together]
        result = resolve(
            scene,
            Attempts(
                party=np.concatenate((alone.party[first_alone], together.party[first_together])),
                occasion=np.concatenate((alone.moves[first_alone], together.moves[first_together])),
                post=np.concatenate((alone.place[first_alone], group_post[leader])),
                size=np.concatenate((size_alone, size_together)),
                fraction=np.concatenate((alone.fraction[first_alone], together.fraction[first_together])),
                group=np.concatenate((np.full(len(first_alone), -1), group[leader])),
                group_people=np.concatenate((np.zeros(len(first_alone), dtype=np.int64), group_people[leader])),
            ),
        )
        size = np.concatenate((size_alone, size_together))
        due = Due(
            *(
                np.concatenate((getattr(alone, name), getattr(together, name)))
                for name in ("rows", "party", "moves", "state", "kind", "place", "fraction")
            )
        )
        place = np.concatenate((alone.place, group_post[at]))
        outcome = np.repeat(result.outcome, size)
        people["attempts"][due.rows] += np.uint16(1)
        people["counted"][due.rows] = np.repeat(result.counted, size)
        drowned = self._drown(scene, due, np.repeat(result.segment, size), outcome)
        due, place, outcome = due.where(~drowned), place[~drowned], outcome[~drowned]

        stays = outcome <= Outcome.PREVENTED
        self._move(scene, due.where(stays), due.state[stays], place[stays])
        inside = outcome >= Outcome.SEEN_INSIDE
        self._move(scene, due.where(inside), State.INSIDE, place[inside])
        caught = outcome == Outcome.CAUGHT
        self._caught(due.where(caught), place[caught])

    def _drown(self, scene: Scene, due: Due, segment: Ints, outcome: Ints) -> NDArray[np.bool_]:
        """Let some drown in attempts over wide rivers; return who did, bool[n]."""
        drowned = np.zeros(len(due), dtype=bool)
        wet = np.flatnonzero(self.wide_river[segment])
        if len(wet):
            ids = scene.people.population["id"][due.rows[wet]]
            lot, _, _, _ = draw(scene.seed, Who.PERSON, ids, Purpose.RIVER, due.moves[wet])
            drowned[wet] = lot < self.drowning
            side = np.where(outcome[drowned] <= Outcome.PREVENTED, BELARUS, EU)
            die(scene, due.rows[drowned], due.fraction[drowned], side)
        return drowned

    def _caught(self, due: Due, place: Ints) -> None:
        """Note people caught inside; what becomes of them is decided in :meth:`_hand_over`."""
        if len(due):
            self._in_hands.append((due.rows, due.moves, due.kind, place, due.fraction))

    def _hand_over(self, scene: Scene) -> None:
        """Take people caught inside to a guarded centre or return them without procedure, by the policy in force."""
        caught, self._in_hands = self._in_hands, []
        if not caught:
            return
        rows, moves, kind, place, fraction = (np.concatenate(column) for column in zip(*caught, strict=True))
        lot, _, _, _ = draw(scene.seed, Who.PARTY, scene.people.population["party"][rows], Purpose.AFTER_CATCH, moves)
        country = self.country[place]
        share = self.custody_share[country] * np.where(kind == Kind.FAMILY, self.family_factor[country], 1.0)
        heard = lot < share
        np.add.at(scene.tally.custody[scene.day], country[heard], 1)
        np.add.at(scene.tally.returned[scene.day], country[~heard], 1)
        self._handled.append((rows[~heard], fraction[~heard], country[~heard]))
        state = np.where(heard, int(State.CUSTODY), int(State.RETURNING))
        self._moves.append((rows, fraction, state, place))

    # --- inside the EU --------------------------------------------------------------------------------------------

    def _inside(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self._move(scene, due.where(cause == 0), State.ROAD_WEST, due.place[cause == 0])
        asks = cause == 2
        np.add.at(scene.tally.asylum_asked[scene.day], self.country[due.place[asks]], 1)
        found = (cause == 1) | asks
        self._found(scene, due.where(found))
        helped = due.where(cause == 3)
        scene.tally.aid_contacts[scene.day] += len(helped)
        self._move(scene, helped, State.INSIDE, helped.place)
        if len(helped):
            self._helped.append(helped)

    def _found(self, scene: Scene, due: Due) -> None:
        """Count people found inside, as attempts too if they were not counted at the line, and hand them over."""
        if not len(due):
            return
        np.add.at(scene.tally.found_inland[scene.day], self.country[due.place], 1)
        counted = scene.people.population["counted"]
        fresh = ~counted[due.rows]
        np.add.at(scene.tally.counted[scene.day], due.place[fresh], 1)
        counted[due.rows] = True
        self._caught(due, due.place)

    def _on_the_road(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        stopped = lots[_TAKEN] < self.stopped_on_road
        self._found(scene, due.where(stopped))
        arrived = due.where(~stopped)
        ids = scene.people.population["id"][arrived.rows]
        lot, _, _, _ = draw(scene.seed, Who.PERSON, ids, Purpose.OBSERVED, arrived.moves + 1)
        scene.tally.germany[scene.day] += len(arrived)
        scene.tally.germany_registered[scene.day] += int(np.count_nonzero(lot < self.registered_share))
        self._move(scene, arrived, State.WEST, scene.people.cells.nowhere)

    def _returned(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        moved = lots[_TAKEN] < self.carried_elsewhere
        post = scene.services.choose_post(scene, lots[_WHO], lots[_WHERE])
        carried = due.where(moved & scene.services.enabled)  # without services people walk
        self._handled.append((carried.rows, carried.fraction, np.full(len(carried), _BELARUSIAN)))
        self._move(scene, due, State.LINE, np.where(moved, post, due.place))

    def _discharged_in_eu(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self._caught(due, due.place)

    def _released(self, scene: Scene, due: Due, cause: Ints, lots: Floats) -> None:
        self._move(scene, due, State.ROAD_WEST, due.place)

"""What parties do when their time has come, state by state, and what follows from it (rules 6.10 and 6.12.10–11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.agents.states import Kind, Outcome, State
from sim.core.chance import Purpose
from sim.twin.handling import HANDLER_BELARUSIAN, Handled
from sim.twin.luck import in_force
from sim.twin.parties import parts_of
from sim.twin.person import SIDE_BELARUS, SIDE_EU
from sim.world.border import COUNTRIES, TERRAINS

if TYPE_CHECKING:
    from sim.scenario.forces import CustodyPolicy
    from sim.scenario.passage import CustodyPlaces, OrdersToLeave
    from sim.twin.attempts import Attempt
    from sim.twin.model import TwinModel
    from sim.twin.orders import Group
    from sim.twin.parties import Part
    from sim.twin.person import Person

__all__ = ["Journey", "Stay"]

_ATTEMPT, _REST = 0, 2
_PICKED_UP, _COMES_OUT, _AID = 0, 2, 3
_FIRST_CAUSE: Final = 0
_RIDE, _COURIER, _FLIGHT = 0, 1, 2
_POLAND: Final = COUNTRIES.index("PL")
_RIVER: Final = TERRAINS.index("river_wide")


@dataclass(frozen=True)
class Stay:
    """A stay that begins when all of the hour is decided."""

    person: Person
    state: State
    place: int
    fraction: np.float64


class Journey:
    """The acts of one hour: decided first, carried out together at its end."""

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        self.custody: list[CustodyPolicy | None] = [None] * len(COUNTRIES)
        self.full: list[CustodyPlaces | None] = [None] * len(COUNTRIES)
        self.orders_to_leave: OrdersToLeave | None = None
        self.handled: list[Handled] = []
        self.stays: list[Stay] = []
        self.restored: list[tuple[Person, np.float64]] = []

    def start_day(self) -> None:
        """Take up what holds today on custody and orders to leave, and see which countries have no place left."""
        scenario, today = self.twin.scenario, self.twin.date
        self.orders_to_leave = in_force(scenario.orders_to_leave, today)
        for country, code in enumerate(COUNTRIES):
            self.custody[country] = in_force([row for row in scenario.custody if row.country == code], today)
            places = in_force([row for row in scenario.custody_places if row.country == code], today)
            is_full = places is not None and self._n_in_custody(country) >= int(places.places * self.twin.scale)
            self.full[country] = places if is_full else None

    def _n_in_custody(self, country: int) -> int:
        """Return the persons in custody in a country, now."""
        held = [person for person in self.twin.people if person.state is State.CUSTODY]
        return sum(1 for person in held if self.twin.country_of(person.place) == country)

    def act(self, acting: list[Person], groups: list[Group]) -> None:
        """Let parties act at their moments, and group crossings press over the line."""
        self.handled, self.stays, self.restored = [], [], []
        alone = []
        for members in parts_of(acting):
            fraction = members[0].act_fraction
            if self._attempts(members[0]):
                alone.append((members, fraction))
            else:
                self._go_on(members, fraction)
        self._after_attempts(self.twin.attempts.make(alone, groups))
        self.twin.handling.happen(self.handled)
        for stay in self.stays:
            stay.person.begin_stay(stay.state, stay.place, stay.fraction)
        for person, fraction in self.restored:
            person.restore(fraction)

    # --- one party ----------------------------------------------------------------------------------------------------

    def _cause(self, one: Person) -> int:
        """Return by which cause a party acts."""
        return self.twin.hazards.cause(one.cell, one.party_luck(Purpose.CAUSE)[0])

    def _attempts(self, one: Person) -> bool:
        """Return whether a party acts by trying to get over."""
        return one.state in {State.LINE, State.CAMP} and self._cause(one) == _ATTEMPT and not self._is_worn_out(one)

    def _is_worn_out(self, one: Person) -> bool:
        """Return whether a party that would attempt once more gives up instead."""
        scenario = self.twin.scenario
        without_money = 0.0 if one.can_pay(self._price(_COURIER)) else float(scenario.money.hopeless_rate)
        rate = float(scenario.migrants.exhaustion_per_attempt) * np.float64(one.attempts) + without_money
        worn_out_chance = 1.0 - np.exp(-rate)
        return bool(one.party_luck(Purpose.CAUSE)[3] < worn_out_chance)

    def _go_on(self, members: Part, fraction: np.float64) -> None:
        """Decide what a party does that does not try to get over."""
        twin, one = self.twin, members[0]
        place, nowhere = one.place, twin.nowhere
        _, u1, u2, _ = one.party_luck(Purpose.CAUSE)
        match one.state:
            case State.MINSK:
                if self._cause(one) == _FIRST_CAUSE and self._can_pay(members, _RIDE):
                    price = np.float32(self._price(_RIDE))
                    for member in members:
                        member.means = member.means - price
                    self._begin(members, State.RIDE, twin.services.choose_post(one), fraction)
                else:
                    self._begin(members, State.GOING_HOME, nowhere, fraction)
            case State.RIDE:
                if twin.orders.camp_takes_in and twin.orders.is_near_camp(place):
                    self._begin(members, State.CAMP, twin.camp_post, fraction)
                else:
                    self._begin(members, State.LINE, place, fraction)
            case State.LINE if self._cause(one) == _REST:
                self._begin(members, State.MINSK, nowhere, fraction)
                self._recover(members, fraction)
            case State.LINE | State.CAMP:
                self._wish_to_go_back(members, fraction, u1)
            case State.CENTRE:
                if self._cause(one) == _FIRST_CAUSE:
                    self._begin(members, State.LINE, twin.services.choose_post(one), fraction)
                else:
                    self._begin(members, State.GOING_HOME, nowhere, fraction)
            case State.INSIDE:
                self._leave_hiding(members, fraction)
            case State.ROAD_WEST:
                if u2 < float(twin.scenario.migrants.stopped_on_road_chance):
                    self._be_found(members, fraction)
                else:
                    self._reach_germany(members, fraction)
            case State.RETURNING:
                if u2 < float(twin.scenario.migrants.carried_elsewhere_chance) and twin.services.is_on:
                    self._handle(members, HANDLER_BELARUSIAN, fraction)
                if u2 < twin.network.leaving[place]:
                    place = twin.services.choose_post(one)
                self._begin(members, State.LINE, place, fraction)
            case State.HOSPITAL_BELARUS:
                if twin.levers.centre_open:
                    self._begin(members, State.CENTRE, twin.camp_post, fraction)
                else:
                    self._begin(members, State.MINSK, nowhere, fraction)
            case State.HOSPITAL_EU:
                self._be_in_hands(members, place, fraction)
            case State.CUSTODY | State.PROCEDURE:
                self._begin(members, State.ROAD_WEST, place, fraction)
            case State.GOING_HOME:
                goes = self._can_pay(members, _FLIGHT)
                self._begin(members, State.HOME if goes else State.GOING_HOME, nowhere, fraction)
            case _:
                raise AssertionError(f"nobody acts in the state {one.state.name}")

    def _begin(self, members: Part, state: State, place: int, fraction: np.float64) -> None:
        self.stays += [Stay(member, state, place, fraction) for member in members]

    def _handle(self, members: Part, handler: int, fraction: np.float64) -> None:
        self.handled.append(Handled(members, handler, fraction))

    def _recover(self, members: Part, fraction: np.float64) -> None:
        """Let aid or a roof restore a party, once its new stay has begun."""
        self.restored += [(member, fraction) for member in members]

    def _price(self, payment: int) -> float:
        """Return the price of a ride, a courier or a flight, USD a person."""
        money = self.twin.scenario.money
        if not money.enabled:
            return 0.0
        return float((money.ride_usd, money.courier_usd, money.flight_usd)[payment])

    def _can_pay(self, members: Part, payment: int) -> bool:
        """Return whether a part can pay for something, and enter it where it cannot."""
        if members[0].can_pay(self._price(payment)):
            return True
        self.twin.tally.cannot_pay[self.twin.day, payment] += len(members)
        return False

    def _wish_to_go_back(self, members: Part, fraction: np.float64, uniform: np.float64) -> None:
        """Let a party at the line go, or send it back to where it was."""
        twin, one = self.twin, members[0]
        if uniform < twin.services.refuse_return and not twin.levers.let_back:
            twin.tally.refused_back[twin.day] += len(members)
            self._handle(members, HANDLER_BELARUSIAN, fraction)
            self._begin(members, one.state, one.place, fraction)
        else:
            self._begin(members, State.GOING_HOME, twin.nowhere, fraction)

    def _leave_hiding(self, members: Part, fraction: np.float64) -> None:
        """Let a party that hides inside be picked up, found, ask for asylum, or meet an aid group."""
        twin, one = self.twin, members[0]
        cause = self._cause(one)
        if cause == _PICKED_UP:
            fetched = self._can_pay(members, _COURIER)
            if fetched:
                twin.tally.picked_up[twin.day, one.place] += len(members)
            self._begin(members, State.ROAD_WEST if fetched else State.INSIDE, one.place, fraction)
        elif cause == _AID:
            twin.tally.aid_contacts[twin.day] += len(members)
            self._begin(members, State.INSIDE, one.place, fraction)
            self._recover(members, fraction)
        else:
            if cause == _COMES_OUT:
                twin.tally.asylum_asked[twin.day, twin.country_of(one.place)] += len(members)
            self._be_found(members, fraction)

    def _be_found(self, members: Part, fraction: np.float64) -> None:
        """Let a party be found inland; who was not counted at the line is counted now."""
        twin, place = self.twin, members[0].place
        for member in members:
            twin.tally.found_inland[twin.day, twin.country_of(place)] += 1
            if not member.counted:
                twin.tally.counted[twin.day, place] += 1
                member.counted = True
        self._be_in_hands(members, place, fraction)

    def _be_in_hands(self, members: Part, place: int, fraction: np.float64) -> None:
        """Take a party to a guarded centre, or return it without procedure."""
        twin, one = self.twin, members[0]
        country = twin.country_of(place)
        policy = self.custody[country]
        share = 0.0
        if policy is not None:
            share = policy.custody_share * (policy.family_factor if one.kind is Kind.FAMILY else 1.0)
        full = self.full[country]
        is_to_be_held = bool(one.party_luck(Purpose.AFTER_CATCH)[0] < share)
        if is_to_be_held and full is None:
            twin.tally.custody[twin.day, country] += len(members)
            twin.tally.admitted[twin.day, place] += len(members)
            self._begin(members, State.CUSTODY, place, fraction)
            return
        if is_to_be_held and full is not None:
            twin.tally.no_place[twin.day, country] += len(members)
            if full.when_full == "procedure":
                twin.tally.admitted[twin.day, place] += len(members)
                self._begin(members, State.PROCEDURE, place, fraction)
                return
        self._return(members, country, place, fraction)

    def _return(self, members: Part, country: int, place: int, fraction: np.float64) -> None:
        """Return a party without procedure; some hold an order to leave."""
        twin = self.twin
        twin.tally.returned[twin.day, country] += len(members)
        share = self.orders_to_leave.share if self.orders_to_leave is not None else 0.0
        if country == _POLAND and members[0].party_luck(Purpose.OBSERVED)[0] < share:
            twin.tally.orders_to_leave[twin.day] += len(members)
        self._handle(members, country, fraction)
        self._begin(members, State.RETURNING, place, fraction)

    def _reach_germany(self, members: Part, fraction: np.float64) -> None:
        twin = self.twin
        registered_share = float(twin.scenario.observation.registered_in_germany_share)
        for member in members:
            twin.tally.germany[twin.day] += 1
            if member.luck(Purpose.OBSERVED, member.moves + 1)[0] < registered_share:
                twin.tally.germany_registered[twin.day] += 1
        self._begin(members, State.WEST, twin.nowhere, fraction)

    # --- after an attempt ---------------------------------------------------------------------------------------------

    def _after_attempts(self, attempts: list[Attempt]) -> None:
        """Let some drown, and see where the others are afterwards."""
        drowned = [
            (member, attempt.fraction, SIDE_EU if attempt.outcome >= Outcome.CAUGHT else SIDE_BELARUS)
            for attempt in attempts
            for member in attempt.members
            if self._drowns(member, attempt)
        ]
        self.twin.illness.die(drowned)
        for attempt in attempts:
            members = [member for member in attempt.members if member.state is not State.DEAD]
            if not members:
                continue
            if attempt.outcome is Outcome.CAUGHT:
                self._be_in_hands(members, attempt.post, attempt.fraction)
            elif attempt.outcome < Outcome.CAUGHT:
                waits = members[0].state if attempt.post == self.twin.camp_post else State.LINE
                self._begin(members, waits, attempt.post, attempt.fraction)
            else:
                self._begin(members, State.INSIDE, attempt.post, attempt.fraction)

    def _drowns(self, member: Person, attempt: Attempt) -> bool:
        if self.twin.world.border.segments.terrain[attempt.segment] != _RIVER:
            return False
        chance = float(self.twin.scenario.exposure.drowning_chance)
        return bool(member.luck(Purpose.RIVER, member.moves)[0] < chance)

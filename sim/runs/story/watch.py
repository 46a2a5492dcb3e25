"""Watching a run: every change in anybody's row, noted hour by hour, from which a life can be told.

The model is not changed by it and knows nothing of it. What happened is derived from the columns of people before and
after each hour and from the books of that hour; where these leave two readings, the note says so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.hour import NIGHT_COUNT_CLOCK
from sim.agents.states import OUTDOORS, Outcome, State

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["Asked", "Ending", "Manner", "Notes", "Watch"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_WATCHED = ("cell", "party", "moves", "doses", "attempts", "susceptibility")
_BOOKS = ("attempts", "group_attempts", "asylum_asked", "found_inland")
_IN_HANDS = (State.RETURNING, State.CUSTODY, State.PROCEDURE)


class Ending(IntEnum):
    """How an attempt ended, as far as it can be told; the first five are the model's outcomes."""

    TURNED_BACK = Outcome.TURNED_BACK
    PREVENTED = Outcome.PREVENTED
    CAUGHT = Outcome.CAUGHT
    SEEN_INSIDE = Outcome.SEEN_INSIDE
    UNSEEN_INSIDE = Outcome.UNSEEN_INSIDE
    STOPPED_OR_TURNED_BACK = 5
    DROWNED = 6
    NONE = 7


class Manner(IntEnum):
    """Whether an attempt was made by the party's own decision or in a group crossing."""

    OWN = 0
    IN_GROUP = 1
    BESIDE_GROUP = 2
    """A group crossing started there in the same hour; whether the party was part of it cannot be told."""


class Asked(IntEnum):
    """Whether somebody found inside had asked for asylum."""

    NO = 0
    YES = 1
    PERHAPS = 2


@dataclass(frozen=True)
class Notes:
    """Changes of rows, one entry a person and hour, in order of time; each array has n_entries entries.

    Attributes
    ----------
    hour, row : int64, hour of the run and row of the person
    state, place : int64, after the hour
    party, moves, doses, attempts : int64, after the hour
    susceptibility : float32, after the hour
    counted : bool, whether the last attempt was seen and counted
    ill : bool, whether the harm mark had been reached in this hour
    ending, manner, asked : uint8, :class:`Ending` of an attempt made in this hour, :class:`Manner`, :class:`Asked`
    """

    hour: Ints
    row: Ints
    state: Ints
    place: Ints
    party: Ints
    moves: Ints
    doses: Ints
    attempts: Ints
    susceptibility: NDArray[np.float32]
    counted: Flags
    ill: Flags
    ending: NDArray[np.uint8]
    manner: NDArray[np.uint8]
    asked: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)

    def of(self, rows: Ints) -> Notes:
        """Return the entries of some persons."""
        keep = np.isin(self.row, rows)
        return Notes(*(getattr(self, column.name)[keep] for column in fields(self)))


class Watch:
    """Steps a model and notes every change; counts nights and hours outdoors of everyone.

    Attributes
    ----------
    nights, hours_outdoors : int64[n_people], at the line, in the camp, inside or being taken back
    born, ended : int64[n_people], hour of birth; hour in which a final state was reached, or the end so far
    present : bool[n_people], whether still without a final state when the record began, or born later
    """

    def __init__(self, model: StandoffModel) -> None:
        self.model = model
        cells = model.scene.people.cells
        self._outdoors = np.isin(cells.state(np.arange(cells.n, dtype=np.uint16)), OUTDOORS)
        self._final = model.scene.people.final
        self._record_from = model.world.calendar.hour_at(model.scenario.start)
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._joined: Notes | None = None
        self._n_joined = 0
        empty = np.zeros(0, dtype=np.int64)
        self.nights, self.hours_outdoors, self.born, self.ended = empty, empty, empty, empty
        self.present = np.zeros(0, dtype=np.bool_)
        self._grow()
        self._note(np.arange(len(model.people)), self._plain(np.arange(len(model.people))), -1)

    def step(self) -> None:
        """Let one hour of the model pass and note what changed."""
        model, population = self.model, self.model.people
        hour = model.hour
        day = int(model.world.calendar.day_of_hour[hour])
        if hour == self._record_from:
            self.present = ~self._final[model.scene.people.state()]
        before = {name: population.get(name) for name in (*_WATCHED, "act_mark", "harm_mark")}
        books = {name: getattr(model.tally, name)[day].copy() for name in _BOOKS}
        model.step()
        n_before = len(before["cell"])
        changed = np.zeros(n_before, dtype=np.bool_)
        for name in _WATCHED:
            changed |= population[name][:n_before] != before[name]
        self._grow()
        rows = np.flatnonzero(changed)
        if len(rows):
            self._note(rows, self._what_happened(rows, before, books, day), hour)
        newborn = np.arange(n_before, len(population))
        if len(newborn):
            self.born[newborn] = hour
            self.present[newborn] = True
            self._note(newborn, self._plain(newborn), hour)
        self._count(hour, day)

    def notes(self) -> Notes:
        """Return all that was noted so far, in order of time."""
        if self._joined is not None and self._n_joined == len(self._parts):
            return self._joined
        joined: dict[str, Any] = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        cells, cell = self.model.scene.people.cells, joined.pop("cell")
        for name in ("hour", "row", "party", "moves", "doses", "attempts"):
            joined[name] = joined[name].astype(np.int64)
        self._n_joined = len(self._parts)
        self._joined = Notes(state=cells.state(cell), place=cells.place(cell), **joined)
        return self._joined

    # --- the hour ---------------------------------------------------------------------------------------------

    def _grow(self) -> None:
        """Make room for newcomers."""
        n_new = len(self.model.people) - len(self.nights)
        if n_new:
            zeros = np.zeros(n_new, dtype=np.int64)
            for name in ("nights", "hours_outdoors", "born", "ended"):
                setattr(self, name, np.concatenate((getattr(self, name), zeros)))
            self.present = np.concatenate((self.present, np.ones(n_new, dtype=np.bool_)))

    def _count(self, hour: int, day: int) -> None:
        """Count hours and nights outdoors, and the hours until a final state."""
        outdoors = self._outdoors[self.model.people["cell"]]
        self.hours_outdoors += outdoors
        calendar = self.model.world.calendar
        if hour == calendar.hour_at(calendar.date_of_day(day), NIGHT_COUNT_CLOCK):
            self.nights += outdoors
        self.ended[~self._final[self.model.scene.people.state()]] = hour + 1

    def _note(self, rows: Ints, happened: dict[str, NDArray[Any]], hour: int) -> None:
        columns = {name: self.model.people[name][rows] for name in (*_WATCHED, "counted")}
        hours = np.full(len(rows), hour, dtype=np.int32)
        self._parts.append({"hour": hours, "row": rows.astype(np.int32), **columns, **happened})

    @staticmethod
    def _plain(rows: Ints) -> dict[str, NDArray[Any]]:
        """Return that nothing happened to persons who were only born."""
        nothing = np.zeros(len(rows), dtype=np.uint8)
        return {
            "ill": np.zeros(len(rows), dtype=np.bool_), "ending": nothing + np.uint8(Ending.NONE),
            "manner": nothing, "asked": nothing,
        }  # fmt: skip

    def _what_happened(
        self, rows: Ints, before: dict[str, NDArray[Any]], books: dict[str, NDArray[Any]], day: int
    ) -> dict[str, NDArray[Any]]:
        """Return what befell the persons at `rows` in the hour just lived."""
        people = self.model.scene.people
        cell = people.population["cell"][rows]
        state, old_cell = people.cells.state(cell), before["cell"][rows]
        happened = self._plain(rows)
        happened["ill"] = people.harm.after[old_cell] >= before["harm_mark"][rows]
        tried = people.population["attempts"][rows] > before["attempts"][rows]
        if tried.any():
            own_mark = people.act.after[old_cell[tried]] >= before["act_mark"][rows[tried]]
            # whoever died keeps the old place; all others stand where they made the attempt
            place = people.cells.place(cell[tried])
            grouped = self.model.tally.group_attempts[day] - books["group_attempts"]
            happened["manner"][tried] = self._manner(place, own_mark, grouped)
            counted = people.population["counted"][rows[tried]]
            tallied = self.model.tally.attempts[day] - books["attempts"]
            happened["ending"][tried] = self._ending(state[tried], place, counted, tallied)
        found = ~tried & np.isin(state, _IN_HANDS)
        if found.any():
            happened["asked"][found] = self._asked(people.cells.place(cell[found]), books, day)
        return happened

    def _by_post(self, booked: NDArray[np.int32]) -> Ints:
        """Return books by segment summed by place, int64[n_places, …]; nothing happens at the place `nowhere`."""
        first = self.model.world.border.posts.first_segment
        by_post: Ints = np.add.reduceat(booked.astype(np.int64), first, axis=0)
        return np.concatenate((by_post, np.zeros_like(by_post[:1])))

    def _manner(self, place: Ints, own_mark: Flags, group_attempts: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Return the manner of attempts: whose own mark was not reached can only have been in a group crossing."""
        gathered = self._by_post(group_attempts)
        without_mark = np.bincount(place[~own_mark], minlength=len(gathered))
        all_there = np.bincount(place, minlength=len(gathered))
        uncertain = np.where(
            gathered == without_mark, Manner.OWN, np.where(gathered == all_there, Manner.IN_GROUP, Manner.BESIDE_GROUP)
        )
        manner = np.where(own_mark, uncertain[place], int(Manner.IN_GROUP))
        return np.where(gathered[place] > 0, manner, int(Manner.OWN)).astype(np.uint8)

    def _ending(self, state: Ints, place: Ints, counted: Flags, tallied: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Return how attempts ended, from where people are after it, whether counted, and the books of the hour."""
        by_post = self._by_post(tallied)
        stayed = ~np.isin(state, (State.INSIDE, State.DEAD, *_IN_HANDS))
        seen = np.bincount(place[stayed & counted], minlength=len(by_post))
        unclear = np.where(
            by_post[:, Outcome.TURNED_BACK] == 0,
            int(Ending.PREVENTED),
            np.where(
                by_post[:, Outcome.PREVENTED] == seen, int(Ending.TURNED_BACK), int(Ending.STOPPED_OR_TURNED_BACK)
            ),
        )
        ending = np.where(counted, int(Ending.PREVENTED), unclear[place])
        inside = np.where(counted, int(Ending.SEEN_INSIDE), int(Ending.UNSEEN_INSIDE))
        ending = np.where(state == State.INSIDE, inside, ending)
        ending = np.where(np.isin(state, _IN_HANDS), int(Ending.CAUGHT), ending)
        return np.where(state == State.DEAD, int(Ending.DROWNED), ending).astype(np.uint8)

    def _asked(self, place: Ints, books: dict[str, NDArray[Any]], day: int) -> NDArray[np.uint8]:
        """Return whether people found in this hour had asked for asylum: from the country's books of the hour."""
        tally, codes = self.model.tally, self.model.world.border.posts.country
        asked = tally.asylum_asked[day] - books["asylum_asked"]
        found = tally.found_inland[day] - books["found_inland"]
        answer = np.where(asked == 0, int(Asked.NO), np.where(asked == found, int(Asked.YES), int(Asked.PERHAPS)))
        of_place: NDArray[np.uint8] = answer.astype(np.uint8)[np.append(codes.astype(np.int64), 0)[place]]
        return of_place

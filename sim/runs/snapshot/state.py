"""What a run has become: whatever in its model differs from the model as it was built.

Rules keep their state in attributes of the objects that a model is made of. None of them is listed here: the model is
walked from its root, and every attribute that has changed since it was built is state. So nothing that a rule keeps can
be forgotten, and what follows from the scenario alone (geometry, weather, parameters) is never stored: a model built
anew from the scenario has it already. That is also what lets a run go on under a changed scenario.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import StandoffError
from sim.runs.snapshot.forms import Gone, Leaf, decode, encode, is_plain_data

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["Baseline", "SnapshotError", "State", "capture", "restore"]

_GIVEN: Final = (
    "sim.scenario", "sim.world.border", "sim.world.calendar", "sim.world.weather", "sim.world.climate",
    "sim.world.gazetteer", "sim.world.outlines",
)  # fmt: skip
"""Rooms whose objects never change once built."""

Key = tuple[str, str]
"""Path of an object, name of its attribute."""

_DIARY: Final = ("model.diary", "_entries")
_ADDRESSES: Final = frozenset({("model.migrants.hazards", "_seen")})
"""What remembers objects by their address in memory: another process has others, and looks anew."""


class SnapshotError(StandoffError):
    """A snapshot cannot be taken or taken up, with the reason."""


@dataclass
class State:
    """What a run has become at the start of an hour.

    Attributes
    ----------
    hour : the next hour to be stepped
    leaves : forms and arrays of all that changed, by path of the object and name of the attribute
    built : what the model was when it was built, as far as going on needs it
    """

    hour: int
    leaves: dict[Key, Leaf] = field(default_factory=dict)
    built: dict[str, Any] = field(default_factory=dict)


def _is_part(thing: Any) -> bool:
    """Return whether something is an object of the model with a state of its own."""
    kind = type(thing)
    if kind.__module__ == "mesa.datacollection":
        return True
    if kind.__module__.partition(".")[0] != "sim" or kind.__module__.startswith(_GIVEN):
        return False
    if isinstance(thing, type) or not hasattr(thing, "__dict__"):
        return False
    frozen = is_plain_data(thing) and kind.__dataclass_params__.frozen
    return not frozen and not isinstance(thing, int | str)


def _parts_in(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the parts that a value is or holds, with their paths."""
    if _is_part(value):
        yield path, value
    elif isinstance(value, list | tuple | deque):
        for number, item in enumerate(value):
            yield from _parts_in(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _parts_in(item, f"{path}[{key!r}]")


def _parts_of(model: StandoffModel) -> dict[str, Any]:
    """Return all parts of a model by the first path that leads to each."""
    found: dict[str, Any] = {"model": model}
    seen = {id(model)}
    waiting = deque(found.items())
    while waiting:
        path, part = waiting.popleft()
        for name, value in vars(part).items():
            if name == "_entries" and part is model.diary:
                continue  # whoever has an appointment has a better name than its place in the diary
            for inner_path, inner in _parts_in(value, f"{path}.{name}"):
                if id(inner) not in seen:
                    seen.add(id(inner))
                    found[inner_path] = inner
                    waiting.append((inner_path, inner))
    return found


class Baseline:
    """A model as it was built: what its state is told from. To be made before the first hour."""

    def __init__(self, model: StandoffModel) -> None:
        self.parts = _parts_of(model)
        self._path_of = {id(part): path for path, part in self.parts.items()}
        self.leaves = {key: leaf.kept() for key, leaf in self._walk()}
        self.built: dict[str, Any] = {
            "booked": model.diary._made,
            "bookings": _bookings(model, self._path_of),
            "unit_blocks": [int(n) for n in model.scene.guards.capacity],
        }

    def state_of(self, model: StandoffModel) -> State:
        """Return what a model has become since it was built; see :func:`capture`."""
        if model is not self.parts["model"]:  # another one, built alike, and grown since
            there = _parts_of(model)
            self.parts = {path: there[path] for path, part in self.parts.items() if type(there.get(path)) is type(part)}
            self._path_of = {id(part): path for path, part in self.parts.items()}
        state = State(model.hour, built=dict(self.built))
        for key, leaf in self._walk():
            before = self.leaves.get(key)
            if before is not None and leaf.same_as(before):
                continue
            if leaf.given:
                raise SnapshotError(f"{'.'.join(key)} holds {leaf.given[0]}, which no snapshot can keep")
            state.leaves[key] = leaf.kept()
            if before is not None and _shape(leaf) is not None and _shape(leaf) == _shape(before):
                leaf.form = {"!": "same shape", "of": leaf.form}
        return state

    def path_of(self, thing: Any) -> str | None:
        """Return the path of a part of the model, or None."""
        return self._path_of.get(id(thing))

    def _walk(self) -> Iterator[tuple[Key, Leaf]]:
        """Yield every attribute of every part, as it is now; an array of two attributes comes once."""
        arrays: dict[int, Key] = {}
        for path, part in self.parts.items():
            for name, value in vars(part).items():
                key = (path, name)
                if key in _ADDRESSES:
                    continue
                # the diary is a heap, whose inner order is of no account
                leaf = encode(sorted(value) if key == _DIARY else value, self.path_of)
                if isinstance(value, np.ndarray):
                    first = arrays.setdefault(id(value), key)
                    if first != key:
                        leaf.arrays, leaf.form, leaf.owned = [], {"!": "same array", "key": list(first)}, False
                yield key, leaf


def _bookings(model: StandoffModel, path_of: dict[int, str]) -> dict[str, int]:
    """Return how many appointments each sleeper has."""
    count: dict[str, int] = {}
    for _, _, sleeper in model.diary._entries:
        path = path_of[id(sleeper)]
        count[path] = count.get(path, 0) + 1
    return count


def capture(model: StandoffModel, baseline: Baseline) -> State:
    """Return what the model has become since `baseline`.

    Raises
    ------
    SnapshotError
        If something changed that is neither number, text, container, array nor data of the package.
    """
    return baseline.state_of(model)


def _shape(leaf: Leaf) -> tuple[int, ...] | None:
    """Return the shape of a leaf that is one array."""
    return leaf.arrays[0].shape if isinstance(leaf.form, dict) and leaf.form.get("!") == "array" else None


# --- taking a state up again --------------------------------------------------------------------------------------


def restore(model: StandoffModel, state: State) -> Baseline:
    """Make a model that was just built, and not stepped, what the state says; return its baseline.

    The model may be of another scenario than the state: arrays by day are then cut or filled up, units keep their
    numbers within their blocks, and appointments that follow from the scenario are those of the model's own.

    Raises
    ------
    SnapshotError
        If the state is not one of such a model.
    """
    baseline = Baseline(model)
    parts = baseline.parts
    booked, n_booked = list(model.diary._entries), model.diary._made
    own_dated = {path: part._dated for path, part in parts.items() if hasattr(part, "_dated") and hasattr(part, "wake")}

    def part_at(path: str) -> Any:
        if path not in parts:
            raise Gone(path)
        return parts[path]

    aliases: list[tuple[Any, str, Key]] = []
    try:
        for (path, name), leaf in state.leaves.items():
            if path not in parts or (path, name) == _DIARY:
                continue
            form = leaf.form
            if isinstance(form, dict) and form.get("!") == "same array":
                aliases.append((parts[path], name, (form["key"][0], form["key"][1])))
                continue
            fits = isinstance(form, dict) and form.get("!") == "same shape"
            value = decode(form["of"] if fits else form, leaf.arrays, part_at)
            if fits and isinstance(value, np.ndarray):
                value = _fitted(value, getattr(parts[path], name), state, model, of_units=path == "model.scene.guards")
            setattr(parts[path], name, value)
        for part, name, (path, other) in aliases:
            setattr(part, name, getattr(part_at(path), other))
        saved = [] if _DIARY not in state.leaves else _saved_bookings(state, part_at)
    except (ValueError, Gone, AttributeError, KeyError, TypeError) as error:
        raise SnapshotError(f"the snapshot does not fit this version: {error}") from error
    _renew_diary(model, state, saved, booked, n_booked, own_dated, baseline)
    model.world.barriers.restore(model.world.barriers.state())  # delays follow from what stands, at today's minutes
    return baseline


def _fitted(saved: NDArray[Any], fresh: Any, state: State, model: StandoffModel, *, of_units: bool) -> NDArray[Any]:
    """Return a saved array in the shape that this model has for it: what both hold is the saved one's."""
    if not isinstance(fresh, np.ndarray) or saved.shape == fresh.shape or saved.ndim != fresh.ndim:
        return saved
    fitted = fresh.copy()
    blocks: list[int] = state.built["unit_blocks"]
    if of_units and len(saved) == sum(blocks):
        old = new = 0
        for had, has in zip(blocks, model.scene.guards.capacity.tolist(), strict=True):
            n_both = min(had, has)
            fitted[new : new + n_both] = saved[old : old + n_both]
            old, new = old + had, new + has
        return fitted
    both = tuple(slice(0, min(one, two)) for one, two in zip(saved.shape, fresh.shape, strict=True))
    fitted[both] = saved[both]
    return fitted


Booking = tuple[int, int, Any]


def _saved_bookings(state: State, part_at: Any) -> list[Booking]:
    """Return the saved appointments of those who are part of the model."""
    leaf = state.leaves[_DIARY]
    found = []
    for form in leaf.form:
        try:
            found.append(decode(form, leaf.arrays, part_at))
        except Gone:
            continue
    return found


def _renew_diary(
    model: StandoffModel,
    state: State,
    saved: list[Booking],
    booked: list[Booking],
    n_booked: int,
    own_dated: dict[str, deque[Any]],
    baseline: Baseline,
) -> None:
    """Put together the appointments: those made when a model is built are the scenario's, later ones the run's."""
    made_before = int(state.built["booked"])
    own = [entry for entry in booked if entry[0] >= state.hour]
    of_the_run = [(hour, made - made_before + n_booked, who) for hour, made, who in saved if made >= made_before]
    model.diary._made += n_booked - made_before
    pending = {id(who) for *_, who in own + of_the_run}
    late = []
    for hour, made, who in sorted(booked, key=lambda entry: entry[1]):
        path = baseline.path_of(who) or ""
        more = baseline.built["bookings"].get(path, 0) > state.built["bookings"].get(path, 0)
        if hour < state.hour and id(who) not in pending and more and not hasattr(who, "board"):
            late.append((_same_clock(model, hour, state.hour), made, who))  # who joins late begins on the next day
            pending.add(id(who))
    model.diary._entries = own + of_the_run + late
    heapq.heapify(model.diary._entries)
    for path, dated in own_dated.items():
        who = baseline.parts[path]
        hours = [hour for hour, _, sleeper in sorted(booked, key=lambda entry: entry[1]) if sleeper is who]
        acts = deque(dated)
        for hour in hours[: len(acts)]:
            if hour < state.hour:
                acts.popleft()
        who._dated = acts


def _same_clock(model: StandoffModel, hour: int, since: int) -> int:
    """Return the first hour not before `since` that shows the clock of `hour`."""
    clocks = model.world.calendar.hour_of_day
    return since + int(np.argmax(clocks[since:] == clocks[hour]))

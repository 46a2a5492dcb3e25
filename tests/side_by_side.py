"""The fast model and its twin side by side: what is compared, and the first difference found.

At the end of every hour all that the rules of the mass decide must be equal, floats bit for bit: people, units, clocks,
memories, books, barriers. What comes first in a difference is what is worked out first, so that a wrong hazard is
named before the thousand marks that follow from it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import Cells
from sim.model import StandoffModel
from sim.scenario.schema import Scenario
from sim.twin.model import TwinModel
from sim.world.barriers import LAYERS
from sim.world.border import load_border

__all__ = ["Difference", "Tables", "first_difference", "live_together", "tables_of_fast", "tables_of_twin"]

N_POSTS = len(load_border().posts)
CELLS = Cells(N_POSTS)
PERSON_COLUMNS = (
    "id", "party", "cell", "state", "kind", "place", "moves", "doses", "attempts", "origin", "child", "counted",
    "since", "resolve", "susceptibility", "means", "act_mark", "harm_mark",
)  # fmt: skip

Table = dict[str, NDArray[Any]]
Tables = dict[str, tuple[NDArray[np.int64], Table]]
"""Tables by name: the numbers of their rows, and columns by name with one entry a row."""


class Difference(NamedTuple):
    """Where two models part: the end of which hour (−1 is the start), which row, which column, and the values.

    `person` tells of the first person who differs, whatever else does.
    """

    hour: int
    row: str
    column: str
    fast: object
    twin: object
    person: str = ""

    def __str__(self) -> str:
        first = f"end of hour {self.hour}, {self.row}, {self.column}: fast {self.fast!r}, twin {self.twin!r}"
        return f"{first}; {self.person}" if self.person else first


# --- what is compared ---------------------------------------------------------------------------------------------


def tables_of_fast(model: StandoffModel) -> Tables:
    """Return the state of the fast model."""
    scene, get = model.scene, model.people.get
    cell = get("cell")
    people: Table = {name: get(name) for name in PERSON_COLUMNS if name not in {"state", "kind", "place"}}
    people |= {"state": CELLS.state(cell), "kind": CELLS.kind(cell), "place": CELLS.place(cell)}
    guards, order = scene.guards, np.argsort(people["id"])
    units: Table = {"kind": guards.kind, "post": guards.post, "busy_until": guards.busy_until}
    n_units = len(guards.post)
    clocks = {
        f"{slot.name} {name}": getattr(slot, name)
        for slot in (scene.people.act, scene.people.harm)
        for name in ("hazard", "before", "after")
    }
    posts: Table = {
        "memory": guards.memory, "tired": guards.tired, "n_watching": guards.n_watching, "n_free": guards.n_free,
        "favour": scene.services.running * _is_steered(model), "got_on": scene.network.got_on,
        "leaving": scene.network.leaving, "pull": scene.network.running_posts,
    }  # fmt: skip
    network: Table = {
        "tried": scene.network.tried, "got_in": scene.network.got_in, "running": scene.network.running,
        "seen": guards.seen, "focus": guards.focus,
    }  # fmt: skip
    return {
        "cell": (np.arange(CELLS.n), clocks),
        "post": _numbered(posts),
        "segment": _numbered(network | _barriers(model)),
        "person": (people["id"][order], {name: column[order] for name, column in people.items()}),
        "unit": (np.arange(n_units), units),
        **_shared(model),
    }


def tables_of_twin(model: TwinModel) -> Tables:
    """Return the state of the twin, in the columns of the fast model."""
    persons = sorted(model.people, key=lambda person: person.id)
    people: Table = {}
    for name in PERSON_COLUMNS:
        if name == "cell":
            people[name] = np.array([(one.state * 3 + one.kind) * CELLS.n_places + one.place for one in persons])
        else:
            people[name] = np.array([getattr(one, name) for one in persons])
    units = [unit for block in model.guards.blocks for unit in block]
    clocks = {
        f"{clock.name} {name}": getattr(clock, name).ravel()
        for clock in (model.act, model.harm)
        for name in ("hazard", "before", "after")
    }
    posts: Table = {
        "memory": np.array(model.guards.memory), "tired": np.array(model.guards.tired),
        "n_watching": np.array(model.guards.n_watching), "n_free": np.array(model.guards.n_free),
        "favour": np.array(model.services.running) * _is_steered(model), "got_on": np.array(model.network.got_on),
        "leaving": np.array(model.network.leaving), "pull": np.array(model.network.running_posts),
    }  # fmt: skip
    network: Table = {
        "tried": np.array(model.network.tried), "got_in": np.array(model.network.got_in),
        "running": np.array(model.network.running), "seen": np.array(model.guards.seen),
        "focus": np.array(model.guards.focus),
    }  # fmt: skip
    return {
        "cell": (np.arange(CELLS.n), clocks),
        "post": _numbered(posts),
        "segment": _numbered(network | _barriers(model)),
        "person": (people["id"], people),
        "unit": (
            np.arange(len(units)),
            {name: np.array([getattr(unit, name) for unit in units]) for name in ("kind", "post", "busy_until")},
        ),
        **_shared(model),
    }


def _is_steered(model: StandoffModel | TwinModel) -> bool:
    """Return whether the services direct anybody today: if not, what they favour is of no account."""
    scenario, calendar = model.scenario, model.world.calendar
    today = calendar.date_of_day(int(calendar.day_of_hour[max(model.hour - 1, 0)]))
    return scenario.services.enabled and any(row.since <= today for row in scenario.steering)


def _numbered(columns: Table) -> tuple[NDArray[np.int64], Table]:
    longest = max((len(column) for column in columns.values()), default=0)
    return np.arange(longest), columns


def _barriers(model: StandoffModel | TwinModel) -> Table:
    barriers = model.world.barriers
    columns: Table = {"delay": barriers.delay_hours, "detection": barriers.detection_factor}
    for layer, name in enumerate(LAYERS):
        columns |= {f"{name} metres": barriers.built_m[layer], f"{name} integrity": barriers.integrity[layer]}
    return columns


def _shared(model: StandoffModel | TwinModel) -> Tables:
    """Return what both models keep in the same form: the books, and whatever those who deliberate have changed."""
    levers = model.levers
    decided: Table = {
        "seats_open": levers.seats_open, "pinned_share": levers.pinned_share, "covering": levers.covering,
        "response_factor": levers.response_factor, "extra_persons": levers.extra_persons,
        "readiness": model.tension.readiness.ravel(), "pinned": model.pinned_unit_hours.ravel(),
        "home_seats": np.array([levers.home_seats]), "orders": np.array([len(levers.group_orders)]),
    }  # fmt: skip
    books = {f"tally {name}": _numbered({name: array.ravel()}) for name, array in vars(model.tally).items()}
    return {f"decided {name}": _numbered({name: column}) for name, column in decided.items()} | books


# --- how it is compared -------------------------------------------------------------------------------------------


def first_difference(hour: int, fast: Tables, twin: Tables) -> Difference | None:
    """Return the first difference between two states, or None."""
    assert fast.keys() == twin.keys()
    for name in fast:
        difference = _difference_in(name, hour, fast, twin)
        if difference is not None and name != "person":
            person = _difference_in("person", hour, fast, twin)
            told = "no person differs yet" if person is None else f"first person to differ: {person}"
            return difference._replace(person=told)
        if difference is not None:
            return difference
    return None


def _difference_in(table: str, hour: int, fast: Tables, twin: Tables) -> Difference | None:
    """Return the first difference in one table: of persons the first person's, else the first column's."""
    (rows, columns), (other_rows, others) = fast[table], twin[table]
    assert columns.keys() == others.keys()
    if not np.array_equal(rows, other_rows):
        odd = np.setxor1d(rows, other_rows)[0]
        return Difference(hour, f"{table} {odd}", "is there", bool(odd in rows), bool(odd in other_rows))
    found = {name: _unequal(column, others[name]) for name, column in columns.items()}
    unequal = {name: int(where[0]) for name, where in found.items() if where.size}
    if not unequal:
        return None
    column = min(unequal, key=lambda name: unequal[name]) if table == "person" else next(iter(unequal))
    at = unequal[column]
    return Difference(hour, f"{table} {rows[at]}", column, columns[column][at : at + 1], others[column][at : at + 1])


def _unequal(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.intp]:
    """Return where two columns differ: numbers by value, floats bit for bit."""
    if one.size and one.dtype.kind == other.dtype.kind == "f":
        assert one.dtype == other.dtype, f"{one.dtype} against {other.dtype}"
        bits = np.int64 if one.dtype == np.float64 else np.int32
        one, other = np.ascontiguousarray(one).view(bits), np.ascontiguousarray(other).view(bits)
    assert one.shape == other.shape
    return np.flatnonzero(one != other)


def live_together(scenario: Scenario, seed: int = 1) -> tuple[Difference | None, TwinModel]:
    """Run both models until they part or the run ends; return where they part, if they do, and the twin."""
    fast, twin = StandoffModel(scenario, seed), TwinModel(scenario, seed)
    at_start, twin_at_start = tables_of_fast(fast), tables_of_twin(twin)
    people = {"person": at_start["person"]}  # the rest is worked out in hour 0
    difference = first_difference(-1, people, {"person": twin_at_start["person"]})
    while difference is None and twin.hour < twin.world.calendar.n_hours:
        fast.step()
        twin.step()
        difference = first_difference(twin.hour - 1, tables_of_fast(fast), tables_of_twin(twin))
    fast.release()
    twin.release()
    return difference, twin

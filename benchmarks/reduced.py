"""One small rule set told four ways: by the core, by Mesa as usual, by Mesa's bare ``do`` over marks, by mesa-frames.

People walk round a ring of four states. In each hour a person leaves its state with the state's hazard. Nothing else
happens: no parties, no guards, no place, no record but the number of events. All four are asked for the same thing, so
that their cost for a person-hour can be compared; numbers of events agree but for luck and the rounding of hours.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

HAZARDS = (0.01, 0.03, 0.02, 0.02)
"""Chance to leave each state in an hour: 2 % on average, as many events as the steady load has."""


def by_core(n_people: int, hours: int) -> dict[str, float]:
    """Hazards accumulate, marks stand on the timetable, only those due are touched: the engine of this project."""
    from sim.core.chance import Kind, Purpose, compile_draws, draw, exponential
    from sim.core.clocks import Slot
    from sim.core.schedule import Schedule

    compile_draws()  # as the model does for as many people as are compared, where numba is installed
    following = np.roll(np.arange(len(HAZARDS), dtype=np.uint16), -1)
    slot = Slot("ring", len(HAZARDS))
    schedule = Schedule(slot)
    ids = np.arange(n_people)
    cell = (ids % len(HAZARDS)).astype(np.uint16)
    moves = np.zeros(n_people, dtype=np.uint16)
    mark = exponential(draw(1, Kind.TEST, ids, Purpose.MARK, 0)[0])
    began, events = time.process_time(), 0
    for hour in range(hours):
        if hour % 24 == 0:
            schedule.plan(np.tile(np.array(HAZARDS), (24, 1)), cell, mark)
        schedule.advance()
        due = schedule.due()
        left, times = cell.take(due), moves.take(due) + np.uint16(1)
        fraction = slot.fraction(left, mark.take(due))
        new = following.take(left)
        reached = slot.level(new, fraction)
        reached += exponential(draw(1, Kind.TEST, due, Purpose.MARK, times)[0])
        cell[due], moves[due], mark[due] = new, times, reached
        schedule.enter(due, new, reached)
        events += len(due)
    return _cost(began, n_people, hours, events)


def by_mesa(n_people: int, hours: int) -> dict[str, float]:
    """The usual way: every person is an agent and draws a number in every hour."""
    import mesa

    class Walker(mesa.Agent):
        def __init__(self, model: Any, state: int) -> None:
            super().__init__(model)
            self.state = state

        def step(self) -> None:
            if self.random.random() < HAZARDS[self.state]:
                self.state = (self.state + 1) % len(HAZARDS)
                self.model.events += 1  # type: ignore[attr-defined]

    return _walk(Walker, lambda model, number: Walker(model, number % len(HAZARDS)), n_people, hours)


def by_marks(n_people: int, hours: int) -> dict[str, float]:
    """Mesa's bare ``do`` over agents that hold marks, as those of the twin do: the least that its way can cost."""
    import mesa

    class Walker(mesa.Agent):
        def __init__(self, model: Any, state: int) -> None:
            super().__init__(model)
            self.state = state
            self.mark = model.random.expovariate(1.0)

        def step(self) -> None:
            level = self.model.level[self.state]  # type: ignore[attr-defined]
            if level >= self.mark:
                self.state = (self.state + 1) % len(HAZARDS)
                self.mark = self.model.level[self.state] + self.random.expovariate(1.0)  # type: ignore[attr-defined]
                self.model.events += 1  # type: ignore[attr-defined]

    return _walk(Walker, lambda model, number: Walker(model, number % len(HAZARDS)), n_people, hours)


def _walk(kind: Any, make: Any, n_people: int, hours: int) -> dict[str, float]:
    """Step a Mesa model of walkers."""
    import mesa

    class Ring(mesa.Model):
        def __init__(self) -> None:
            super().__init__(rng=1)
            self.events = 0
            self.level = [0.0] * len(HAZARDS)
            for number in range(n_people):
                make(self, number)

        def step(self) -> None:
            self.level = [level + hazard for level, hazard in zip(self.level, HAZARDS, strict=True)]
            self.agents.do("step")

    model = Ring()
    began = time.process_time()
    for _ in range(hours):
        model.step()
    cost = _cost(began, n_people, hours, model.events)
    model.remove_all_agents()  # type: ignore[no-untyped-call]
    mesa.Agent._ids.pop(model, None)
    return cost


def by_mesa_frames(n_people: int, hours: int) -> dict[str, float] | None:
    """The usual way in a data frame: all persons draw a number in every hour at once; None without the package."""
    try:
        import mesa_frames
        import polars as pl
    except ImportError:
        return None

    class Walkers(mesa_frames.AgentSetPolars):  # type: ignore[misc]
        def __init__(self, model: Any) -> None:
            super().__init__(model)
            state = np.arange(n_people) % len(HAZARDS)
            self += pl.DataFrame({"unique_id": np.arange(n_people), "state": state})
            self.events = 0

        def step(self) -> None:
            state = self.agents["state"].to_numpy()
            leaves = self.model.random.random(len(state)) < hazards[state]
            self.agents = self.agents.with_columns(
                pl.Series("state", np.where(leaves, (state + 1) % len(HAZARDS), state))
            )
            self.events += int(np.count_nonzero(leaves))

    class Ring(mesa_frames.ModelDF):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(1)
            self.walkers = Walkers(self)
            self.agents += self.walkers

        def step(self) -> None:
            self.agents.do("step")

    hazards = np.array(HAZARDS)
    model = Ring()
    began = time.perf_counter()  # polars works with several threads: only the wall is fair to count
    for _ in range(hours):
        model.step()
    seconds = time.perf_counter() - began
    events = next(iter(model.agents._agentsets)).events
    return {
        "ns_per_person_hour": 1e9 * seconds / (n_people * hours),
        "events_per_person_hour": events / (n_people * hours),
    }


def _cost(began: float, n_people: int, hours: int, events: int) -> dict[str, float]:
    person_hours = n_people * hours
    seconds = time.process_time() - began
    return {"ns_per_person_hour": 1e9 * seconds / person_hours, "events_per_person_hour": events / person_hours}

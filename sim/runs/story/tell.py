"""A run is lived through again, watched, and what befell one person is told.

Chance is a function of who, what and when, so a run of the same scenario and seed is the same run; that it was is
checked against the tables of the results folder. A life told here is invented and marked so, see ``docs/ethics.md``.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.runs.results import read_manifest, recorded_people, refuse, scenario_of
from sim.runs.story.choose import CHOICES, StoryError, choose_person, find_person
from sim.runs.story.events import events_of, nights_of, party_of
from sim.runs.story.life import Story
from sim.runs.story.watch import Watch

if TYPE_CHECKING:
    from sim.model import StandoffModel

__all__ = ["story_of", "tell"]


def _check_same_run(folder: Path, model: StandoffModel, recorded: dict[str, list[int]]) -> None:
    """Refuse to tell a story of a run that went another way than the one in the folder."""
    for day, people in recorded.items():
        agents = model.tally.people[model.world.calendar.day_of(date.fromisoformat(day))]
        lived = (agents.astype(np.int64) * model.scenario.people_per_agent).tolist()
        if lived != people:
            found = f"other people by state on {day} than the same scenario and seed give here"
            raise refuse(folder, found, "the rules have changed since; run anew, then tell its story")


def story_of(watch: Watch, row: int, why: str = "") -> Story:
    """Return the story of the person at `row` of a run watched from its first hour."""
    model = watch.model
    party, rows = party_of(model, row)
    notes = watch.notes().of(rows)
    return Story(
        scenario=model.scenario.name,
        seed=model.seed,
        calendar=model.world.calendar,
        person=int(model.people["id"][row]),
        ordinal=row + 1,
        n_people=len(model.people),
        people_per_agent=model.scenario.people_per_agent,
        why=why,
        party=party,
        own=int(row - rows[0]),
        events=events_of(model, notes, row, rows),
        nights=nights_of(model, notes, row),
        n_hours=model.hour,
        n_days=float(watch.ended[row] - watch.born[row]) / 24.0,
        attempts=int(model.people["attempts"][row]),
    )


def tell(folder: str | Path, person: int | None = None, choose: str = "typical", *, progress: bool = False) -> Story:
    """Return the story of one life of a run.

    Parameters
    ----------
    folder : results folder written by ``standoff run``, or its ``manifest.json``
    person : number of a person, or position among the run's people from 1; chosen by `choose` if not given
    choose : ``typical`` or ``longest``, see :func:`choose_person`
    progress : whether to show a progress bar on stderr

    Raises
    ------
    ResultsError
        If the folder is damaged or foreign, of another version or other rules.
    StoryError
        If it has no such person.
    """
    if choose not in CHOICES:
        raise StoryError(f"choose: found {choose!r}; must be one of: {', '.join(CHOICES)}")
    where, what = read_manifest(Path(folder))
    scenario = scenario_of(where, what)
    recorded = recorded_people(where, what)
    from sim.model import StandoffModel

    watch = Watch(StandoffModel(scenario, what["seed"]))
    _live(watch, progress)
    _check_same_run(where, watch.model, recorded)
    row, why = choose_person(watch, choose) if person is None else (find_person(watch.model, person), "")
    return story_of(watch, row, why)


def _live(watch: Watch, progress: bool) -> None:
    """Step a watched model to its end, with a progress bar by days if wanted."""
    calendar = watch.model.world.calendar
    from tqdm import tqdm

    bar = tqdm(total=calendar.n_days, unit="day", desc="living it again", leave=False, file=sys.stderr,
               disable=not progress)  # fmt: skip
    with bar:
        for day in range(calendar.n_days):
            for _ in range(int(calendar.first_hour_of_day[day]), int(calendar.first_hour_of_day[day + 1])):
                watch.step()
            bar.update()

"""One simulated life as text: a run is lived through again, watched, and what befell one person told.

Chance is a function of who, what and when, so a run of the same scenario and seed is the same run; that it was is
checked against the tables of the results folder. A life told here is invented and marked so, see ``docs/ethics.md``.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.agents.states import STATE_NAMES
from sim.errors import ScenarioError, StandoffError
from sim.limits import LIMITS
from sim.runs.story_events import Event, Night, Party, events_of, nights_of, party_of
from sim.runs.story_text import CLOSING, TITLE, compose
from sim.runs.story_watch import Watch
from sim.scenario.load import load_scenario
from sim.scenario.resolved import scenario_hash
from sim.world.calendar import Calendar

if TYPE_CHECKING:
    from sim.model import StandoffModel
    from sim.scenario.schema import Scenario

__all__ = ["CHOICES", "Story", "StoryError", "choose_person", "story_of", "tell"]

CHOICES: Final = ("typical", "longest")
_FINAL: Final = ("west", "home", "dead")
_LARGEST_MANIFEST: Final = 20_000_000


class StoryError(StandoffError):
    """A story cannot be told: the folder is no whole results folder, of another model, or has no such person."""


@dataclass(frozen=True)
class Story:
    """One simulated life.

    Attributes
    ----------
    scenario, seed, calendar : of the run
    person, ordinal, n_people : number of the person; position among the run's people, from 1, and how many they are
    why : why this person was chosen, empty where the person was named
    party, own : the party as it set out, and the person's position in it
    events : what happened, in order of time
    nights : nights outdoors, in order of time
    n_hours : hours of the run
    n_days : days from landing, or from the start, to a final state or the end of the run
    attempts : attempts made, those before the run included
    """

    scenario: str
    seed: int
    calendar: Calendar
    person: int
    ordinal: int
    n_people: int
    why: str
    party: Party
    own: int
    events: tuple[Event, ...] = field(repr=False)
    nights: tuple[Night, ...] = field(repr=False)
    n_hours: int
    n_days: float
    attempts: int

    def text(self) -> str:
        """Return the story to be read, with the limits of the model at top and bottom."""
        return compose(self)

    def state_at(self, hour: int) -> str:
        """Return the name of the person's state at the end of an hour."""
        own = [e for e in self.events if e.hour <= hour and e.kind not in ("companion_died", "parted", "rejoined")]
        return own[-1].to_state if own else ""

    def is_final_at(self, hour: int) -> bool:
        """Return whether the person has reached a final state by the end of an hour."""
        return self.state_at(hour) in _FINAL

    def json_lines(self) -> Iterator[str]:
        """Yield the story as JSON lines: what it is first, then an event a line, the closing words last."""
        about = {
            "simulated": TITLE, "limits": list(LIMITS), "scenario": self.scenario, "seed": self.seed,
            "person": self.person, "ordinal": self.ordinal, "party": asdict(self.party), "own": self.own,
            "attempts": self.attempts, "nights_outdoors": len(self.nights),
        }  # fmt: skip
        yield json.dumps(about, ensure_ascii=False)
        for event in self.events:
            when = self.calendar.local(max(event.hour, 0)).strftime("%Y-%m-%dT%H:00%z")
            yield json.dumps({"about": when, **asdict(event)}, ensure_ascii=False)
        yield json.dumps({"simulated": CLOSING}, ensure_ascii=False)


# ---------------------------------------------------------------- the results folder


def _refuse(place: Path, found: str, allowed: str) -> StoryError:
    return StoryError(f"{place}: found {found}; {allowed}")


def _read_manifest(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the results folder and the *what* of its manifest, whole and of this model."""
    wanted = "a story needs a results folder written by `standoff run`, or its manifest.json"
    path = folder if folder.name == "manifest.json" and not folder.is_dir() else folder / "manifest.json"
    try:
        if not path.is_file():
            raise _refuse(folder, "no manifest.json" if folder.is_dir() else "no results folder", wanted)
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise _refuse(path, f"{path.stat().st_size / 1e6:,.0f} MB", wanted)
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refuse(path, f"a file that cannot be read ({error.strerror or error})", wanted) from error
    except (ValueError, RecursionError) as error:
        raise _refuse(path, "text that is not JSON", wanted) from error
    what = manifest.get("what") if isinstance(manifest, dict) else None
    if not isinstance(what, dict) or what.get("model") != "border-standoff":
        raise _refuse(path, "a manifest of something else", wanted)
    if what.get("version") != __version__:
        found = f"a run of version {what.get('version')}"
        raise _refuse(path, found, f"this is {__version__}; tell its story with the version that ran it, or run anew")
    if not (isinstance(what.get("scenario"), dict) and type(what.get("seed")) is int and 0 <= what["seed"] < 2**63):
        raise _refuse(path, "no resolved scenario with a seed", f"{wanted} (one run, not many)")
    canonical = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if hashlib.sha256(canonical.encode()).hexdigest() != manifest.get("what_hash"):
        raise _refuse(path, "a manifest that was changed after it was written", "its hash must fit; run anew")
    return path.parent, what


def _scenario_of(path: Path, what: dict[str, Any]) -> Scenario:
    """Return the resolved scenario of a manifest.

    Raises
    ------
    StoryError
        If it does not load, or loads to something else.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "scenario.json"
        copy.write_text(json.dumps(what["scenario"], ensure_ascii=False), encoding="utf-8")
        try:
            scenario = load_scenario(copy)
        except ScenarioError as error:
            first = str(error.problems[0]).replace(str(copy), "its scenario")
            raise _refuse(path / "manifest.json", "a scenario that does not load", first) from error
    if scenario_hash(scenario) != what.get("scenario_hash"):
        raise _refuse(path / "manifest.json", "a scenario that loads to another one", "run anew with this version")
    return scenario


def _recorded_people(folder: Path, what: dict[str, Any]) -> dict[str, list[int]]:
    """Return people by state at the end of each recorded day, by ISO date, from the tables of the folder."""
    path = folder / "tables" / "daily.csv"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refuse(path, "no such table", "a results folder is whole or none; run anew") from error
    files = what.get("files")
    if not isinstance(files, dict) or hashlib.sha256(content).hexdigest() != files.get("tables/daily.csv"):
        raise _refuse(path, "a table that was changed after it was written", "its hash must be that of the manifest")
    rows = csv.DictReader(content.decode("utf-8", errors="replace").splitlines())
    try:
        return {row["day"]: [int(float(row[f"people_{name}"])) for name in STATE_NAMES] for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise _refuse(path, "a table without people by state", "run anew with this version") from error


def _check_same_run(folder: Path, model: StandoffModel, recorded: dict[str, list[int]]) -> None:
    """Refuse to tell a story of a run that went another way than the one in the folder."""
    for day, people in recorded.items():
        lived = model.tally.people[model.world.calendar.day_of(date.fromisoformat(day))].tolist()
        if lived != people:
            found = f"other people by state on {day} than the same scenario and seed give here"
            raise _refuse(folder, found, "the rules have changed since; run anew, then tell its story")


# ---------------------------------------------------------------- whose life


def choose_person(watch: Watch, choose: str) -> tuple[int, str]:
    """Return the row of the person chosen and why, among those present when the record began or born later.

    ``typical``: nearest to the medians of attempts, nights outdoors and days, each difference divided by the mean
    difference; ``longest``: most hours outdoors. Ties go to the lowest number.

    Raises
    ------
    StoryError
        If there is nobody.
    """
    population = watch.model.people
    rows = np.flatnonzero(watch.present)
    if not len(rows):
        raise StoryError("story: found nobody in the recorded days of this run; choose another run")
    ids = population["id"][rows]
    among = f"of {len(rows):,} people who were there in the recorded days or came in them"
    if choose == "longest":
        hours = watch.hours_outdoors[rows]
        best = np.lexsort((ids, -hours))[0]
        why = f"Chosen for the longest time outdoors, {hours[best] / 24.0:,.0f} days, {among}."
        return int(rows[best]), why
    columns: list[NDArray[np.float64]] = [
        population["attempts"][rows].astype(np.float64),
        watch.nights[rows].astype(np.float64),
        (watch.ended - watch.born)[rows] / 24.0,
    ]
    medians = [float(np.median(column)) for column in columns]
    far = np.zeros(len(rows))
    for column, median in zip(columns, medians, strict=True):
        off = np.abs(column - median)
        far += off / max(float(off.mean()), 1e-9)
    best = np.lexsort((ids, far))[0]
    attempts, nights, days = (f"{median:,.0f}" for median in medians)
    why = (
        f"Chosen as typical: {among}, the nearest to the medians of attempts ({attempts}), nights outdoors ({nights}) "
        f"and days ({days})."
    )
    return int(rows[best]), why


def _find_person(model: StandoffModel, person: int) -> int:
    """Return the row of a person given by number, or by position among the run's people (from 1)."""
    rows = np.flatnonzero(model.people["id"] == person)
    if len(rows):
        return int(rows[0])
    if 1 <= person <= len(model.people):
        return person - 1
    raise StoryError(f"PERSON: found {person}; must be 1 to {len(model.people):,}, or a person's number")


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
    StoryError
        If the folder is damaged or foreign, of another version or other rules, or has no such person.
    """
    if choose not in CHOICES:
        raise StoryError(f"choose: found {choose!r}; must be one of: {', '.join(CHOICES)}")
    where, what = _read_manifest(Path(folder))
    scenario = _scenario_of(where, what)
    recorded = _recorded_people(where, what)
    from sim.model import StandoffModel

    watch = Watch(StandoffModel(scenario, what["seed"]))
    _live(watch, progress)
    _check_same_run(where, watch.model, recorded)
    row, why = choose_person(watch, choose) if person is None else (_find_person(watch.model, person), "")
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

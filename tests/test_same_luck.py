"""The same luck: what two runs share to the last bit, and what must not matter, tried on small worlds."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats
from small import arrays_of, digest_of, small_model, variant

from sim.agents.migrants import arrivals
from sim.core import chance, schedule
from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.scenario.resolved import scenario_hash

KUZNICA = "kuznica-8-november"
FIRST = date(2021, 11, 8)
CROWD = 0.05
"""Share of the people where a test needs more of them: some hundred at the start."""
A_DAY: dict[str, Any] = {"until": FIRST, "migrants__people_scale": CROWD}


def record_and_chronicle(model: StandoffModel) -> tuple[xr.Dataset, list[tuple[object, ...]]]:
    """Return all that a model has to tell."""
    return make_record(model), [tuple(row) for row in chronicle_table(model).itertuples()]


def differing(one: StandoffModel, other: StandoffModel) -> set[str]:
    """Return the paths of arrays in which two models differ."""
    ours, theirs = arrays_of(one), arrays_of(other)
    assert ours.keys() == theirs.keys()
    return {path for path, array in ours.items() if not same(array, theirs[path])}


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


# ---------------------------------------------------------------- the same luck


def test_the_same_seed_gives_the_same_record_and_another_seed_another() -> None:
    first, again, other = (small_model(KUZNICA, seed, **A_DAY) for seed in (1, 1, 2))
    for model in (first, again, other):
        model.run()
    assert differing(first, again) == set()
    record, chronicle = record_and_chronicle(first)
    record_again, chronicle_again = record_and_chronicle(again)
    assert record.identical(record_again)
    assert chronicle == chronicle_again
    record_other, _ = record_and_chronicle(other)
    for name in ("attempts", "people", "temperature_c", "arrivals"):
        assert not record[name].equals(record_other[name]), name


def test_machine_code_draws_the_same_lots_as_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = []
    for long_run in (10**9, 1):  # the first is too short to be worth it, the second is not
        monkeypatch.setattr(chance, "_fill", None)
        monkeypatch.setattr("sim.model._LONG_RUN_H", long_run)
        model = small_model(KUZNICA, 1, **A_DAY)
        assert (chance._fill is not None) == (long_run == 1)
        model.run()
        lived.append(model)
    assert differing(*lived) == set()


def test_many_people_are_worth_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "_fill", None)
    small_model(KUZNICA, 1, **A_DAY)
    assert chance._fill is None
    monkeypatch.setattr("sim.model._MANY_PEOPLE", 10)
    small_model(KUZNICA, 1, **A_DAY)
    assert chance._fill is not None


def test_the_scenario_gives_the_seed_when_none_is_given() -> None:
    model = small_model(KUZNICA, until=FIRST)
    assert StandoffModel(model.scenario).seed == model.scenario.seed == 20211112


def test_weather_and_travellers_of_a_day_do_not_depend_on_when_the_run_began() -> None:
    """Draws go by absolute hours and days: the same people land on 3 October under the same sky."""
    early, late = (small_model(start=day, until=date(2021, 10, 4), migrants__people_scale=0.2)
                   for day in (date(2021, 10, 1), date(2021, 10, 3)))  # fmt: skip
    landed = []
    for model in (early, late):
        model.run(model.world.calendar.hour_at(date(2021, 10, 3)))
        before = len(model.people)
        model.run()
        landed.append(model.people["id"][before:])
    assert len(landed[0]) > 100
    assert np.array_equal(landed[0], landed[1])
    hours = late.world.calendar.n_hours
    assert np.array_equal(early.world.weather.temperature_c[-hours:], late.world.weather.temperature_c)
    assert np.array_equal(early.world.darkness[-hours:], late.world.darkness)


def test_a_run_in_pieces_is_the_run_at_once() -> None:
    """Nothing is kept but what the model holds: stopping, looking and measuring in between leave no trace."""
    settings: dict[str, Any] = {"until": date(2021, 11, 9), "migrants__people_scale": CROWD}
    at_once, in_pieces = (small_model(KUZNICA, **settings) for _ in range(2))
    at_once.run()
    for hour in (1, 7, 7, 3, 24, 31):
        in_pieces.run(hour)
        make_record(in_pieces)
        chronicle_table(in_pieces)
        in_pieces.people_at_the_line()
        in_pieces.seen_attempts_by_post()
        arrays_of(in_pieces)
    in_pieces.run()
    assert in_pieces.hour == at_once.hour == 48
    assert differing(at_once, in_pieces) == set()
    assert in_pieces.chronicle == at_once.chronicle


REMOVED = {
    "a group crossing": ('actor = "Minsk"', "group_crossing", 17),
    "a reinforcement that changes the mood": ('actor = "Warsaw"', "reinforce", 12),
    "a closed crossing": ('actor = "Warsaw"', "close_crossing", 7),
}
"""Acts of 9 November: whose, of what kind, and at what hour of the day the first of them is."""


@pytest.mark.parametrize(("actor", "kind", "clock"), REMOVED.values(), ids=REMOVED.keys())
def test_two_scenarios_are_identical_until_their_first_difference(
    tmp_path: Path, actor: str, kind: str, clock: int
) -> None:
    path = variant(tmp_path, f'[without]\naction = [{{ {actor}, kind = "{kind}", day = 2021-11-09 }}]\n')
    settings: dict[str, Any] = {"until": date(2021, 11, 10), "migrants__people_scale": CROWD}
    base, changed = small_model(KUZNICA, **settings), small_model(path, **settings)
    assert len(changed.scenario.action) < len(base.scenario.action)
    for hour in (0, 12, 24 + clock):
        base.run(hour)
        changed.run(hour)
        assert differing(base, changed) == set()
    base.step()
    changed.step()
    assert base.chronicle != changed.chronicle


def test_weather_that_differs_later_changes_nothing_before(tmp_path: Path) -> None:
    """Without the spell of 9 to 11 November every person is untouched until that day."""
    path = variant(tmp_path, "[without]\nspell = [{ first = 2021-11-09 }]\n")
    settings: dict[str, Any] = {"until": date(2021, 11, 9), "migrants__people_scale": 0.2}
    base, changed = small_model(KUZNICA, **settings), small_model(path, **settings)
    for model in (base, changed):
        model.run(12)  # days are joined smoothly, from afternoon to morning
    ahead = (".weather.", "_schedule.", "hazards._by_hour")  # what the day will bring is known, and moves nobody yet
    assert not {path for path in differing(base, changed) if not any(name in path for name in ahead)}
    for model in (base, changed):
        model.run()
    assert base.people.get("harm_mark").tobytes() != changed.people.get("harm_mark").tobytes()


# ---------------------------------------------------------------- what must not matter


@pytest.mark.parametrize(
    ("changes", "switch"),
    [
        ('[without]\ndrill = "all"\n', {"drills__pins_watchers": False}),
        ('[without]\ndrill = "all"\n', {"drills__enabled": False}),
        ('[without]\ncontingent = "all"\n', {"engineers__enabled": False}),
        ('[without]\naction = "all"\n', {"governments__reacts": False}),
    ],
    ids=["pinning without drills", "drills without drills", "engineers without contingents", "no reactions yet"],
)
def test_a_switch_of_what_is_not_there_changes_nothing(tmp_path: Path, changes: str, switch: dict[str, Any]) -> None:
    path = variant(tmp_path, changes)
    settings: dict[str, Any] = {"until": date(2021, 11, 9), "migrants__people_scale": CROWD}
    plain, switched = small_model(path, **settings), small_model(path, **settings, **switch)
    assert scenario_hash(plain.scenario) != scenario_hash(switched.scenario)
    plain.run()
    switched.run()
    assert differing(plain, switched) == set()


def test_observers_look_and_do_not_touch() -> None:
    """What share of deaths is found and of arrivals registered changes these two counts and nothing else."""
    settings: dict[str, Any] = {
        "until": date(2021, 11, 10), "migrants__people_scale": 0.1, "exposure__harm_per_day": 0.2,
        "exposure__death_chance": 0.3,
    }  # fmt: skip
    shares = ("observation__deaths_found_share", "observation__registered_in_germany_share")
    blind, watchful = (small_model(KUZNICA, 1, **settings, **dict.fromkeys(shares, share)) for share in (0.0, 1.0))
    blind.run()
    watchful.run()
    assert {path.rpartition(".")[2] for path in differing(blind, watchful)} == {"deaths_found", "germany_registered"}
    assert not blind.tally.deaths_found.any()
    assert not blind.tally.germany_registered.any()
    assert np.array_equal(watchful.tally.deaths_found, watchful.tally.deaths)
    assert np.array_equal(watchful.tally.germany_registered, watchful.tally.germany)


# ---------------------------------------------------------------- a spin-up is the run before


def test_november_opens_with_the_very_people_of_the_crisis() -> None:
    """Both begin on 1 August, so every column of every person is equal at midnight of 8 November, and after."""
    opening, crisis = small_model("standoff-november-2021"), small_model("crisis-2021", until=date(2021, 11, 30))
    midnight = opening.world.calendar.hour_at(FIRST)
    assert midnight == crisis.world.calendar.hour_at(FIRST) == 99 * 24 + 1
    opening.run(midnight)
    crisis.run(midnight)
    assert len(opening.people) == len(crisis.people) > 300
    for column in crisis.people.columns:
        assert np.array_equal(opening.people[column.name], crisis.people[column.name]), column.name
    assert differing(opening, crisis) == set()
    assert opening.people["attempts"].max() > 1, "with their attempts behind them"
    assert opening.world.barriers.km_by_country_layer().sum() > 100, "and the fence that had been built"
    opening.run(midnight + 24)
    assert make_record(opening)["day"].dt.strftime("%Y-%m-%d").values.tolist() == ["2021-11-08"]


# ---------------------------------------------------------------- how it is worked out does not matter


def test_the_size_of_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "_fill", None)
    usual, blocks = small_model(KUZNICA, **A_DAY), small_model(KUZNICA, **A_DAY)
    usual.run()
    for module in (chance, schedule):
        monkeypatch.setattr(module, "_BLOCK", 7)
    blocks.run()
    assert differing(usual, blocks) == set()


def test_models_that_live_at_the_same_time_in_threads_live_as_they_would_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is kept for speed is shared: one model lives on while another is amid a draw or a plan."""

    def give_way(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def after_others(*args: Any) -> Any:
            time.sleep(1e-5)
            return function(*args)

        return after_others

    seeds = (1, 2, 3)
    alone, together = ([small_model(KUZNICA, seed, **A_DAY) for seed in seeds] for _ in range(2))
    for model in alone:
        model.run()
    monkeypatch.setattr(chance, "_fill", None)
    monkeypatch.setattr(chance, "philox", give_way(chance.philox))
    monkeypatch.setattr(schedule.Schedule, "_step_reached", give_way(schedule.Schedule._step_reached))
    with ThreadPoolExecutor(len(seeds)) as threads:
        list(threads.map(StandoffModel.run, together))
    for one, other in zip(alone, together, strict=True):
        assert differing(one, other) == set()


ELSEWHERE = f"""
import datetime
from small import digest_of, small_model
model = small_model({KUZNICA!r}, **{A_DAY!r})
model.run()
print(digest_of(model))
"""


def test_another_process_with_other_numbers_of_threads_and_other_hashes_lives_the_same_day() -> None:
    elsewhere = {**os.environ, "PYTHONHASHSEED": "2021"}
    elsewhere |= {f"{library}_NUM_THREADS": "3" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")}
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], cwd=Path(__file__).parent, env=elsewhere, capture_output=True, text=True,
        check=True, timeout=300,
    )  # fmt: skip
    here = small_model(KUZNICA, **A_DAY)
    here.run()
    assert ran.stdout.split() == [digest_of(here)]


def test_a_draw_of_another_purpose_leaves_all_others_as_they_were() -> None:
    plain, curious = small_model(KUZNICA, **A_DAY), small_model(KUZNICA, **A_DAY)
    plain.run()
    while curious.hour < curious.world.calendar.n_hours:
        ids = curious.people["id"]
        chance.draw(curious.seed, chance.Kind.TEST, ids, chance.Purpose.MARK, curious.hour)
        curious.step()
    assert differing(plain, curious) == set()


def test_other_numbers_of_persons_leave_the_distribution_of_fates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody present at the start gets another number: other lucks, the same chances of where parties end up.

    Nobody directs group crossings here, since those who cross in one group share their fate.
    """
    ended = np.zeros((2, 16))
    for seed in (1, 2):
        for arm, route in enumerate((128, 200)):
            monkeypatch.setattr(arrivals, "_INITIAL_ROUTE", route)
            model = small_model(KUZNICA, seed, until=FIRST, migrants__people_scale=0.5, services__enabled=False)
            model.run()
            heads = model.people["id"] == model.people["party"]
            ended[arm] += np.bincount(model.scene.people.state()[heads], minlength=16)
    one, other = ended[:, ended.sum(axis=0) > 20]
    share = other.sum() / one.sum()
    distance = ((one * share - other) ** 2 / (one * share**2 + other)).sum()
    assert one.tolist() != other.tolist(), "other lucks"
    assert distance < stats.chi2.isf(1e-4, len(one) - 1)

"""Laws of the model as a whole, tried on small worlds: what may never happen, and what must not matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from small import arrays_of, small_model, states_of, variant

from sim.agents.migrants.arrivals import enumerate_parties
from sim.agents.states import ABSORBING, SEATS, Kind, Outcome, State
from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.scenario.resolved import scenario_hash
from sim.world.border import TERRAINS

KUZNICA = "kuznica-8-november"
FIRST = date(2021, 11, 8)
CROWD = 0.05
"""Share of the people where a test needs more of them: some hundred at the start."""


def hours_of(model: StandoffModel) -> Iterator[int]:
    """Step a model to its end, yielding each hour that has passed."""
    while model.hour < model.world.calendar.n_hours:
        model.step()
        yield model.hour - 1


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


# ---------------------------------------------------------------- every hour


def test_people_are_conserved_by_state_every_hour() -> None:
    """Who is in a state came by birth or by a counted move, and left by a counted move."""
    model = small_model(KUZNICA, until=date(2021, 11, 11), migrants__people_scale=CROWD)
    at_start = states_of(model)
    for _ in hours_of(model):
        flow = model.tally.flow.sum(axis=0)
        expected = at_start + flow.sum(axis=0) - flow.sum(axis=1)
        expected[State.MINSK] += model.tally.arrivals.sum()
        assert np.array_equal(states_of(model), expected)
        assert np.array_equal(model.scene.people.ledger.counts, expected)
    assert model.tally.arrivals.sum() > 10
    assert np.count_nonzero(model.tally.flow.sum(axis=0)) > 10, "people went many ways"


def test_fates_are_final_and_the_dead_stay_dead() -> None:
    """In a deadly cold many die, some by the river; whoever has a fate is never touched again."""
    model = small_model(
        KUZNICA, until=date(2021, 11, 11), migrants__people_scale=CROWD, weather__offset_c=-15,
        exposure__harm_per_day=0.2, exposure__death_chance=0.5, exposure__drowning_chance=0.5,
    )  # fmt: skip
    ended = np.zeros(0, dtype=np.int64)
    kept: dict[str, NDArray[np.generic]] = {}
    for _ in hours_of(model):
        for name, before in kept.items():
            assert np.array_equal(model.people[name][ended], before), name
        ended = np.flatnonzero(np.isin(model.scene.people.state(), ABSORBING))
        kept = {column.name: model.people[column.name][ended] for column in model.people.columns}
        assert np.isinf(kept["act_mark"].astype(np.float64)).all()
    dead = model.scene.people.state() == State.DEAD
    assert model.tally.deaths.sum() == np.count_nonzero(dead) > 20
    assert np.isinf(model.people["harm_mark"][dead]).all()


def test_members_of_a_party_share_cell_mark_moves_and_resolve_every_hour() -> None:
    """A party carries the number of its lowest member, and members sit together in rows; the dead go alone."""
    model = small_model(KUZNICA, until=date(2021, 11, 11), migrants__people_scale=CROWD, exposure__harm_per_day=0.2)
    for _ in hours_of(model):
        people = model.people
        number, row, party = np.unique(people["party"], return_index=True, return_inverse=True)
        for name in ("cell", "act_mark", "moves", "resolve", "origin", "attempts"):
            assert np.array_equal(people[name], people[name][row][party]), name
        assert np.array_equal(people["id"][row], number), "the party's number is that of its first member"
        assert np.array_equal(people["id"] // SEATS, people["party"] // SEATS), "nobody joins another party"
        size = np.bincount(party)
        assert (size[party[model.scene.people.state() == State.DEAD]] == 1).all()
    alone = model.scene.people.cells.kind(people["cell"]) == Kind.ALONE
    assert (size[party[alone]] == 1).all()
    assert len(np.unique(people["id"] // SEATS)) < len(number), "some parties parted"


def test_nobody_is_more_willing_in_a_party_than_alone() -> None:
    """The same persons in a world without parties have their own resolve; a party has that of its least willing."""
    settings: dict[str, Any] = {"until": FIRST, "migrants__people_scale": CROWD}
    model = small_model(KUZNICA, **settings)
    alone = small_model(KUZNICA, **settings, migrants__alone_share=1, migrants__friends_share=0)
    own = dict(zip(alone.people["id"].tolist(), alone.people["resolve"].tolist(), strict=True))
    seen = 0
    for number, party, resolve in zip(model.people["id"], model.people["party"], model.people["resolve"], strict=True):
        if number == party and number in own:
            assert resolve <= own[number]
            seen += 1
    assert seen > 100


def test_nobody_begins_two_stays_in_one_hour() -> None:
    """On 8 November at 14:00 people are gathered into the camp and a group crossing starts from it."""
    model = small_model(KUZNICA, seed=20211112, until=FIRST, migrants__people_scale=1)
    model.run(14)
    for _ in range(3):
        moves = model.people.get("moves").astype(np.int64)
        model.step()
        assert (model.people["moves"][: len(moves)] - moves).max() <= 1


# ---------------------------------------------------------------- the same luck


def test_the_same_seed_gives_the_same_record_and_another_seed_another() -> None:
    settings: dict[str, Any] = {"until": FIRST, "migrants__people_scale": CROWD}
    first, again, other = (small_model(KUZNICA, seed, **settings) for seed in (1, 1, 2))
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
    assert np.array_equal(*landed)
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
    assert not {path for path in differing(base, changed) if ".weather." not in path}
    for model in (base, changed):
        model.run()
    assert "people.harm_mark" in differing(base, changed)


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
    blind, watchful = (
        small_model(KUZNICA, 1, **settings, **dict.fromkeys(shares, share)) for share in (0.0, 1.0)
    )
    blind.run()
    watchful.run()
    assert {path.rpartition(".")[2] for path in differing(blind, watchful)} == {"deaths_found", "germany_registered"}
    assert not blind.tally.deaths_found.any()
    assert not blind.tally.germany_registered.any()
    assert np.array_equal(watchful.tally.deaths_found, watchful.tally.deaths)
    assert np.array_equal(watchful.tally.germany_registered, watchful.tally.germany)


# ---------------------------------------------------------------- who comes


def test_on_the_day_of_25_hours_everyone_lands_once() -> None:
    """On 31 October the Warsaw clock shows 2 twice; those who land at 2 must not land twice."""
    model = small_model(start=date(2021, 10, 30), until=date(2021, 11, 1), migrants__people_scale=0.5)
    born = []
    for _ in hours_of(model):
        born.append(len(model.people))
    ids = model.people["id"]
    assert len(np.unique(ids)) == len(ids) > 300
    assert model.world.calendar.first_hour_of_day.tolist() == [0, 24, 49, 73]
    assert (np.diff(born) > 0).sum() > 40, "people landed in most hours"
    assert {2, 3, 23} <= set(listed(model, day=1).tolist())


def listed(model: StandoffModel, day: int) -> NDArray[np.int64]:
    """Return the landing hours of the parties of a day: the first of each list, of whom none was passed over."""
    epoch_day = model.world.calendar.epoch_day + day
    hours = []
    for number, route in enumerate(model.scenario.route):
        landed = int(model.tally.arrivals[day][number])
        first = enumerate_parties(
            model.scenario, model.seed, number, epoch_day, landed, route.iraqi_share, route.syrian_share
        )
        assert np.isin(first.number, model.people["id"] // SEATS).all()
        assert first.size.sum() == landed
        hours.append(first.since_midnight)
    return np.concatenate(hours)


def test_on_the_day_of_23_hours_everyone_lands_too() -> None:
    """On 27 March there is no hour 23 after midnight; those who would land in it must not be lost."""
    march = date(2022, 3, 27)
    model = small_model(start=march, until=march, replay_until=date(2021, 8, 1), migrants__people_scale=1)
    model.run()
    assert model.hour == 23
    hours = listed(model, day=0)
    assert np.count_nonzero(hours == 23) > 3


def test_more_travellers_are_more_of_the_same_list() -> None:
    """Everybody of a small world travels in a larger one too, from the same place and with the same body."""
    few, many = (
        small_model(start=date(2021, 10, 1), until=date(2021, 10, 1), migrants__people_scale=scale)
        for scale in (0.2, 0.6)
    )
    few.run()
    many.run()
    _, ours, theirs = np.intersect1d(few.people["id"], many.people["id"], return_indices=True)
    assert len(ours) == len(few.people) < len(many.people)
    for name in ("origin", "child", "susceptibility"):
        assert np.array_equal(few.people[name][ours], many.people[name][theirs]), name


def test_scale_multiplies_what_is_expected() -> None:
    """Twice the people: twice the seats, the initial stock, the units and the camp, within what rounding leaves."""
    scales = (0.2, 0.4)
    small, large = (small_model(KUZNICA, until=FIRST, migrants__people_scale=scale) for scale in scales)
    np.testing.assert_allclose(large.migrants.arrivals.expected, 2.0 * small.migrants.arrivals.expected, rtol=1e-12)
    rows = len(small.scenario.initial)
    for model, scale in zip((small, large), scales, strict=True):
        stock = sum(row.people for row in model.scenario.initial) * scale
        assert abs(len(model.people) - stock) < 2 * rows, "parties go whole, so a little more or less"
        model.run()
        camp = model.tally.people[0, State.CAMP]
        assert camp == pytest.approx(2000 * scale, abs=0.1 * 2000 * scale)
    units = [model.scene.guards.roster.sum() for model in (small, large)]
    assert units[1] == pytest.approx(2 * units[0], abs=9)


def test_scale_leaves_attempts_per_person_as_they_are() -> None:
    """Over three seeds each, attempts a person differ between scales by less than their spread allows."""
    rates = []
    for scale in (0.05, 0.15):
        runs = [small_model(KUZNICA, seed, until=FIRST, migrants__people_scale=scale) for seed in range(3)]
        for model in runs:
            model.run(12)
        rates.append(np.array([model.tally.attempts.sum() / len(model.people) for model in runs]))
    few, many = rates
    assert min(few.min(), many.min()) > 0.0
    assert abs(few.mean() / many.mean() - 1.0) < 0.5
    spread = np.sqrt(few.var(ddof=1) / 3 + many.var(ddof=1) / 3)
    assert abs(few.mean() - many.mean()) < 4.0 * spread


# ---------------------------------------------------------------- off and extreme


def test_without_guards_nobody_is_prevented_or_caught_at_the_line() -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 10), migrants__people_scale=CROWD, guards__enabled=False)
    model.run()
    outcomes = model.tally.attempts.sum(axis=(0, 1))
    assert outcomes[[Outcome.PREVENTED, Outcome.CAUGHT, Outcome.SEEN_INSIDE]].tolist() == [0, 0, 0]
    assert outcomes[Outcome.UNSEEN_INSIDE] > 50
    assert not model.scene.guards.roster.any()


def test_with_guards_some_are_stopped_and_some_are_caught() -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 10), migrants__people_scale=CROWD)
    model.run()
    assert (model.tally.attempts.sum(axis=(0, 1))[Outcome.PREVENTED :] > 0).all()


def coil_everywhere(folder: Path) -> Path:
    """Write a scenario in which coil stands on every kilometre but lakes, and return its path."""
    rows = "".join(
        f'[[add.existing]]\ncountry = "{country}"\nlayer = "low_coil"\nkm = {km}\nsource = "assumed"\n'
        'because = "to see"\nlow_factor = 1\nhigh_factor = 1\n'
        for country, km in (("PL", 418), ("LT", 666), ("LV", 165))
    )
    return variant(folder, rows + "[without]\nexisting = 'all'\n")


def test_where_barriers_outlast_patience_nobody_gets_over_alone(tmp_path: Path) -> None:
    model = small_model(
        coil_everywhere(tmp_path), until=date(2021, 11, 10), migrants__people_scale=CROWD, services__enabled=False,
        barriers__low_coil_minutes=600,
    )  # fmt: skip
    segments = model.world.border.segments
    land = segments.terrain != TERRAINS.index("lake")
    assert model.world.barriers.delay_hours[land].min() * 0.5 > float(model.scenario.barriers.patience_hours)
    model.run()
    outcomes = model.tally.attempts[:, land].sum(axis=(0, 1))
    assert outcomes[Outcome.TURNED_BACK] > 30
    assert outcomes[Outcome.CAUGHT :].tolist() == [0, 0, 0]


def test_without_migrants_there_are_never_people() -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 10), migrants__people_scale=1, migrants__enabled=False)
    for _ in hours_of(model):
        assert len(model.people) == 0
    for name, array in vars(model.tally).items():
        assert not array.any() or name == "unit_hours_on_duty", name
    assert model.tally.unit_hours_on_duty.any(), "guards stand where nobody comes"
    assert model.n_person_hours == 0
    assert make_record(model)["people"].sum() == 0


def test_where_all_are_taken_in_nobody_is_returned(tmp_path: Path) -> None:
    rows = "".join(
        f'[[add.custody]]\nsince = 2021-08-01\ncountry = "{country}"\ncustody_share = 1\nfamily_factor = 1\n'
        'source = "assumed"\nbecause = "to see"\nlow_factor = 1\nhigh_factor = 1\n'
        for country in ("PL", "LT", "LV")
    )
    path = variant(tmp_path, rows + "[without]\ncustody = 'all'\n")
    model = small_model(path, until=date(2021, 11, 10), migrants__people_scale=CROWD)
    model.run()
    assert not model.tally.returned.any()
    assert not model.tally.flow[:, :, State.RETURNING].any()
    assert model.tally.custody.sum() > 10


def test_where_none_are_taken_in_everyone_caught_is_returned(tmp_path: Path) -> None:
    path = variant(tmp_path, "[without]\ncustody = 'all'\n")
    model = small_model(path, until=date(2021, 11, 10), migrants__people_scale=CROWD)
    model.run()
    assert not model.tally.custody.any()
    assert model.tally.returned.sum() > 10


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

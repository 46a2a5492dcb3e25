"""Laws of the model as a whole, tried on small worlds: what may never happen, and what extremes must do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small import small_model, states_of, variant

from sim.agents.migrants.arrivals import enumerate_parties
from sim.agents.states import ABSORBING, SEATS, Kind, Outcome, State
from sim.model import StandoffModel
from sim.record import make_record
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


# ---------------------------------------------------------------- every hour


def test_whoever_is_in_hands_is_admitted_or_turned_back() -> None:
    """Where custody is full and a claim is heard instead, people are admitted; nobody is counted in both books."""
    model = small_model("no-returns-without-procedure", until=date(2021, 11, 12), migrants__people_scale=CROWD)
    model.run()
    books, flow = model.tally, model.tally.flow.sum(axis=(0, 1))
    admitted = np.zeros((len(books.admitted), 3), dtype=np.int64)
    np.add.at(admitted.T, model.world.border.posts.country, books.admitted.T)
    to_procedure = books.no_place * np.array([1, 0, 0])  # the scenario's only places are Poland's, with procedure
    assert np.array_equal(admitted, books.custody + to_procedure)
    assert books.admitted.sum() == flow[State.CUSTODY] + flow[State.PROCEDURE] > 20
    assert books.returned.sum() == flow[State.RETURNING]


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
        wanted = (
            sum(row.size for row in model.scenario.action if row.kind == "gather_camp" and row.day == FIRST) * scale
        )
        assert wanted > 0.0
        assert camp == pytest.approx(wanted, rel=0.1)
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


WITHOUT_PEOPLE = ("unit_hours_on_duty", "unit_hours_by_kind", "unit_hours_covering", "metres_cut")
"""Books of guards and of wire, which are kept where nobody comes."""


def test_without_migrants_there_are_never_people() -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 10), migrants__people_scale=1, migrants__enabled=False)
    for _ in hours_of(model):
        assert len(model.people) == 0
    for name, array in vars(model.tally).items():
        assert not array.any() or name in WITHOUT_PEOPLE, name
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

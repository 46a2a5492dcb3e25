"""Engineers: speed by ground, frost, light and survey; worst places first; nobody builds without man-hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.engineers import EngineerCorps, make_engineers
from sim.agents.host import Diary
from sim.agents.levers import Levers
from sim.errors import LedgerError, ScenarioError
from sim.scenario.engineering import Contingent, Engineers
from sim.scenario.forces import Barriers as BarrierNumbers
from sim.scenario.quantity import Quantity
from sim.world.barriers import LAYERS, Barriers
from sim.world.border import COUNTRIES, TERRAINS, load_border
from sim.world.calendar import Calendar
from sim.world.light import darkness, sun_elevation
from sim.world.roads import Roads

BORDER = load_border()
FIRST = date(2021, 11, 8)
OPEN, FOREST, RIVER = range(365, 385), range(210, 225), range(10, 90)  # Kuźnica, Białowieża, the Bug
FENCE = LAYERS.index("wire_fence")


class Host(mesa.Model):  # type: ignore[misc]
    """A model with weather and light of one kind, in which only engineers live."""

    def __init__(
        self, contingents: list[Contingent], section: Engineers, days: int, first: date, weather: dict[str, float]
    ) -> None:
        super().__init__(rng=1)
        calendar = Calendar(first, first + timedelta(days=days - 1))
        shape = (calendar.n_hours, 3)
        dark = np.full((calendar.n_hours, len(BORDER.posts)), weather.get("dark", 0.0))
        self.world = SimpleNamespace(
            calendar=calendar,
            border=BORDER,
            darkness=dark,
            weather=SimpleNamespace(
                temperature_c=np.full(shape, weather.get("temperature", 8.0)),
                gust_kmh=np.full(shape, weather.get("gust", 20.0)),
            ),
            barriers=Barriers(BarrierNumbers(), BORDER),
            roads=Roads(BORDER),
        )
        self.scenario = SimpleNamespace(
            engineers=section, contingent=tuple(contingents), barriers=BarrierNumbers(), agent_scale=1.0
        )
        self.levers = Levers.fresh(0, len(BORDER.posts))
        self.diary = Diary()
        self.hour, self.seed = 0, 1
        self.crossings_by_segment = np.zeros(len(BORDER.segments))
        self.chronicle: list[tuple[Any, ...]] = []

    def log(self, *entry: Any) -> None:
        self.chronicle.append(entry)


@pytest.fixture(autouse=True)
def forget_models() -> Iterator[None]:
    """Mesa keeps every model that held an agent; drop ours."""
    yield
    for model in [model for model in mesa.Agent._ids if isinstance(model, Host)]:
        mesa.Agent._ids.pop(model, None)


def contingent(**changes: Any) -> Contingent:
    """Return one team of ten on open ground by Kuźnica, from the first day to the last, unless told otherwise."""
    stretch = changes.pop("stretch", OPEN)
    row: dict[str, Any] = {
        "name": "Sappers", "country": "PL", "nation": "PL", "soldiers": 10.0, "teams": 1, "first": FIRST,
        "last": date(2022, 6, 30), "from_segment": stretch[0], "end_segment": stretch[-1] + 1, "source": "A198",
    }  # fmt: skip
    return Contingent(**(row | changes))


def numbers(**values: float) -> Engineers:
    """Return the section of engineers with some values changed."""
    return Engineers(**{name: Quantity(value=value, source="set") for name, value in values.items()})


def host(*contingents: Contingent, section: Engineers | None = None, days: int = 1, **weather: float) -> Host:
    return Host(list(contingents), section or Engineers(), days, FIRST, weather)


def live(model: Host, corps: EngineerCorps, crossings: dict[int, float] | None = None) -> EngineerCorps:
    """Go through all hours of the run, with the ledger checked in each."""
    for segment, people in (crossings or {}).items():
        model.crossings_by_segment[segment] = people
    for hour in range(model.world.calendar.n_hours):
        model.hour = hour
        model.diary.wake_due(hour)
        corps.check(hour)
    return corps


def built(row: Contingent, section: Engineers | None = None, surveyed: bool = False, **weather: float) -> float:
    """Return the metres that a contingent raises in one day."""
    model = host(row, section=section, **weather)
    for segment in range(row.from_segment, row.end_segment) if surveyed else ():
        model.world.roads.survey(segment, 1000.0)
    return float(live(model, make_engineers(model)).accounts.metres_built.sum())


# ---------------------------------------------------------------- speed


def test_a_mild_day_on_open_ground_gives_the_daily_rate() -> None:
    rate = float(Engineers().wire_fence_m_per_soldier_day)
    assert built(contingent()) == pytest.approx(10 * rate)


@pytest.mark.parametrize(
    ("slower", "by"),
    [
        ({"stretch": FOREST}, "forest_factor"),
        ({"temperature": -6.0}, "frost_factor"),
        ({"dark": 1.0}, "night_factor"),
        ({"surveyed": True}, "surveyed_factor"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_factor_changes_the_metres_of_a_day(slower: dict[str, Any], by: str) -> None:
    stretch = slower.pop("stretch", OPEN)
    plain = built(contingent())
    assert built(contingent(stretch=stretch), **slower) == pytest.approx(plain / float(getattr(Engineers(), by)))


def test_half_dark_counts_half_in_the_exponent_and_minus_five_is_no_frost() -> None:
    plain = built(contingent())
    night = float(Engineers().night_factor)
    assert built(contingent(), dark=0.5) == pytest.approx(plain / night**0.5)
    assert built(contingent(), temperature=-5.0) == plain


def test_part_of_an_hour_ends_a_day_that_is_no_whole_number_of_hours() -> None:
    model = host(contingent(), section=numbers(work_hours_per_day=7.5))
    accounts = live(model, make_engineers(model)).accounts
    assert accounts.crew_hours.sum() == pytest.approx(75.0)


@pytest.mark.parametrize(
    ("first", "last", "hours", "worked"),
    [
        (date(2021, 10, 29), date(2021, 11, 1), 18.0, 4 * 18.0),
        (date(2021, 10, 29), date(2021, 11, 1), 24.0, 4 * 24.0),
        (date(2022, 3, 25), date(2022, 3, 28), 18.0, 4 * 18.0),
        (date(2022, 3, 25), date(2022, 3, 28), 24.0, 4 * 24.0 - 1.0),  # from 26 to 27 March, 23 hours
        (date(2022, 3, 25), date(2022, 3, 26), 24.0, 2 * 24.0),  # nobody waits for the last shift to end
    ],
)
def test_long_days_keep_the_law_when_the_clocks_change(first: date, last: date, hours: float, worked: float) -> None:
    model = Host([contingent(first=first, last=last)], numbers(work_hours_per_day=hours), 6, first, {})
    accounts = live(model, make_engineers(model)).accounts
    assert accounts.crew_hours.sum() == pytest.approx(10 * worked)


def test_gusts_stop_building_but_not_mending() -> None:
    model = host(contingent(), gust=71.0)
    model.world.barriers.build(FENCE, 370, 1000.0)
    model.world.barriers.damage(370, 0.1)
    accounts = live(model, make_engineers(model)).accounts
    assert accounts.metres_built.sum() == 0.0
    assert accounts.metres_mended.sum() == pytest.approx(90.0)  # a quarter of 90 man-hours, four metres in each
    assert built(contingent(), gust=70.0) > 0.0


# ---------------------------------------------------------------- where


def test_building_starts_where_most_got_over_and_goes_on_along_the_line() -> None:
    row = contingent(soldiers=1000.0)
    model = host(row, days=2)
    live(model, make_engineers(model), {377: 5.0, 376: 2.0, 378: 1.0})
    standing = np.flatnonzero(model.world.barriers.built_m[FENCE])
    assert np.all(np.diff(standing) == 1)
    assert {376, 377, 378} <= set(standing.tolist())
    assert model.world.barriers.built_m[FENCE, [376, 377, 378]].tolist() == [1000.0] * 3


def test_with_nobody_over_the_line_building_starts_near_a_crossing_point() -> None:
    model = host(contingent())
    live(model, make_engineers(model))
    (segment,) = np.flatnonzero(model.world.barriers.built_m[FENCE]).tolist()
    reach = BORDER.segments.crossing_km
    assert reach[segment] == reach[OPEN[0] : OPEN[-1] + 1].min()


def test_a_survey_of_a_quiet_line_starts_on_land_though_water_is_nearer_to_a_crossing_point() -> None:
    lithuanian = range(440, 460)
    reach = dict(enumerate(BORDER.segments.crossing_km.tolist()))
    land = [segment for segment in lithuanian if BORDER.segments.terrain[segment] != TERRAINS.index("river_wide")]
    assert min(lithuanian, key=reach.__getitem__) not in land
    model = host(contingent(country="LT", task="survey", soldiers=4.0, stretch=lithuanian))
    make_engineers(model)
    for model.hour in range(9):
        model.diary.wake_due(model.hour)
    assert np.flatnonzero(model.world.roads.surveyed).tolist() == [min(land, key=reach.__getitem__)]


def test_one_layer_follows_the_other_and_none_goes_beyond_the_target() -> None:
    row = contingent(soldiers=3000.0, layers=("low_coil", "wire_fence"), target_km=9.5)
    model = host(row, days=3)
    corps = live(model, make_engineers(model))
    first_day = corps.accounts.metres_built_by_layer[0, :, 0]
    assert first_day[0] == pytest.approx(9500.0)
    assert first_day[FENCE] > 0.0
    assert corps.accounts.metres_built_by_layer[0].sum(axis=1).tolist() == pytest.approx([9500.0, 9500.0, 0, 0])
    assert [text for _, _, _, text, _ in model.chronicle] == [
        "starts work (build, 1 teams)", "low coil has reached its target", "wire fence has reached its target",
    ]  # fmt: skip


def test_what_stood_before_counts_towards_the_target() -> None:
    model = host(contingent(target_km=1.5))
    model.world.barriers.build(FENCE, 370, 1000.0)
    model.world.barriers.build(FENCE, 371, 490.0)
    assert live(model, make_engineers(model)).accounts.metres_built.sum() == pytest.approx(10.0)


def test_when_the_target_stands_the_whole_day_goes_to_mending() -> None:
    model = host(contingent(target_km=1.0))
    model.world.barriers.build(FENCE, 370, 1000.0)
    model.world.barriers.damage(370, 1.0)
    accounts = live(model, make_engineers(model)).accounts
    assert accounts.metres_mended.sum() == pytest.approx(360.0)
    assert accounts.crew_hours.sum() == pytest.approx(90.0)


def test_mending_comes_first_and_where_most_is_breached() -> None:
    model = host(contingent())
    barriers = model.world.barriers
    for segment, loss in ((368, 0.02), (372, 0.3), (380, 0.07)):
        barriers.build(FENCE, segment, 1000.0)
        barriers.damage(segment, loss)
    accounts = live(model, make_engineers(model)).accounts
    assert accounts.metres_mended.sum() == pytest.approx(90.0)
    assert [barriers.breached_m(s) for s in (368, 372, 380)] == pytest.approx([20.0, 210.0, 70.0])
    rate = float(Engineers().wire_fence_m_per_soldier_day)
    assert accounts.metres_built.sum() == pytest.approx(10 * rate * 0.75)


def test_teams_mend_their_own_part_of_the_sector_before_they_help_elsewhere() -> None:
    model = host(contingent(teams=2))
    barriers = model.world.barriers
    for segment, loss in ((366, 0.9), (367, 0.8), (384, 0.03)):
        barriers.build(FENCE, segment, 1000.0)
        barriers.damage(segment, loss)
    live(model, make_engineers(model))
    assert barriers.breached_m(384) == 0.0  # by the second team, though more is breached in the first one's part
    assert barriers.breached_m(366) == pytest.approx(900.0 - 45.0)
    assert barriers.breached_m(367) == pytest.approx(800.0 - 15.0)


@pytest.mark.parametrize("n_teams", [1, 2, 3, 7])
def test_each_segment_of_a_sector_is_home_to_just_one_team(n_teams: int) -> None:
    teams = make_engineers(host(contingent(teams=n_teams, stretch=range(365, 384)))).teams
    homes = [segment for team in teams for segment in range(*team.home)]
    assert homes == list(range(365, 384))
    assert max(map(len, (range(*team.home) for team in teams))) == -(-19 // n_teams)


def test_support_mends_first_then_mends_roads() -> None:
    model = host(contingent(task="support"), days=2)
    model.world.barriers.build(FENCE, 370, 1000.0)
    model.world.barriers.damage(370, 0.1)
    accounts = live(model, make_engineers(model), {375: 3.0}).accounts
    assert accounts.metres_mended[0].tolist() == pytest.approx([100.0, 0.0])
    assert accounts.road_metres[0].tolist() == pytest.approx([(90 - 25) * 8 / 9, 80.0])
    assert model.world.roads.mended_share[375] == pytest.approx(accounts.road_metres.sum() / 1000.0)
    post = int(BORDER.segments.post[375])
    assert model.world.roads.response_road_factor[post] < 1.0
    assert accounts.metres_built.sum() == 0.0


def test_a_survey_team_starts_at_the_worst_place_and_walks_on_along_the_line() -> None:
    model = host(contingent(task="survey"))
    accounts = live(model, make_engineers(model), {370: 3.0}).accounts
    found = np.flatnonzero(model.world.roads.surveyed).tolist()
    assert accounts.km_surveyed.sum() == pytest.approx(8.0)
    assert 370 in found
    assert len(found) in (7, 8)  # the eighth may lack a hair's breadth
    assert found == list(range(found[0], found[0] + len(found)))


def test_work_begins_and_ends_on_its_dates() -> None:
    row = contingent(first=FIRST + timedelta(days=2), last=FIRST + timedelta(days=3))
    model = host(row, days=6)
    accounts = live(model, make_engineers(model)).accounts
    assert np.flatnonzero(accounts.crew_hours[0]).tolist() == [2, 3]


@pytest.mark.parametrize("row", [
    contingent(first=date(2021, 9, 1), last=date(2021, 9, 30)),
    contingent(first=date(2022, 1, 1)),
    contingent(soldiers=0.0),
], ids=["before the run", "after the run", "no soldiers"])  # fmt: skip
def test_a_contingent_that_is_not_there_does_nothing(row: Contingent) -> None:
    model = host(row, days=2)
    assert live(model, make_engineers(model)).accounts.crew_hours.sum() == 0.0
    assert len(model.diary) == 1, "only the look for fallen trees is booked"


def test_a_sector_outside_the_country_is_refused() -> None:
    model = host(contingent(), contingent(name="Estonians", country="LT"))
    with pytest.raises(ScenarioError, match=r"contingent\[1\].from_segment: found segments 365 to 385; .* of LT"):
        make_engineers(model)


def test_switched_off_there_are_no_agents_and_no_metres() -> None:
    model = host(contingent(), section=Engineers(enabled=False), days=3)
    corps = live(model, make_engineers(model))
    assert len(model.agents) == len(corps.teams) == 0
    assert len(model.diary) == 1, "only the look for fallen trees is booked"
    assert corps.names == ("Sappers",)
    for quantity in ("metres_built", "metres_mended", "crew_hours", "road_metres", "km_surveyed"):
        assert getattr(corps.accounts, quantity).tolist() == [[0.0] * 3], quantity


# ---------------------------------------------------------------- laws

rows = st.builds(
    contingent,
    name=st.sampled_from(["Sappers", "Squadron", "Pioneers"]),
    soldiers=st.sampled_from([8.0, 150.0, 2000.0]),
    teams=st.integers(1, 6),
    task=st.sampled_from(["build", "build", "survey", "support"]),
    layers=st.sampled_from([("wire_fence",), ("low_coil", "wire_fence"), ("steel_wall", "electronics")]),
    stretch=st.sampled_from([OPEN, FOREST, RIVER, range(355, 390)]),
    target_km=st.sampled_from([2.0, 30.0]),
    last=st.sampled_from([FIRST + timedelta(days=1), FIRST + timedelta(days=9)]),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(rows, min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(360, 389), st.floats(0.001, 1.0)), max_size=20),
    st.sampled_from([3.0, 9.0, 24.0]),
    st.sampled_from([{}, {"temperature": -9.0, "dark": 0.4}]),
)
def test_no_metre_without_man_hours_and_never_two_teams_on_one_segment(
    contingents: list[Contingent], wear: list[tuple[int, float]], hours: float, weather: dict[str, float]
) -> None:
    section = numbers(work_hours_per_day=hours)
    model = host(*contingents, section=section, days=4, **weather)
    corps = make_engineers(model)
    world, at_work = model.world, {}
    teams = {id(team): team for team in corps.teams}
    waking: list[int] = []

    def watched(act: Any, which: int) -> Any:
        def watch(*arguments: Any) -> Any:
            place = (model.hour, arguments[which])
            assert at_work.setdefault(place, waking[-1]) == waking[-1], f"two teams at {place}"
            return act(*arguments)

        return watch

    world.barriers.build = watched(world.barriers.build, 1)
    world.barriers.mend = watched(world.barriers.mend, 0)
    world.roads.mend, world.roads.survey = watched(world.roads.mend, 0), watched(world.roads.survey, 0)
    for number, team in teams.items():

        def wake(number: int = number, act: Any = team.wake) -> None:
            waking.append(number)
            act()

        team.wake = wake  # type: ignore[method-assign]
    for hour in range(world.calendar.n_hours):
        model.hour = hour
        model.crossings_by_segment[360 + hour % 25] += 1.0
        for segment, share in wear if hour % 24 == 9 else ():
            world.barriers.damage(segment, share)
        model.diary.wake_due(hour)
        corps.check(hour)
    accounts = corps.accounts
    best = max(float(section.low_coil_m_per_soldier_day), float(section.wire_fence_m_per_soldier_day))
    least = hours / best * float(section.surveyed_factor)  # man-hours per metre of the quickest layer
    assert np.all(accounts.metres_built * least <= accounts.crew_hours * (1 + 1e-9) + 1e-9)
    assert np.all(world.barriers.built_m <= 1000.0)
    outside = np.ones(len(BORDER.segments), dtype=bool)
    for number, row in enumerate(contingents):
        assert row.task == "build" or not accounts.metres_built[number].any()
        if row.task == "build":
            outside[row.from_segment : row.end_segment] = False
    assert not world.barriers.built_m[:, outside].any()


def test_the_same_run_twice_gives_the_same_bits() -> None:
    def run() -> tuple[bytes, bytes]:
        model = host(contingent(teams=3, soldiers=100.0), contingent(name="Squadron", task="support"), days=5)
        corps = make_engineers(model)
        model.world.barriers.wear(list(OPEN), 0.3)
        live(model, corps, {370: 1.0, 380: 1.0})
        return model.world.barriers.built_m.tobytes(), corps.accounts.crew_hours.tobytes()

    assert run() == run()


@pytest.mark.parametrize(
    ("cheat", "message"),
    [
        (lambda c: c.accounts.crew_hours.__imul__(0.5), r"2021-11-08 15:00 UTC \(hour 16\), Sappers: work worth"),
        (lambda c: c.accounts.crew_hours.__iadd__(99.0), "Sappers: crew-hours of 189 man-hours; at most 90"),
        (lambda c: c.host.world.barriers.build(FENCE, 500, 7.0), "hour 16, all contingents: .* of wire_fence appeared"),
    ],
    ids=["too few hours", "more hours than soldiers", "fence from nowhere"],
)
def test_a_broken_law_stops_the_run_and_names_hour_and_culprit(cheat: Any, message: str) -> None:
    model = host(contingent())
    corps = make_engineers(model)
    for hour in range(17):
        model.hour = hour
        model.diary.wake_due(hour)
        corps.check(hour)
    cheat(corps)
    with pytest.raises(LedgerError, match=message):
        corps.check(16)


def test_nine_hundred_sappers_raise_about_what_was_raised_by_10_november() -> None:
    first, last = date(2021, 8, 25), date(2021, 11, 10)
    row = contingent(soldiers=900.0, teams=30, first=first, last=last, from_segment=171, end_segment=418)
    model = Host([row], Engineers(), (last - first).days + 1, first, {})
    posts = BORDER.posts
    model.world.darkness[:] = darkness(sun_elevation(model.world.calendar, posts.lon, posts.lat))
    corps = live(model, make_engineers(model))
    km = corps.accounts.metres_built.sum() / 1000.0
    assert 150.0 < km < 215.0  # 180 km were reported (A198); nothing is breached here
    assert model.world.barriers.km(0, FENCE) == pytest.approx(km)
    river = BORDER.segments.terrain == TERRAINS.index("river_wide")
    assert not model.world.barriers.built_m[FENCE, river].any()


# ---------------------------------------------------------------- observation posts


def test_observation_posts_come_before_other_work_at_the_worst_places_and_well_apart() -> None:
    row = contingent(task="support", soldiers=40.0, teams=1, observation_posts=3)
    model = host(row, section=numbers(observation_post_man_hours=60.0), days=1)
    corps = live(model, make_engineers(model), {370: 9.0, 371: 8.0, 380: 7.0})
    assert np.flatnonzero(model.world.barriers.watched_m == 1000.0).tolist()[:3] != []
    stand = np.flatnonzero(model.world.barriers.watched_m).tolist()
    assert {370, 380} <= set(stand), "371 is too near to 370"
    assert len(stand) == 3
    assert np.diff(stand).min() > 3
    assert corps.accounts.observation_posts.sum() == pytest.approx(3.0)
    assert corps.accounts.road_metres.sum() > 0.0, "the rest of the day goes to roads"
    assert corps.accounts.crew_hours.sum() == pytest.approx(360.0)


def test_a_post_that_is_begun_is_finished_before_another_is() -> None:
    row = contingent(task="support", soldiers=10.0, observation_posts=2)
    model = host(row, section=numbers(observation_post_man_hours=120.0), days=2)
    corps = make_engineers(model)
    model.crossings_by_segment[370] = 5.0
    for hour in range(24):
        model.hour = hour
        model.diary.wake_due(hour)
    assert model.world.barriers.watched_m[370] == pytest.approx(750.0)
    assert model.world.barriers.detection_factor[370] == 1.0, "nobody looks out of half a post"
    model.crossings_by_segment[380] = 50.0
    for hour in range(24, 48):
        model.hour = hour
        model.diary.wake_due(hour)
        corps.check(hour)
    assert model.world.barriers.watched_m[[370, 380]].tolist() == [1000.0, pytest.approx(500.0)]
    assert model.world.barriers.detection_factor[[370, 380]].tolist() == [1.5, 1.0]


def test_a_survey_speeds_observation_posts_too() -> None:
    done = []
    for surveyed in (False, True):
        model = host(contingent(observation_posts=9), days=1)
        for segment in OPEN if surveyed else ():
            model.world.roads.survey(segment, 1000.0)
        done.append(live(model, make_engineers(model)).accounts.observation_posts.sum())
    assert done[1] * 0.8 == pytest.approx(done[0])


# ---------------------------------------------------------------- fallen trees


def gale(gust: float, days: int = 3, **barriers: float) -> Host:
    """Return a line with coil on all land, in gusts from the first hour on, and nobody to mend it."""
    model = host(days=days, gust=gust)
    given = {name: Quantity(value=value, source="set") for name, value in barriers.items()}
    model.scenario.barriers = BarrierNumbers(**given)
    for segment in np.flatnonzero(model.world.barriers.may_stand[0]).tolist():
        model.world.barriers.build(0, segment, 1000.0)
    return model


def test_gales_throw_trees_on_barriers_in_forest_alone() -> None:
    model = gale(100.0, tree_fall_chance=0.02)
    corps = live(model, make_engineers(model))
    forest = BORDER.segments.terrain == TERRAINS.index("forest")
    integrity = model.world.barriers.integrity[0]
    assert (integrity[~forest] == 1.0).all()
    expected = 3 * 0.02 * np.e * forest.sum()
    assert corps.trees.fallen.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert np.log(integrity).sum() / np.log(1 - 0.02) == pytest.approx(corps.trees.fallen.sum())
    told = [
        ("weather", "gale", country, "trees fell on the barrier in the gale", float(n), "the model")
        for day in corps.trees.fallen for country, n in zip(COUNTRIES, day, strict=True) if n
    ]  # fmt: skip
    assert model.chronicle == told
    assert {entry[2] for entry in told} == set(COUNTRIES)


def test_trees_fall_on_all_of_a_barrier_and_on_nothing_beside_it() -> None:
    model = host(gust=130.0)
    model.scenario.barriers = BarrierNumbers(tree_fall_chance=Quantity(value=1.0, source="set"))
    for segment in FOREST:
        model.world.barriers.build(0, segment, 1000.0)
    wooded = [segment for segment in FOREST if BORDER.segments.terrain[segment] == TERRAINS.index("forest")]
    assert live(model, make_engineers(model)).trees.fallen.sum() == len(wooded) > 5


def test_no_tree_falls_below_a_gale_nor_where_nothing_stands_nor_when_switched_off() -> None:
    for model in (gale(61.0, tree_fall_chance=1.0), gale(120.0, tree_fall_chance=0.0)):
        assert live(model, make_engineers(model)).trees.fallen.sum() == 0
        assert model.world.barriers.integrity.min() == 1.0
    bare_line = host(days=2, gust=120.0)
    assert live(bare_line, make_engineers(bare_line)).trees.fallen.sum() == 0


@given(st.floats(62.0, 130.0), st.floats(62.0, 130.0))
@settings(max_examples=10, deadline=None)
def test_under_the_same_luck_a_stronger_gale_breaks_all_that_a_weaker_one_breaks(first: float, second: float) -> None:
    broken = []
    for gust in sorted((first, second)):
        model = gale(gust, days=1, tree_fall_chance=0.05)
        live(model, make_engineers(model))
        broken.append(set(np.flatnonzero(model.world.barriers.integrity[0] < 1.0)))
    assert broken[0] <= broken[1]


def test_what_trees_break_is_mended() -> None:
    model = gale(66.0, days=2, tree_fall_chance=1.0, tree_gust_scale_kmh=100.0)
    model.scenario.contingent = (contingent(stretch=FOREST, soldiers=500.0, task="support"),)
    corps = live(model, make_engineers(model))
    assert corps.trees.fallen.sum() > 0
    assert corps.accounts.metres_mended.sum() > 0.0
    assert model.world.barriers.integrity[0, list(FOREST)].min() == 1.0

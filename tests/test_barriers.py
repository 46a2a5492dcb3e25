"""Barriers and roads: what stands, what it delays, and that one segment alone gives the bits of all together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.forces import Barriers as BarrierNumbers
from sim.scenario.forces import ExistingBarrier
from sim.scenario.quantity import Quantity
from sim.world.barriers import LAYERS, SEGMENT_M, Barriers
from sim.world.border import COUNTRIES, TERRAINS, load_border
from sim.world.roads import Roads

BORDER = load_border()
NUMBERS = BarrierNumbers(electronics_minutes=Quantity(value=0.1, source="set"))
COIL, FENCE, WALL, ELECTRONICS = range(4)


def on(terrain: str, nth: int = 0) -> int:
    """Return the nth segment of a terrain."""
    return int(np.flatnonzero(BORDER.segments.terrain == TERRAINS.index(terrain))[nth])


def fresh() -> Barriers:
    return Barriers(NUMBERS, BORDER)


def existing(country: str, layer: str, km: float) -> ExistingBarrier:
    return ExistingBarrier(country=country, layer=layer, km=km, source="F023")  # type: ignore[arg-type]


def assert_delays_follow(barriers: Barriers) -> None:
    """Work every segment out again, one plain float at a time, and compare bits."""
    minutes = (NUMBERS.low_coil_minutes, NUMBERS.wire_fence_minutes, NUMBERS.steel_wall_minutes)
    layer_hours = [float(m) / 60.0 for m in (*minutes, NUMBERS.electronics_minutes)]
    for segment in range(len(barriers)):
        delay = float(barriers.natural_delay_hours[segment])
        for layer in range(4):
            share = float(barriers.built_m[layer, segment]) / 1000.0
            delay = delay + share * float(barriers.integrity[layer, segment]) * layer_hours[layer]
        share = float(barriers.built_m[ELECTRONICS, segment]) / 1000.0
        gain = share * float(barriers.integrity[ELECTRONICS, segment])
        factor = 1.0 + gain * (float(NUMBERS.electronics_detection) - 1.0)
        assert barriers.delay_hours[segment] == delay, segment
        assert barriers.detection_factor[segment] == factor, segment


# ---------------------------------------------------------------- nature and layers


@pytest.mark.parametrize(
    ("terrain", "minutes"),
    [("open", 0.0), ("forest", 0.0), ("stream", 6.0), ("wetland", 15.0), ("river_wide", 45.0), ("lake", 45.0)],
)
def test_water_and_bog_delay_where_nothing_is_built(terrain: str, minutes: float) -> None:
    barriers = fresh()
    assert barriers.delay_hours[on(terrain)] == pytest.approx(minutes / 60.0)
    assert barriers.detection_factor[on(terrain)] == 1.0


def test_half_a_segment_of_fence_delays_half_as_long_and_layers_add_up() -> None:
    barriers, place = fresh(), on("open")
    assert barriers.build(FENCE, place, 500.0) == 500.0
    assert barriers.delay_hours[place] == pytest.approx(6.0 / 60.0)
    barriers.build(COIL, place, 1000.0)
    assert barriers.delay_hours[place] == pytest.approx(10.0 / 60.0)
    barriers.damage(place, 0.5)
    assert barriers.delay_hours[place] == pytest.approx(5.0 / 60.0)


def test_electronics_widen_the_sweep() -> None:
    barriers, place = fresh(), on("open")
    barriers.build(ELECTRONICS, place, 500.0)
    assert barriers.detection_factor[place] == pytest.approx(1.5)
    assert barriers.detection_factor.sum() == pytest.approx(len(barriers) + 0.5)


def test_a_segment_holds_no_more_than_its_length() -> None:
    barriers, place = fresh(), on("open")
    assert barriers.build(FENCE, place, 400.0) == 400.0
    assert barriers.build(FENCE, place, 900.0) == 600.0
    assert barriers.build(FENCE, place, 900.0) == 0.0
    assert barriers.built_m[FENCE, place] == SEGMENT_M


@pytest.mark.parametrize(
    ("terrain", "layer", "added"),
    [("lake", COIL, 0.0), ("lake", FENCE, 0.0), ("river_wide", FENCE, 0.0), ("river_wide", COIL, 9.0),
     ("wetland", WALL, 9.0)],
)  # fmt: skip
def test_no_fence_stands_in_water_and_coil_on_its_bank(terrain: str, layer: int, added: float) -> None:
    assert fresh().build(layer, on(terrain), 9.0) == added


def test_new_metres_are_whole_and_integrity_is_the_mean_by_length() -> None:
    barriers, place = fresh(), on("open")
    barriers.build(FENCE, place, 300.0)
    barriers.damage(place, 0.4)
    barriers.build(FENCE, place, 100.0)
    assert barriers.integrity[FENCE, place] == pytest.approx((300 * 0.6 + 100) / 400)


# ---------------------------------------------------------------- wear and mending


def test_wear_spares_what_is_not_built() -> None:
    barriers, place = fresh(), on("open")
    barriers.build(COIL, place, 10.0)
    barriers.wear([place, on("forest")], 0.25)
    assert barriers.integrity[COIL, place] == 0.75
    assert np.count_nonzero(barriers.integrity != 1.0) == 1


def test_mending_takes_the_most_damaged_layer_and_says_how_far_it_got() -> None:
    barriers, place = fresh(), on("open")
    barriers.build(COIL, place, 200.0)
    barriers.build(FENCE, place, 1000.0)
    barriers.damage(place, 0.1)
    assert barriers.breached_m(place) == pytest.approx(120.0)
    assert barriers.mend(place, 60.0) == 60.0
    assert barriers.breached_m(place) == pytest.approx(60.0)
    assert barriers.mend(place, 500.0) == pytest.approx(40.0)
    assert barriers.integrity[FENCE, place] == 1.0
    assert barriers.mend(place, 500.0) == pytest.approx(20.0)
    assert barriers.mend(place, 500.0) == 0.0
    assert barriers.breached_m(place) == 0.0


def test_a_cut_takes_metres_of_coil_and_of_fence_and_leaves_wall_and_electronics() -> None:
    barriers, place = fresh(), on("open")
    for layer, metres in ((COIL, 800.0), (FENCE, 4.0), (WALL, 1000.0), (ELECTRONICS, 1000.0)):
        barriers.build(layer, place, metres)
    assert barriers.cut(place, 5.0) == pytest.approx(5.0 + 4.0)
    assert barriers.integrity[:, place].tolist() == [1.0 - 5.0 / 800.0, 0.0, 1.0, 1.0]
    assert barriers.cut(place, 5.0) == pytest.approx(5.0), "the fence is gone already"
    assert_delays_follow(barriers)
    assert fresh().cut(place, 5.0) == 0.0


@pytest.mark.parametrize("metres", [-1.0, float("nan")])
def test_a_length_that_is_none_is_refused(metres: float) -> None:
    barriers, roads = fresh(), Roads(BORDER)
    for act in (lambda: barriers.build(FENCE, 200, metres), lambda: barriers.mend(200, metres),
                lambda: barriers.cut(200, metres),
                lambda: roads.mend(200, metres), lambda: roads.survey(200, metres)):  # fmt: skip
        with pytest.raises(ValueError, match="0 or more is needed"):
            act()


@pytest.mark.parametrize("loss", [-0.1, 1.1, float("nan")])
def test_a_loss_that_is_no_share_is_refused(loss: float) -> None:
    with pytest.raises(ValueError, match=r"allowed are shares in \[0, 1\]"):
        fresh().wear([200, 201], loss)


segments = st.integers(195, 212)  # open ground, forest, both sides of a border between posts
steps = st.one_of(
    st.tuples(st.just("build"), st.integers(0, 3), segments, st.floats(0, 1500)),
    st.tuples(st.just("mend"), st.just(0), segments, st.floats(0, 1500)),
    st.tuples(st.just("wear"), st.just(0), segments, st.floats(0, 1)),
    st.tuples(st.just("cut"), st.just(0), segments, st.floats(0, 1500)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=30))
def test_whatever_is_done_stays_within_bounds_and_delays_follow(
    done: list[tuple[str, int, int, float]],
) -> None:
    barriers = fresh()
    for what, layer, place, amount in done:
        before, delay = barriers.built_m[layer, place], barriers.delay_hours[place]
        breached = barriers.breached_m(place)
        slack = 1e-12 * (1.0 + delay)
        if what == "build":
            added = barriers.build(layer, place, amount)
            assert barriers.built_m[layer, place] == pytest.approx(before + added)
            assert added == pytest.approx(min(amount, 1000.0 - before))
            assert barriers.delay_hours[place] >= delay - slack
        elif what == "mend":
            mended = barriers.mend(place, amount)
            assert 0.0 <= mended <= amount
            assert barriers.breached_m(place) == pytest.approx(breached - mended, abs=1e-9)
            assert barriers.delay_hours[place] >= delay - slack
        elif what == "cut":
            hard = barriers.integrity[WALL:, place].tolist()
            lost = barriers.cut(place, amount)
            assert 0.0 <= lost <= 2.0 * amount
            assert barriers.breached_m(place) == pytest.approx(breached + lost, abs=1e-9)
            assert barriers.delay_hours[place] <= delay
            assert barriers.integrity[WALL:, place].tolist() == hard
        else:
            barriers.damage(place, amount)
            assert barriers.delay_hours[place] <= delay
    assert np.all((barriers.built_m >= 0.0) & (barriers.built_m <= 1000.0))
    assert np.all((barriers.integrity >= 0.0) & (barriers.integrity <= 1.0))
    assert np.all(barriers.integrity[barriers.built_m == 0.0] == 1.0)
    assert_delays_follow(barriers)
    one_by_one = [barriers.breached_m(segment) for segment in range(195, 213)]
    assert barriers.breached_by_segment(195, 213).tolist() == one_by_one
    for segment in range(195, 213):
        mended = [barriers.mend(segment, 5000.0) for _ in LAYERS]
        assert sum(mended) == pytest.approx(one_by_one[segment - 195])
        assert barriers.breached_m(segment) == 0.0, "to the last bit: a crumb would be planned for every day"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(segments, st.floats(0, 1)), min_size=1, max_size=40))
def test_wear_of_many_is_wear_of_one_after_the_other(losses: list[tuple[int, float]]) -> None:
    together = fresh()
    for layer, place, metres in ((FENCE, 200, 700.0), (COIL, 200, 1000.0), (WALL, 205, 3.0), (COIL, 210, 1.0)):
        together.build(layer, place, metres)
    apart = together.copy()
    together.wear([place for place, _ in losses], [loss for _, loss in losses])
    for place, loss in losses:
        apart.wear([place], loss)
    for name in ("integrity", "delay_hours", "detection_factor"):
        assert getattr(together, name).tobytes() == getattr(apart, name).tobytes(), name


# ---------------------------------------------------------------- sums, what stands already, copies


def test_kilometres_are_counted_by_country_and_layer() -> None:
    barriers = fresh()
    barriers.build(FENCE, 200, 1000.0)
    barriers.build(FENCE, 205, 500.0)
    barriers.build(COIL, 600, 250.0)
    km = barriers.km_by_country_layer()
    assert km.shape == (len(COUNTRIES), len(LAYERS))
    assert km[0, FENCE] == barriers.km(0, FENCE) == 1.5
    assert km[1, COIL] == 0.25
    assert km.sum() == 1.75


def test_what_stands_already_is_on_easy_ground_near_crossing_points() -> None:
    barriers = fresh()
    barriers.place_existing((existing("PL", "low_coil", 20.5), existing("PL", "low_coil", 10.0)))
    standing = np.flatnonzero(barriers.built_m[COIL])
    assert barriers.km(0, COIL) == pytest.approx(30.5)
    assert barriers.km_by_country_layer().sum() == pytest.approx(30.5)
    assert set(BORDER.segments.terrain[standing]) == {TERRAINS.index("open")}
    own = np.flatnonzero((BORDER.segments.country == 0) & (BORDER.segments.terrain == TERRAINS.index("open")))
    bare = np.setdiff1d(own, standing)
    assert BORDER.segments.crossing_km[standing].max() <= BORDER.segments.crossing_km[bare].min()
    assert_delays_follow(barriers)


def test_what_stands_already_leaves_wide_rivers_for_last() -> None:
    barriers = fresh()
    barriers.place_existing((existing("PL", "wire_fence", 256.0), existing("PL", "low_coil", 257.0)))
    river = BORDER.segments.terrain == TERRAINS.index("river_wide")
    assert barriers.built_m[FENCE, river].sum() == 0.0
    assert barriers.built_m[COIL, river].sum() == pytest.approx(1000.0)


def test_more_than_a_country_has_room_for_is_refused_for_every_such_row() -> None:
    rows = (existing("PL", "wire_fence", 300.0), existing("LV", "low_coil", 10.0), existing("LV", "low_coil", 200.0))
    with pytest.raises(ScenarioError, match=r"(?s)existing\[0\]\.km: found 300; PL has room for 256 .*existing\[2\]"):
        fresh().place_existing(rows)


def test_a_copy_lives_on_its_own_and_a_snapshot_gives_the_same_bits() -> None:
    barriers = fresh()
    barriers.build(FENCE, 200, 321.0)
    barriers.damage(200, 0.3)
    state, copy = barriers.state(), barriers.copy()
    barriers.build(ELECTRONICS, 200, 100.0)
    barriers.damage(200, 0.1)
    assert copy.built_m[ELECTRONICS, 200] == 0.0
    assert copy.delay_hours[200] > 0.0
    again = fresh()
    again.restore(state)
    for name in ("built_m", "integrity", "delay_hours", "detection_factor"):
        assert getattr(again, name).tobytes() == getattr(copy, name).tobytes(), name


def test_a_snapshot_that_cannot_be_is_refused() -> None:
    state = fresh().state()
    with pytest.raises(ValueError, match="integrity: found 2 to 2"):
        fresh().restore(state | {"integrity": state["integrity"] * 2.0})
    with pytest.raises(ValueError, match=r"built_m: found shape \(4, 10\)"):
        fresh().restore(state | {"built_m": state["built_m"][:, :10]})


# ---------------------------------------------------------------- roads


def test_a_mended_road_shortens_the_way_of_its_post_alone() -> None:
    roads = Roads(BORDER, 0.7)
    post = int(BORDER.segments.post[363])
    n_km = int(BORDER.posts.length_km[post])
    assert roads.mend(363, 600.0) == 600.0
    assert roads.response_road_factor[post] == pytest.approx((n_km - 1 + 0.6 * 0.7 + 0.4) / n_km)
    assert roads.mend(363, 600.0) == pytest.approx(400.0)
    assert roads.mended_share[363] == 1.0
    assert np.count_nonzero(roads.response_road_factor != 1.0) == 1
    roads.set_factor(0.5)
    assert roads.response_road_factor[post] == pytest.approx((n_km - 0.5) / n_km)


def test_a_segment_is_surveyed_when_all_of_it_is() -> None:
    roads = Roads(BORDER)
    assert roads.survey(300, 999.0) == 999.0
    assert not roads.surveyed.any()
    assert roads.survey(300, 10.0) == 1.0
    assert np.flatnonzero(roads.surveyed).tolist() == [300]


@pytest.mark.parametrize("factor", [0.0, 1.5, float("nan")])
def test_a_road_factor_that_is_none_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match=r"mended_road_factor: .* allowed is \(0, 1\]"):
        Roads(BORDER, factor)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1269), st.floats(0, 1200)), max_size=30))
def test_roads_of_a_snapshot_give_the_same_bits(work: list[tuple[int, float]]) -> None:
    roads = Roads(BORDER, 0.7)
    for segment, metres in work:
        roads.mend(segment, metres)
        roads.survey(segment, metres)
    copy, again = roads.copy(), Roads(BORDER, 0.7)
    again.restore(roads.state())
    roads.mend(5, 10.0)
    assert copy.response_road_factor.tobytes() == again.response_road_factor.tobytes()
    assert np.array_equal(copy.surveyed, again.surveyed)
    for post in range(len(BORDER.posts)):
        total, n_segments = 0.0, 0
        for segment in range(int(BORDER.posts.first_segment[post]), int(BORDER.posts.end_segment[post])):
            total += 1.0 + float(copy.mended_share[segment]) * (0.7 - 1.0)
            n_segments += 1
        assert copy.response_road_factor[post] == total / n_segments

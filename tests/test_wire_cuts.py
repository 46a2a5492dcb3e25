"""Wire cut by the services outside group crossings: how often, where, by night, and nothing of it without them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import BORDER, N_POSTS, build, start_day, steering

from sim.agents.wire_cuts import MOST_CUTS, PlannedCut, WireCuts, report_cuts
from sim.core.chance import Kind, Purpose, draw
from sim.model import StandoffModel
from sim.scenario.forces import ExistingBarrier
from sim.world.barriers import WIRE

LONG: dict[str, Any] = {"start": date(2021, 9, 1), "until": date(2022, 2, 28)}
EVERYWHERE = tuple(
    ExistingBarrier(source="F034", country=country, layer="low_coil", km=km)  # type: ignore[arg-type]
    for country, km in (("PL", 418.0), ("LT", 600.0), ("LV", 150.0))
)


def night_model(share: float = 1.0, per_day: float = 3.0, **changes: Any) -> StandoffModel:
    """Return a model of half a year under services that direct a share, with coil on all of the line that takes it."""
    given = {
        "steering": (steering(steering_share=share, poland_share=0.8, lithuania_share=0.15),),
        "services": {"cuts_per_day": per_day}, "existing": EVERYWHERE,
    }  # fmt: skip
    return build(**LONG, **(given | changes))


MODEL = night_model()


def live(model: StandoffModel, n_days: int = 150) -> list[tuple[int, int, float]]:
    """Let the services cut for some days, nothing else; return hour, country and metres of each cut."""
    scene, made = model.scene, []
    scene.services.cuts = WireCuts(scene)  # without what was planned as the model was built
    for day in range(n_days):
        start_day(model, day)
        first, end = model.world.calendar.first_hour_of_day[day : day + 2]
        for hour in range(int(first), int(end)):
            scene.hour, scene.day = hour, day
            made += [(hour, country, metres) for country, metres in scene.services.cuts.carry_out(scene)]
    return made


def test_cuts_come_at_the_stated_rate_times_the_share_directed_by_night_alone() -> None:
    model = night_model(share=0.5)
    cuts = live(model)
    assert len(cuts) == pytest.approx(150 * 3.0 * 0.5, abs=5 * np.sqrt(225))
    clocks = {int(model.world.calendar.hour_of_day[hour]) for hour, _, _ in cuts}
    assert clocks == {*range(17, 24), 0, 1, 2}


def test_cuts_lie_where_the_services_send_people() -> None:
    cuts = live(night_model())
    share = np.bincount([country for _, country, _ in cuts], minlength=3) / len(cuts)
    assert share == pytest.approx([0.8, 0.15, 0.05], abs=0.08)


def test_metres_cut_are_metres_lost_by_the_barrier_and_they_are_told_by_day_and_country() -> None:
    model = night_model()
    cuts = live(model)
    told = model.tally.metres_cut
    wanted = np.zeros_like(told)
    for hour, country, metres in cuts:
        wanted[model.world.calendar.day_of_hour[hour], country] += metres
    assert told.tolist() == wanted.tolist()
    assert np.count_nonzero(told.any(axis=0)) == 3
    assert told.sum() == pytest.approx(model.world.barriers.breached_by_segment().sum())
    assert cuts[0][2] == 5.0


def planned(cuts: WireCuts, share: float, running: NDArray[np.float64], day: int) -> list[PlannedCut]:
    """Return what is planned at the midnight of a day of the shared model."""
    scene = MODEL.scene
    scene.day, scene.hour = day, int(MODEL.world.calendar.first_hour_of_day[day])
    cuts._to_come = []
    cuts.plan(scene, share, running)
    return cuts._to_come


def test_cuts_of_a_night_scatter_as_chance_and_end_at_twelve() -> None:
    cuts, running = WireCuts(MODEL.scene), np.cumsum(np.ones(N_POSTS))
    for per_day, at_most in ((3.0, 11), (12.0, MOST_CUTS)):
        cuts.per_day = per_day
        n = np.array([len(planned(cuts, 1.0, running, day)) for day in range(180)])
        assert n.max() <= at_most
        assert len(set(n.tolist())) > 5
        if per_day == 3.0:
            assert (n.mean(), n.var()) == (pytest.approx(3.0, abs=0.6), pytest.approx(3.0, abs=1.5))
        else:
            assert np.count_nonzero(n == MOST_CUTS) / 180 == pytest.approx(0.54, abs=0.19)  # twelve or more


def test_hour_post_and_segment_of_a_cut_are_those_of_its_own_draw() -> None:
    scene, calendar, barriers = MODEL.scene, MODEL.world.calendar, MODEL.world.barriers
    cuts, running = WireCuts(scene), np.cumsum(1.0 + np.arange(N_POSTS) % 3)
    posts, n_cuts = BORDER.posts, 0
    for day in range(20):
        scene.day = day
        for number, cut in enumerate(planned(cuts, 1.0, running, day), start=1):
            lots = draw(scene.seed, Kind.SERVICES, 0, Purpose.CUTS, scene.absolute_day * 12 + number + 2**30)
            when, which, where = (float(lot[0]) for lot in lots[:3])
            assert cut.hour == calendar.hour_at(calendar.date_of_day(day), "17:00") + int(when * 10)
            assert running[cut.post] > which * running[-1] >= (running[cut.post - 1] if cut.post else 0.0)
            barriers.integrity[:] = 1.0
            cuts._to_come, scene.hour = [cut], cut.hour
            segments = range(posts.first_segment[cut.post], posts.end_segment[cut.post])
            wired = [segment for segment in segments if (barriers.built_m[WIRE, segment] > 0.0).any()]
            assert len(cuts.carry_out(scene)) == bool(wired)
            worn = np.flatnonzero((barriers.integrity < 1.0).any(axis=0)).tolist()
            assert worn == ([wired[int(where * len(wired))]] if wired else [])
            n_cuts += 1
    assert n_cuts > 20


def test_in_how_many_people_it_is_told_does_not_matter_to_wire() -> None:
    assert live(night_model(), 20) == live(night_model(migrants={"people_scale": 0.05}), 20)


@pytest.mark.parametrize(
    "changes",
    [
        {"share": 0.0},
        {"per_day": 0.0},
        {"steering": ()},
        {"services": {"enabled": False}},
        {"steering": (steering(steering_share=1.0, poland_share=0.0, lithuania_share=0.0),), "existing": ()},
    ],
    ids=["nobody directed", "switched off", "no row in force", "no services", "no wire"],
)
def test_nothing_is_cut_without_services_or_wire(changes: dict[str, Any]) -> None:
    assert live(night_model(**changes), 30) == []


def test_wall_alone_is_no_wire() -> None:
    wall = (ExistingBarrier(source="F034", country="PL", layer="steel_wall", km=180.0),)
    assert live(night_model(existing=wall), 30) == []


@settings(max_examples=20, deadline=None)
@given(
    per_day=st.floats(0.0, 12.0), share=st.floats(0.0, 1.0), where=st.floats(0.0, 1.0, exclude_max=True),
    posts=st.lists(st.integers(0, N_POSTS - 1), min_size=1, max_size=3, unique=True), day=st.integers(0, 179),
)  # fmt: skip
def test_each_cut_finds_wire_of_its_own_post(
    per_day: float, share: float, where: float, posts: list[int], day: int
) -> None:
    """Whatever the rate and the favour: at most twelve a night, only on segments with wire, at posts that count."""
    model = MODEL
    scene, barriers = model.scene, model.world.barriers
    scene.day, scene.hour = day, int(model.world.calendar.first_hour_of_day[day])
    weight = np.zeros(N_POSTS)
    weight[posts] = 1.0 + where
    cuts = WireCuts(scene)
    cuts.per_day = per_day
    cuts.plan(scene, share, np.cumsum(weight))
    planned = list(cuts._to_come)
    assert len(planned) <= MOST_CUTS
    assert {cut.post for cut in planned} <= set(posts)
    barriers.integrity[:] = 1.0
    for hour in sorted({cut.hour for cut in planned}):
        scene.hour = hour
        cuts.carry_out(scene)
    worn = np.flatnonzero((barriers.integrity < 1.0).any(axis=0))
    assert bool(worn.size) == bool(planned)
    assert set(BORDER.segments.post[worn].tolist()) <= set(posts)
    assert (barriers.built_m[WIRE, :][:, worn] > 0.0).any(axis=0).all()
    assert not cuts._to_come


def test_the_chronicle_tells_a_cut_as_the_models_own_and_by_country() -> None:
    model = build()
    report_cuts(model, [(0, 5.0), (1, 0.0)])
    (entry,) = model.chronicle
    assert (entry.kind, entry.place, entry.size, entry.claimant) == ("wire_cut", "PL", 5.0, "the model")
    assert "Warsaw alleges" in entry.text

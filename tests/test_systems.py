"""Every system of ``docs/systems.md`` has an off-switch that stops it, and its named channel closes.

No test here demands an effect on people: only that a mechanism does its own work, and none when it is off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from small import small_scenario

from sim.agents.habits import Habits
from sim.agents.picture import View
from sim.agents.states import State
from sim.agents.tally import UNIT_KINDS
from sim.model import StandoffModel

DOCUMENT = Path(__file__).parents[1] / "docs" / "systems.md"


@cache
def lived(switch: str = "", name: str = "kuznica-8-november") -> StandoffModel:
    """Return five November days with one switch set, all of them stepped."""
    settings: dict[str, object] = {
        "until": "2021-11-13", "migrants.people_scale": 0.2, "replay_until": "2021-11-12",
        "governments.answer_factor": 1000.0,
    }  # fmt: skip
    if switch:
        key, _, value = switch.partition("=")
        settings[key] = value
    model = StandoffModel(small_scenario(name, **{key.replace(".", "__"): value for key, value in settings.items()}), 5)
    model.run()
    return model


def total(values: object) -> float:
    return float(np.sum(values))  # type: ignore[arg-type]


def excess_of_habits(model: StandoffModel) -> float:
    """Return by how much the rates of own choices exceed what the dated acts alone would give, summed, per day."""
    habits = Habits(model.scenario)
    return total(
        [habits.per_day(row.actor, row.kind) - (row.n_reported + 0.5) / row.days_open for row in model.scenario.habit]
    )


def drills_to_order(model: StandoffModel) -> float:
    """Return how many governments see a drill of their own that they could order on the last morning."""
    picture = model.governments[0].watch.pictures[-1]
    world = model.world
    views = [View(g.name, picture, model.scenario, world.border, world.calendar) for g in model.governments]
    return sum(view.own_drill is not None for view in views)


def difference_of_ends(model: StandoffModel) -> float:
    """Return how far the two ends of the pairs stand apart at rest."""
    return total(np.abs(np.diff(model.tension.equilibrium(), axis=1)))


def view_gained(model: StandoffModel) -> float:
    """Return by how much an observation post would raise detection on a kilometre."""
    barriers = model.world.barriers.copy()
    before = float(barriers.detection_factor[300])
    barriers.raise_observation_post(300, 1000.0)
    return float(barriers.detection_factor[300]) - before


def news_of_the_admitted(model: StandoffModel) -> float:
    """Return how much more people heard than of those whom a driver fetched."""
    heard, keep = np.zeros(len(model.world.border.posts)), model.scene.network.keep
    for fetched in model.tally.picked_up[: model.scene.day]:
        heard = heard * keep + fetched
    return total(model.scene.network.got_on - heard)


OUTPUTS: dict[str, tuple[str, Callable[[StandoffModel], float]]] = {
    "people": ("migrants.enabled=false", lambda model: len(model.people)),
    "illness": ("exposure.harm_per_day=0", lambda model: total(model.tally.harm)),
    "handling": ("exposure.handling_injury_chance=0", lambda model: total(model.tally.handling)),
    "robbery": ("exposure.handling_robbery_chance=0", lambda model: total(model.tally.robbed)),
    "separation": ("exposure.handling_separation_chance=0", lambda model: total(model.tally.separated)),
    "hypothermia by class": ("exposure.hypothermia_odds=0", lambda model: total(model.tally.hypothermia)),
    "hunger": ("exposure.hunger_factor=0", lambda model: float(model.scenario.exposure.hunger_factor)),
    "money": ("money.enabled=false", lambda model: total(model.tally.cannot_pay)),
    "hope": ("network.hope_strength=0", lambda model: abs(model.scene.network.hope - 1.0)),
    "guards": ("guards.enabled=false", lambda model: total(model.tally.unit_hours_on_duty)),
    "stops": ("guards.enabled=false", lambda model: total(model.tally.attempts[:, :, 1:3])),
    "rest in towns": (
        "migrants.rest_per_day=0",
        lambda model: total(model.tally.flow[:, State.LINE, State.MINSK]),
    ),
    "return refused": ("services.enabled=false", lambda model: total(model.tally.refused_back)),
    "group crossings": ("services.enabled=false", lambda model: total(model.tally.group_attempts)),
    "camp": ("services.enabled=false", lambda model: total(model.tally.people[1:, 3])),
    "engineers": ("engineers.enabled=false", lambda model: total(model.engineers.accounts.crew_hours)),
    "mending under cover": (
        "engineers.cover_units=0",
        lambda model: total(model.tally.unit_hours_covering),
    ),
    "wire cut by services": ("services.cuts_per_day=0", lambda model: total(model.tally.metres_cut)),
    "observation posts": ("barriers.observation_post_detection=1", view_gained),
    "fallen trees": ("barriers.tree_fall_chance=0", lambda model: model.engineers.trees.chance),
    "drills": ("drills.enabled=false", lambda model: total(model.drill_unit_hours)),
    "watchers drawn by drills": ("drills.pins_watchers=false", lambda model: total(model.pinned_unit_hours)),
    "dangers of drills": ("drills.dangers=false", lambda model: total(model.drills.expected_dangers)),
    "governments": (
        "governments.enabled=false",
        lambda model: sum(
            entry.actor in {"Warsaw", "NATO", "EU", "Ankara", "London"} and entry.kind != "claim"
            for entry in model.chronicle
        ),
    ),
    "reactions": (
        "governments.reacts=false",
        lambda model: sum(
            entry.actor in {"Warsaw", "Vilnius", "Riga", "Minsk", "Moscow", "NATO", "EU", "London", "Kyiv"}
            for entry in model.chronicle
            if entry.hour >= model.world.calendar.n_hours - 24 and entry.kind != "incident"
        ),
    ),
    "coverage": ("governments.corrects_coverage=false", excess_of_habits),
    "drills on order": ("governments.orders_drills=false", drills_to_order),
    "ends that differ": ("tension.asymmetric=false", difference_of_ends),
    "decision delay": ("tension.decision_delay=false", lambda model: total(model.levers.response_factor - 1.0)),
    "kinds of patrol": (
        "guards.quick_reaction_share=0",
        lambda model: total(model.tally.unit_hours_by_kind[:, UNIT_KINDS.index("quick_reaction")]),
    ),
    "watch within a post": ("guards.focus_share=0", lambda model: total(np.abs(model.scene.guards.focus - 1.0))),
    "keeping back": ("guards.seen_from_km=0", lambda model: total(1.0 - model.scene.guards.clear_share)),
    "fatigue": (
        "guards.fatigue=0",
        lambda model: total(model.scene.guards.fatigue * model.scene.guards.tired),
    ),
    "exhaustion": ("migrants.exhaustion_per_attempt=0", lambda model: model.migrants.journey.exhaustion),
    "services that adapt": (
        "services.adaptation=0",
        lambda model: total(np.abs(float(model.scenario.services.adaptation) * model.scene.network.success_at_post)),
    ),
    "learning where to try": (
        "network.learning_strength=0",
        lambda model: model.scene.network.strength * total(model.scene.network.tried),
    ),
    "going where drivers come": (
        "network.follow_couriers=false",
        lambda model: total(np.abs(model.scene.network.couriers - 1.0)),
    ),
    "hearing of the admitted": ("network.hear_of_admission=false", news_of_the_admitted),
    "leaving poor stretches": (
        "network.leave_poor_stretches=false",
        lambda model: total(model.scene.network.leaving - model.scene.network.carried_elsewhere),
    ),
}


@pytest.mark.parametrize("system", OUTPUTS)
def test_a_system_does_its_own_work_and_none_when_it_is_off(system: str) -> None:
    switch, output = OUTPUTS[system]
    assert output(lived()) > 0.0
    assert output(lived(switch)) == 0.0


def test_a_corridor_hears_people_and_none_are_heard_without_it() -> None:
    scenario = small_scenario(
        "corridor-at-kuznica",
        start="2021-11-08",
        spin_up_from="2021-11-03",
        until="2021-11-10",
        migrants__people_scale=0.2,
    )
    model = StandoffModel(scenario, 5)
    model.run()
    assert model.tally.heard_at_corridor.sum() > 0
    assert lived().tally.heard_at_corridor.sum() == 0


def test_every_system_of_the_document_is_tested_with_the_switch_it_names() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|.*?`([a-z_.]+=[a-z0-9]+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {name: switch for name, (switch, _) in OUTPUTS.items()}

"""The line: limits without guards and with endless delay, and one segment against its closed form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.agents.migrants.attempt import Attempts, resolve
from sim.agents.states import Outcome
from sim.model import StandoffModel
from sim.scenario.load import load_scenario
from verification.check import Check, Floats

__all__ = ["checks", "model_of"]

_NAMES = ("turned back", "prevented", "caught", "seen inside", "unseen inside")


def model_of(name: str, settings: Mapping[str, str] = MappingProxyType({}), seed: int = 1) -> StandoffModel:
    """Return a model of a published scenario with some settings."""
    return StandoffModel(load_scenario(name, settings), seed)


def checks() -> list[Check]:
    """Return the checks of the line."""
    return [no_guards(), endless_delay(), one_segment()]


def _bars(axes: Axes, found: Floats, expected: int) -> None:
    axes.bar(_NAMES, found)
    axes.bar([_NAMES[expected]], [found.sum()], fill=False, edgecolor="black", label="expected")
    axes.set(ylabel="attempts")
    axes.tick_params(axis="x", rotation=20)


def no_guards() -> Check:
    """Without guards, and with nothing on the line, whoever tries gets over unseen."""
    model = model_of(
        "kuznica-8-november",
        {"guards.enabled": "false", "engineers.enabled": "false", "barriers.patience_hours": "48",
         "migrants.people_scale": "0.3", "until": "2021-11-10"},
    )  # fmt: skip
    model.run()
    found = model.tally.attempts.sum(axis=(0, 1)).astype(np.float64)
    return Check(
        "no-guards",
        "Without guards every attempt ends inside, unseen.",
        f"{int(found[Outcome.UNSEEN_INSIDE]):,} of {int(found.sum()):,} attempts of people",
        found.sum() > 500 and found[Outcome.UNSEEN_INSIDE] == found.sum(),
        "one bar, the last",
        lambda axes: _bars(axes, found, Outcome.UNSEEN_INSIDE),
    )


def endless_delay() -> Check:
    """Where the line delays for ever, nobody gets over."""
    model = model_of(
        "kuznica-8-november",
        {"services.enabled": "false", "engineers.enabled": "false", "guards.enabled": "false",
         "migrants.people_scale": "0.3", "until": "2021-11-10"},
    )  # fmt: skip
    barriers = model.world.barriers
    barriers.natural_delay_hours[:] = barriers.delay_hours[:] = 1e6
    model.run()
    found = model.tally.attempts.sum(axis=(0, 1)).astype(np.float64)
    return Check(
        "endless-delay",
        "Where water and barriers delay for ever, every attempt ends on the Belarusian side, with or without guards.",
        f"{int(found[Outcome.TURNED_BACK]):,} of {int(found.sum()):,} attempts of people turned back",
        found.sum() > 300 and found[Outcome.TURNED_BACK] == found.sum(),
        "one bar, the first",
        lambda axes: _bars(axes, found, Outcome.TURNED_BACK),
    )


def _closed_form(rate: float, delay: float, response: float, approach: float, strip: float, patience: float) -> Floats:
    """Return the chances of the five outcomes at one segment, float64[5], for a party alone and units always free.

    Detect, delay, respond: integrals over the lots of delay, of when within it the party is seen, and of response.
    """
    middle = (np.arange(160) + 0.5) / 160
    lot, when, answer = np.meshgrid(middle, middle, middle, indexing="ij", sparse=True)
    held = np.minimum(delay * (0.5 + lot), patience)
    gives_in = delay * (0.5 + lot) > patience
    at_line = approach + held
    seen_first = 1.0 - np.exp(-rate * at_line)
    seen_second = (1.0 - seen_first) * ~gives_in * (1.0 - np.exp(-rate * strip))
    arrives = response * (0.5 + answer)
    left = at_line * (1.0 - when)
    prevented = seen_first * np.mean(arrives <= left, axis=(1, 2), keepdims=True)
    late = np.mean((arrives > left) & (arrives <= left + strip), axis=(1, 2), keepdims=True)
    in_strip = np.mean(arrives <= strip * (1.0 - when), axis=(1, 2), keepdims=True)
    caught = seen_first * ~gives_in * late + seen_second * in_strip
    turned_back = gives_in * 1.0 - prevented * gives_in
    seen = seen_first * ~gives_in + seen_second - prevented * ~gives_in - caught
    unseen = ~gives_in * (1.0 - seen_first) - seen_second
    return np.array([np.mean(part) for part in (turned_back, prevented, caught, seen, unseen)])


def one_segment() -> Check:
    """Outcomes at one segment against the closed form, for delays from none to more than patience."""
    n, segment = 40_000, 100
    model = model_of("kuznica-8-november", {"until": "2021-11-08"})
    scene, section = model.scene, model.scenario.guards
    model.run(12)
    guards, post = scene.guards, int(scene.world.border.segments.post[segment])
    scene.network.running = np.cumsum(np.arange(len(scene.world.border.segments)) == segment).astype(np.float64)
    guards.n_watching[post] = 0.4 * guards.length_km[post]
    nobody = np.zeros(n, dtype=np.int64)
    stand_in: dict[str, Any] = {
        "claim": lambda posts, demand: (demand, 0 * demand, 0 * demand, 0 * demand),  # a unit is always free
        "tie_up": lambda scene: None,
        "speed": lambda posts, until, own: np.ones(len(posts)),
    }
    for name, function in stand_in.items():
        setattr(guards, name, function)
    rate = float(guards.detections_per_hour(scene, np.array([segment]), np.array([1]))[0])
    road = float(scene.world.roads.response_road_factor[post] * scene.levers.response_factor[post])
    response = float(section.response_minutes) / 60.0 * road
    delays = np.array([0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.5, 5.0, 8.0])
    found, expected = [], []
    for number, delay in enumerate(delays):
        scene.world.barriers.delay_hours[segment] = delay
        parties = (np.arange(n) + 1_000_000 * (number + 1)) * 16
        attempts = Attempts(parties, nobody, nobody + post, nobody + 1, np.zeros(n), nobody - 1, nobody)
        ends = resolve(scene, attempts).outcome
        found.append(np.bincount(ends, minlength=5) / n)
        expected.append(
            _closed_form(
                rate, float(delay), response, float(section.approach_hours), float(section.strip_hours),
                float(model.scenario.barriers.patience_hours),
            )
        )  # fmt: skip
    shares, law = np.array(found), np.array(expected)
    spread = np.sqrt(law * (1.0 - law) / n) + 1.5e-3  # of luck, and of the grid of the integrals
    worst = float(np.max(np.abs(shares - law) / spread))

    def draw_it(axes: Axes) -> None:
        at = np.arange(len(delays))
        for outcome, name in enumerate(_NAMES):
            line = axes.plot(at, law[:, outcome], label=name)[0]
            axes.plot(at, shares[:, outcome], "o", color=line.get_color())
        axes.set_xticks(at, [f"{delay:g}" for delay in delays])
        axes.set(xlabel="mean delay of the barrier, h", ylabel="share of attempts")

    return Check(
        "one-segment",
        "At one segment, with a unit always free, outcomes follow the detect–delay–respond integrals.",
        f"{n:,} attempts at each of {len(delays)} delays; largest distance {worst:.1f} standard errors (4 allowed)",
        worst < 4.0,
        "points on their lines; chances of one delay add up to one",
        draw_it,
    )

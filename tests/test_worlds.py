"""Twin and fast model agree in worlds that never were; some tens of them here, a thousand and more in ``make verify``.

The long run goes by lots, each with a seed of its own, and remembers under ``.cache/worlds`` the lots that held under
the very same code: broken off, it goes on where it was. ``WORLDS=3000 make verify ARGS="-k worlds"`` asks for more.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from grounds import on_ground
from happenings import HAPPENINGS, happened
from hypothesis import HealthCheck, Phase, given, seed, settings
from side_by_side import live_together
from world_rows import FIRST_DAY, LAST_DAY
from worlds import FEATURES, NUMBERS, SWITCHES, TURNS, WorldOfChance, spans, worlds

from sim.scenario.load import load_scenario
from sim.scenario.resolved import to_toml
from sim.scenario.wording import SECTIONS, TABLES
from sim.twin.model import TwinModel

ROOT = Path(__file__).resolve().parent.parent
N_WORLDS = int(os.environ.get("WORLDS", "1000"))
N_SHARES = 4
LOT_SIZE = 10
"""Worlds of a lot. After ten examples hypothesis begins to vary those that it has; new lots begin anew."""

OURS = ("grounds.py", "happenings.py", "side_by_side.py", "test_worlds.py", "world_rows.py", "worlds.py")
"""Files of the tests on which the outcome of a lot hangs."""

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


def agree(world: WorldOfChance) -> TwinModel:
    """Let both models live through a world, hold them to each other, and return the twin."""
    with on_ground(world.ground):
        difference, twin = live_together(world.scenario, world.seed)
    assert difference is None, difference
    return twin


# --- some of them, each time ------------------------------------------------------------------------------------------


@settings(SLOW, max_examples=25)
@given(worlds())
def test_twin_and_fast_model_agree_in_a_world_that_never_was(world: WorldOfChance) -> None:
    agree(world)


@settings(SLOW, max_examples=20)
@given(world=worlds())
def test_a_world_that_never_was_is_a_scenario_that_loads(
    world: WorldOfChance, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("world") / "world.toml"
    path.write_text(to_toml(world.scenario), encoding="utf-8")
    assert load_scenario(path) == world.scenario


def test_every_number_and_switch_of_the_schema_is_drawn() -> None:
    declared = {f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields}
    apart = {
        "migrants.people_scale", "migrants.friends_share", "governments.reinforce_most", "weather.offset_c",
    }  # fmt: skip
    assert declared == NUMBERS.keys() | set(SWITCHES) | apart


def test_every_table_of_rows_is_drawn() -> None:
    filled: set[str] = set()

    @seed(1)
    @settings(SLOW, max_examples=60, derandomize=False, database=None, phases=[Phase.generate])
    @given(worlds())
    def look(world: WorldOfChance) -> None:
        filled.update(key for key in TABLES if getattr(world.scenario, key))

    look()
    assert filled == TABLES.keys() - {"calibration"}, "priors of a calibration do not enter a run"


def test_days_on_which_clocks_change_and_years_end_are_drawn() -> None:
    """Each of them within a span, and the year's end crossed: days alone, since whole worlds take longer to draw."""
    met: set[date] = set()

    @seed(1)
    @settings(SLOW, max_examples=150, derandomize=False, database=None, phases=[Phase.generate])
    @given(spans())
    def look(drawn: tuple[date, date | None, date]) -> None:
        start, spin_up_from, until = drawn
        first = spin_up_from or start
        assert FIRST_DAY <= first <= start <= until <= LAST_DAY
        met.update(day for day in (*TURNS[:3], FIRST_DAY, LAST_DAY) if first <= day <= until)
        if first <= TURNS[3] and until >= TURNS[4]:
            met.update(TURNS[3:])

    look()
    assert met == {*TURNS, FIRST_DAY, LAST_DAY}


# --- a thousand and more ----------------------------------------------------------------------------------------------


class Lot(NamedTuple):
    """What was seen in a lot: the worlds by digest, each with its features and what happened in it."""

    seen: dict[str, list[str]]


@cache
def _memory() -> Path:
    """Return the folder of lots that held under this very code: rules, numbers, strategy, comparison."""
    parts = [
        *(ROOT / "sim").rglob("*.py"),
        *(ROOT / "scenarios").glob("*.toml"),
        *(ROOT / "tests" / name for name in OURS),
    ]
    digest = hashlib.sha256()
    for path in sorted(parts):
        digest.update(path.read_bytes())
    folder = ROOT / ".cache" / "worlds" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lot(number: int) -> Lot:
    """Return what was seen in a lot, which is lived through unless it is remembered.

    Raises
    ------
    AssertionError
        If the models part in one of its worlds; hypothesis names a small one.
    """
    path = _memory() / f"lot-{number:04}.json"
    if path.exists():
        return Lot(json.loads(path.read_text(encoding="utf-8")))
    seen: dict[str, list[str]] = {}

    @seed(number)
    @settings(SLOW, max_examples=LOT_SIZE, derandomize=False, database=None, phases=[Phase.generate, Phase.shrink])
    @given(worlds())
    def live(world: WorldOfChance) -> None:
        twin = agree(world)
        digest = hashlib.sha256(f"{world.seed} {world.ground} {world.scenario!r}".encode()).hexdigest()[:16]
        seen[digest] = sorted(world.features | happened(twin) | ({"people"} if twin.people else set()))

    live()
    path.write_text(json.dumps(seen, indent=1), encoding="utf-8")
    return Lot(seen)


def _share(number: int, n_worlds: int) -> dict[str, list[str]]:
    """Return the worlds of every fourth lot until there are enough different ones."""
    seen: dict[str, list[str]] = {}
    lot = number
    while len(seen) < n_worlds:
        seen |= _lot(lot).seen
        lot += N_SHARES
    return seen


@pytest.mark.verify
@pytest.mark.parametrize("share", range(N_SHARES))
def test_twin_and_fast_model_agree_in_a_thousand_worlds(share: int) -> None:
    assert len(_share(share, -(-N_WORLDS // N_SHARES))) >= N_WORLDS // N_SHARES


@pytest.mark.verify
def test_the_thousand_worlds_cover_what_may_happen(capsys: pytest.CaptureFixture[str]) -> None:
    seen: dict[str, list[str]] = {}
    for share in range(N_SHARES):
        seen |= _share(share, -(-N_WORLDS // N_SHARES))
    counts = Counter(name for names in seen.values() for name in names)
    with capsys.disabled():
        print(f"\n{len(seen)} different worlds, of which so many had")
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            print(f"  {count:5}  {name}")
    assert len(seen) >= N_WORLDS - N_SHARES  # the plainest world may turn up in several lots
    assert counts["people"] > len(seen) // 2
    assert (HAPPENINGS.keys() | FEATURES.keys()) - counts.keys() == set()
    assert {f"{key} off" for key in SWITCHES} - counts.keys() == set()

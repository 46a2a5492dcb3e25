"""Snapshots: what a run has become, kept whole, taken up again, and refused when it is not what it should be."""

from __future__ import annotations

import errno
import os
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import arrays_of, small_model

from sim.agents.states import State as PersonState
from sim.errors import OutputError
from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.runs.snapshot import file as snapshot_file
from sim.runs.snapshot.file import Snapshot, read_snapshot, write_snapshot
from sim.runs.snapshot.forms import Gone, decode, encode
from sim.runs.snapshot.state import Baseline, SnapshotError, State, capture, restore

KUZNICA = "kuznica-8-november"
BUSY: dict[str, dict[str, Any]] = {
    "kuznica-8-november": {"until": date(2021, 11, 14), "migrants__people_scale": 0.1},
    "crisis-2021": {"start": date(2021, 10, 29), "until": date(2021, 11, 2), "migrants__people_scale": 0.1},
    "winter-2022": {"start": date(2022, 3, 25), "until": date(2022, 3, 29), "replay_until": date(2022, 3, 26),
                    "spin_up_from": date(2022, 3, 24)},
    "drills-do-not-end": {"start": date(2021, 11, 10), "until": date(2021, 11, 16), "spin_up_from": date(2021, 11, 8)},
    "corridor-at-kuznica": {"start": date(2021, 11, 14), "until": date(2021, 11, 18),
                            "spin_up_from": date(2021, 11, 10)},
}  # fmt: skip
"""Scenarios with something of everything: group crossings, a day of 25 and one of 23 hours, own rules, drills."""


def busy(name: str, seed: int = 1) -> StandoffModel:
    """Return a small model of one of the busy scenarios."""
    return small_model(name, seed, **BUSY[name])


def unlike(one: State, other: State) -> set[tuple[str, str]]:
    """Return the attributes in which two states differ."""
    keys = one.leaves.keys() | other.leaves.keys()
    return {
        key
        for key in keys
        if key not in one.leaves or key not in other.leaves or not one.leaves[key].same_as(other.leaves[key])
    }


def assert_same_lives(one: StandoffModel, other: StandoffModel) -> None:
    """Check that two models hold the same arrays and tell the same."""
    ours, theirs = arrays_of(one), arrays_of(other)
    assert ours.keys() == theirs.keys()
    for path, array in ours.items():
        assert array.dtype == theirs[path].dtype, path
        assert array.tobytes() == theirs[path].tobytes(), path
    assert one.chronicle == other.chronicle
    assert make_record(one).identical(make_record(other))
    assert chronicle_table(one).equals(chronicle_table(other))


def through_a_file(state: State, model: StandoffModel, folder: Path) -> State:
    """Write a state to a file and read it back."""
    path = folder / "a.snapshot"
    write_snapshot(Snapshot(model.scenario, model.seed, state, date(2021, 11, 8)), path)
    return read_snapshot(path).state


# ---------------------------------------------------------------- a run taken up again is the run


@pytest.mark.parametrize("name", BUSY)
def test_a_model_taken_up_again_is_the_model_in_every_attribute(name: str, tmp_path: Path) -> None:
    """Nothing that any rule keeps is lost: whatever differs from a model just built is the same in both."""
    model = busy(name)
    baseline = Baseline(model)
    model.run(int(model.world.calendar.first_hour_of_day[3]))
    state = capture(model, baseline)
    assert len(state.leaves) > 100
    again = StandoffModel(model.scenario, model.seed)
    baseline_again = restore(again, through_a_file(state, model, tmp_path))
    assert unlike(state, capture(again, baseline_again)) == set()
    model.run()
    again.run()
    assert_same_lives(model, again)
    assert unlike(capture(model, baseline), capture(again, baseline_again)) == set()


@settings(max_examples=4, deadline=None)
@given(
    day=st.integers(1, 4), further=st.integers(1, 2), name=st.sampled_from(sorted(BUSY)), seed=st.integers(0, 2**63 - 1)
)
def test_it_does_not_matter_on_which_days_a_run_is_interrupted(day: int, further: int, name: str, seed: int) -> None:
    whole, pieces = busy(name, seed), busy(name, seed)
    baseline = Baseline(pieces)
    first_hours = whole.world.calendar.first_hour_of_day
    for stop in (day, day + further):
        if stop < len(first_hours):
            pieces.run(int(first_hours[stop]))
            state = capture(pieces, baseline)
            pieces = StandoffModel(whole.scenario, seed)
            baseline = restore(pieces, state)
    whole.run()
    pieces.run()
    assert_same_lives(whole, pieces)


def test_a_run_may_be_interrupted_in_the_middle_of_a_day() -> None:
    whole, model = busy(KUZNICA), busy(KUZNICA)
    baseline = Baseline(model)
    model.run(61)
    again = StandoffModel(model.scenario, model.seed)
    restore(again, capture(model, baseline))
    whole.run()
    again.run()
    assert whole.chronicle == again.chronicle
    assert make_record(whole).identical(make_record(again))


def test_what_is_left_out_of_snapshots_does_not_change_in_a_run() -> None:
    """Geometry, weather and calendar are read-only, and nobody draws from Mesa's own generators."""
    model = busy(KUZNICA)

    def given_things() -> dict[str, Any]:
        world = model.world
        arrays = {f"{part}.{name}": value.tobytes()
                  for part, thing in (("weather", world.weather), ("calendar", world.calendar),
                                      ("segments", world.border.segments), ("posts", world.border.posts))
                  for name, value in vars(thing).items() if isinstance(value, np.ndarray)}  # fmt: skip
        return arrays | {"random": model.random.getstate(), "rng": str(model.rng.bit_generator.state)}

    before = given_things()
    assert len(before) > 15
    model.run()
    assert given_things() == before


# ---------------------------------------------------------------- state that a rule adds cannot be forgotten


@dataclass
class Rumour:
    """What a rule of the future might keep. It stands in no module of the package, so no snapshot can keep it."""

    text: str


def kept_and_taken_up(model: StandoffModel) -> StandoffModel:
    """Return a model taken up from what `model` became after its attributes were changed by hand."""
    fresh = StandoffModel(model.scenario, model.seed)
    restore(fresh, capture(model, Baseline(fresh)))
    return fresh


@pytest.mark.parametrize(
    "value",
    [7, -0.0, float("inf"), "ź", None, True, [1, [2.5]], (1, "a"), {"a": {3: (4,)}}, {1, 2}, frozenset({"x"}),
     deque([1, 2], maxlen=5), np.float64(0.1), np.int8(-3), date(2021, 11, 8), datetime(2021, 11, 8, 3),
     timedelta(hours=5), PersonState.CAMP],
    ids=repr,
)  # fmt: skip
def test_whatever_plain_thing_a_rule_begins_to_keep_is_kept(value: object) -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 8))
    model.scene.network.heard = value  # type: ignore[attr-defined]
    model.scene.services.drive = 0.25
    found = kept_and_taken_up(model)
    assert repr(found.scene.network.heard) == repr(value)  # type: ignore[attr-defined]
    assert type(found.scene.network.heard) is type(value)  # type: ignore[attr-defined]
    assert found.scene.services.drive == 0.25


def test_arrays_lists_of_arrays_and_shared_arrays_are_kept() -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 8))
    network, guards = model.scene.network, model.scene.guards
    network.tried = network.got_in = np.arange(1270.0)
    guards.shifts = {1: [np.array([True, False]), np.array(["a", "ź"])]}  # type: ignore[attr-defined]
    found = kept_and_taken_up(model)
    assert found.scene.network.tried is found.scene.network.got_in
    assert np.array_equal(found.scene.network.tried, np.arange(1270.0))
    first, second = found.scene.guards.shifts[1]  # type: ignore[attr-defined]
    assert first.tolist() == [True, False] and second.tolist() == ["a", "ź"]


@pytest.mark.parametrize(
    "value", [Rumour("x"), [object()], np.array([None]), 3j, b"raw"], ids=lambda value: type(value).__name__
)
def test_what_cannot_be_kept_stops_the_snapshot_and_names_the_place(value: object) -> None:
    model = small_model(KUZNICA, until=date(2021, 11, 8))
    baseline = Baseline(model)
    model.scene.network.heard = value  # type: ignore[attr-defined]
    with pytest.raises(SnapshotError, match=r"^model\.scene\.network\.heard holds .*, which no snapshot can keep$"):
        capture(model, baseline)


@pytest.mark.parametrize(
    "form",
    [{"!": "enum", "of": "os:system", "value": 1}, {"!": "data", "of": "builtins:dict", "fields": {}}, {"!": "what"},
     {"!": "data", "of": "sim.model:StandoffModel", "fields": {}}, {"!": "array", "number": 3}, {}, 1j],
    ids=str,
)  # fmt: skip
def test_a_form_that_is_none_of_ours_builds_nothing(form: object) -> None:
    with pytest.raises(ValueError, match=r"no form of a value|is no class of this version|is no data"):
        decode(form, [], lambda path: path)


def test_an_object_that_is_not_there_is_gone() -> None:
    def nobody(path: str) -> NoReturn:
        raise Gone(path)

    leaf = encode([1, "x"], lambda thing: "a.b" if thing == "x" else None)
    assert leaf.form == [1, "x"], "text is text"
    with pytest.raises(Gone, match=r"^a\.b$"):
        decode({"!": "object", "path": "a.b"}, [], nobody)


# ---------------------------------------------------------------- the file


@pytest.fixture(name="written", scope="module")
def a_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole snapshot of a small run."""
    model = small_model(KUZNICA, until=date(2021, 11, 8))
    baseline = Baseline(model)
    model.run(24)
    path = tmp_path_factory.mktemp("snapshots") / "2021-11-08.snapshot"
    write_snapshot(Snapshot(model.scenario, model.seed, capture(model, baseline), date(2021, 11, 8), "cmd", "k"), path)
    return path


def test_a_snapshot_read_back_is_what_was_written_and_its_bytes_do_not_change(written: Path, tmp_path: Path) -> None:
    snapshot = read_snapshot(written)
    assert (snapshot.last_day, snapshot.command, snapshot.changed, snapshot.broken) == (
        date(2021, 11, 8),
        "cmd",
        "k",
        "",
    )
    assert snapshot.state.hour == 24
    write_snapshot(snapshot, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == written.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / "again"]


def test_any_damage_is_found(written: Path, tmp_path: Path) -> None:
    content = written.read_bytes()
    damaged = tmp_path / "damaged"
    places = np.linspace(0, len(content) - 1, 60).astype(int)
    n_found = 0
    for place in places:
        damaged.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            read_snapshot(damaged)
        except SnapshotError as error:
            n_found += 1
            assert "damaged" in str(error) or "checksum" in str(error)
    assert n_found >= 55, "but for what a zip says twice, such as times and names"
    damaged.write_bytes(content[: len(content) // 2])
    with pytest.raises(SnapshotError, match="found no snapshot, or a damaged one; a snapshot is needed"):
        read_snapshot(damaged)


def resealed(written: Path, path: Path, **changes: object) -> Path:
    """Write a snapshot whose head says something else, with a checksum that fits."""
    import json

    with np.load(written) as stored:
        arrays = {name: stored[name] for name in stored.files}
    head = json.loads(arrays["head"].tobytes()) | changes
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    arrays["sha256"] = np.frombuffer(snapshot_file._digest(arrays).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "another"}, "found something else than a snapshot"),
        ({"version": "0.0.9"}, r"found a snapshot of version 0\.0\.9; this is version"),
        ({"format_version": 99}, "found a snapshot of version"),
        ({"model_code": "0" * 64}, "found a snapshot of other rules under the same version"),
        ({"scenario_hash": "0" * 64}, "found a scenario that loads to another one"),
        ({"scenario": {"name": "x"}}, "found a scenario that does not load"),
        ({"leaves": [["model", "hour"]]}, "found a snapshot that lacks something"),
        ({"last_day": "yesterday"}, "found a snapshot that lacks something"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_a_foreign_snapshot_is_refused_with_the_reason(
    written: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(SnapshotError, match=reason):
        read_snapshot(resealed(written, tmp_path / "other", **changes))


def test_other_files_are_refused(tmp_path: Path) -> None:
    pickled = tmp_path / "pickled"
    with pickled.open("wb") as file:
        np.savez(file, head=np.array([{"a": 1}], dtype=object), sha256=np.zeros(3, dtype=np.uint8))
    text = tmp_path / "text"
    text.write_text("hello")
    for path, reason in (
        (pickled, "no snapshot, or a damaged one"), (text, "no snapshot, or a damaged one"),
        (tmp_path / "nothing", "no such file"), (tmp_path, "a file that cannot be read"),
    ):  # fmt: skip
        with pytest.raises(SnapshotError, match=reason):
            read_snapshot(path)


def test_a_full_disk_leaves_the_earlier_snapshot_and_nothing_half_written(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "2021-11-08.snapshot"
    path.write_bytes(b"the earlier one")

    def full(file: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    snapshot = read_snapshot(written)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot write the snapshot '.*': No space left on device"):
        write_snapshot(snapshot, path)
    assert path.read_bytes() == b"the earlier one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_state_of_another_model_is_refused(written: Path) -> None:
    state = read_snapshot(written).state
    leaf = encode({"seats": 1}, lambda thing: None)
    leaf.form = {"!": "data", "of": "sim.agents.levers:NoSuch", "fields": {}}
    state.leaves["model.levers", "camp_target"] = leaf
    with pytest.raises(
        SnapshotError, match=r"the snapshot does not fit this version: 'sim\.agents\.levers:NoSuch' is no"
    ):
        restore(small_model(KUZNICA, until=date(2021, 11, 8)), state)

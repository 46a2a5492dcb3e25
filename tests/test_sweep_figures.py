"""Figures of sweeps that are hard to draw: switches, settings in one place, sides that never move, single runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analysis import sweep as sweeps
from sim.analysis.points import PointRun
from sim.analysis.sweep import sweep
from sim.plots import sweep as drawing
from sim.plots.labels import overlapping_texts
from sim.plots.style import Frame
from sim.runs.execution import Execution

SWITCH, NUMBER = "guards.enabled", "guards.response_minutes"


def drawn(
    monkeypatch: pytest.MonkeyPatch, folder: Path, vary: dict[str, list[str]], members: int = 3
) -> dict[str, Frame]:
    """Return the figures of a sweep by name, of runs that are a formula; without guards, minutes change nothing."""

    def one(scenario: Any, seed: int) -> PointRun:
        on, minutes = scenario.guards.enabled, float(scenario.guards.response_minutes)
        luck = np.random.default_rng([seed, int(minutes) if on else 0]).normal(0.0, 40.0)
        return PointRun(
            {},
            {
                "deaths": 0.0, "taken to hospital": 140.0, "engineers' crew-hours": 33_210.0,
                "nights outdoors": 17_000.0 - (110.0 * minutes if on else 3_400.0) + luck,
                "recorded attempts, Poland": (1_900.0 - minutes if on else 300.0) + 2.0 * luck,
                "guards' unit-hours on duty": 78_624.0 * on,
                "incidents between armed forces": 0.0,
            },
        )  # fmt: skip

    def run(scenario: Any, points: Any, folder: Any, pool: Any, **more: Any) -> Any:
        return [one(scenario, point.seed) for point in points], {}

    frames: dict[str, Frame] = {}

    def keep(framed: Frame, folder: Path, name: str) -> list[Path]:
        frames[name] = framed
        assert overlapping_texts(framed.figure) == []
        return []

    monkeypatch.setattr(sweeps, "run_points", run)
    monkeypatch.setattr(drawing, "save", keep)
    sweep("crisis-2021", vary, members=members, execution=Execution(0, out=folder))
    return frames


def words(framed: Frame) -> str:
    """Return all that a figure says, line breaks as blanks."""
    own = [text.get_text() for text in framed.figure.texts]
    for axes in framed.figure.axes:
        own += [text.get_text() for text in axes.texts]
        own += [axes.get_xlabel(), axes.get_ylabel(), *(label.get_text() for label in axes.get_yticklabels())]
    return " ".join(" ".join(own).split())


def test_settings_in_one_place_are_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = drawn(monkeypatch, tmp_path / "w", {SWITCH: ["true", "false"], NUMBER: ["10", "20", "40"]})
    assert set(frames) == {"lever-1-guards-enabled", "lever-2-guards-response_minutes", "frontier"}
    said = words(frames["frontier"])
    for setting in ("1 true · 10 min", "2 true · 20 min", "3 true · 40 min", "4 false · 10 min", "6 false · 40 min"):
        assert setting in said
    assert "4–6" in said, "three settings in one place share a label"
    lever = words(frames["lever-2-guards-response_minutes"])
    assert "10 min 20 min 40 min" in lever and "Colour: guards.enabled" in lever and "● true ● false" in lever


@pytest.mark.parametrize("members", [1, 3])
def test_axes_have_units_and_a_side_that_never_moves_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: int
) -> None:
    frames = drawn(monkeypatch, tmp_path / "w", {NUMBER: ["10", "20", "40"]}, members)
    suffering, security, cost, escalation = frames["lever-1-guards-response_minutes"].figure.axes
    assert [axes.get_xlabel() for axes in (suffering, security)] == ["person-nights", "person-attempts"]
    for axes in (cost, escalation):
        assert "The same at every setting." in " ".join(axes.texts[-1].get_text().split())
        assert not axes.lines and not len(axes.get_xticks())
    up, *rest = frames["frontier"].figure.axes
    assert (up.get_xlabel(), up.get_ylabel()) == ("nights outdoors: person-nights", "person-attempts")
    assert all(not axes.lines for axes in rest)


def test_a_single_run_is_not_said_to_have_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = drawn(monkeypatch, tmp_path / "one", {SWITCH: ["true", "false"]}, members=1)
    three = drawn(monkeypatch, tmp_path / "three", {SWITCH: ["true", "false"]}, members=3)
    for name, framed in one.items():
        assert "Student" not in words(framed) and "One run has no interval" in words(framed)
        assert "Bar: its 95 % interval (Student t)" in words(three[name])


def test_many_settings_and_long_words_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {
        NUMBER: [f"{n} min" for n in range(10, 18)],
        SWITCH: ["true", "false"],
        "drills.enabled": ["true", "false"],
    }
    frames = drawn(monkeypatch, tmp_path / "w", many)
    assert "32  17 min · false · false" in "".join(text.get_text() for text in frames["frontier"].figure.texts)


def test_a_lever_that_leaves_suffering_as_it_is_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = drawn(monkeypatch, tmp_path / "w", {"drills.enabled": ["true", "false"]})
    assert words(frames["frontier"]).count("The same at every setting.") == 3


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ({SWITCH: ["true", "false"]}, "crisis-2021 · 1 Aug – 31 Dec 2021 · 6"),
        ({"until": ["2021-09-01", "2021-10-01"]}, "crisis-2021 · days by setting, within 1 Aug – 1 Oct 2021 · 6"),
        ({"until": ["2021-10-01", "2021-09-01"]}, "crisis-2021 · days by setting, within 1 Aug – 1 Oct 2021 · 6"),
        ({"migrants.people_scale": ["0.1", "0.2"]}, "· people scaled by setting, so are all counts · 1 Aug"),
        ({"people_per_agent": ["1", "2"]}, "· people an agent stands for differ by setting · 1 Aug"),
    ],
)
def test_the_head_tells_what_is_not_the_same_in_all_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vary: dict[str, list[str]], told: str
) -> None:
    for framed in drawn(monkeypatch, tmp_path / "w", vary).values():
        assert told in words(framed)

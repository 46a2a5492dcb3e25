"""Sensitivity, discovery, sweeps and exports: known answers, refusals, and one small run of each."""

from __future__ import annotations

import errno
import json
import os
import re
import warnings
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analysis import discover as discovery
from sim.analysis import sensitivity as sensitivities
from sim.analysis import sweep as sweeps
from sim.analysis.discover import discover, find_box
from sim.analysis.exploration import heading
from sim.analysis.exports import codebook, export
from sim.analysis.luck import morris_noise, sobol_luck
from sim.analysis.objectives import BEARING, FRONTIER, ObjectiveError, check_objective, check_shown
from sim.analysis.points import AnalysisError, PointRun, outcomes_of, value_of
from sim.analysis.sensitivity import ranges_of, sensitivity
from sim.analysis.sweep import sweep
from sim.cli import main
from sim.errors import OutputError
from sim.plots.exploring import discovery_figure, sensitivity_figure
from sim.plots.labels import overlapping_texts
from sim.plots.style import house
from sim.runs.execution import Execution
from sim.runs.one import simulate
from sim.scenario.load import load_scenario
from tests.small import small_scenario

KEYS = ["guards.watch_depth_km", "migrants.attempt_interval_hours", "guards.fatigue"]


def pretend(monkeypatch: pytest.MonkeyPatch, module: Any, noise: float = 0.0, effect: float = 100.0) -> None:
    """Let runs be a formula of the numbers: deaths hang on the first key alone, nights on the first two together.

    Luck is that of a chaos: another number, another luck, under the same seed as well.
    """

    def one(numbers: dict[str, float], seed: int) -> PointRun:
        depth, interval = numbers.get(KEYS[0], 0.2), numbers.get(KEYS[1], 100.0)
        chaos = zlib.crc32(json.dumps(sorted(numbers.items())).encode())
        luck = np.random.default_rng([seed, chaos]).normal(0, noise) if noise else 0.0
        total = {
            "deaths": effect * depth + luck,
            "nights outdoors": depth * interval,
            **dict.fromkeys(FRONTIER.values(), 5.0),
        }
        return PointRun(
            {}, total | {"nights outdoors": depth * interval, "taken to hospital": 1.0, "engineers' crew-hours": 2.0}
        )

    def run(scenario: Any, points: Any, folder: Any, pool: Any, **more: Any) -> Any:
        numbers = {KEYS[0]: float(scenario.guards.watch_depth_km)}
        return [one({**numbers, **dict(point.numbers)}, point.seed) for point in points], {}

    monkeypatch.setattr(module, "run_points", run)


def test_morris_finds_what_matters_and_what_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, sensitivities)
    result = sensitivity(
        "crisis-2021", keys=KEYS, trajectories=6, outcomes=["deaths"], execution=Execution(0, out=tmp_path / "s")
    )
    low, high = ranges_of(load_scenario("crisis-2021"), KEYS)[KEYS[0]]
    strong = result.table.iloc[0]
    assert strong["key"] == KEYS[0]
    assert strong["mu_star"] == pytest.approx(100 * (high - low))
    assert strong["sigma"] == pytest.approx(0.0, abs=1e-9)
    assert result.table["mu_star"][1:].tolist() == [0.0, 0.0]
    assert result.n_runs == 6 * 4 * 2
    assert (tmp_path / "s" / "tables" / "sensitivity.csv").is_file()


def test_sobol_gives_all_variance_to_the_one_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, sensitivities)
    table = sensitivity(
        "crisis-2021", method="sobol", keys=KEYS, trajectories=256, seeds=1, outcomes=["deaths"],
        execution=Execution(0, out=tmp_path / "s"),
    ).table  # fmt: skip
    assert table.iloc[0]["key"] == KEYS[0]
    assert table.iloc[0]["total"] == pytest.approx(1.0, abs=0.05)
    assert table.iloc[1]["total"] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("effect", "found"), [(0.0, []), (100.0, [KEYS[0]])])
def test_luck_is_told_from_an_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: float, found: list[str]
) -> None:
    pretend(monkeypatch, sensitivities, noise=3.0, effect=effect)
    table = sensitivity(
        "crisis-2021", keys=KEYS, trajectories=6, outcomes=["deaths"], execution=Execution(0, out=tmp_path / "s")
    ).table
    assert table["noise"].nunique() == 1 and table["noise"].iloc[0] > 0.0
    assert table["key"][table["detectable"]].tolist() == found


@pytest.mark.parametrize("n_factors", [3, 40])
def test_luck_exceeds_its_bound_in_one_analysis_of_twenty(n_factors: int) -> None:
    """Of numbers none of which matters, the strongest is called detectable as rarely as is said."""
    rng = np.random.default_rng(5)
    step, wrong = 2.0 / 3.0, 0
    for _ in range(400):
        values = rng.normal(size=(4 * (n_factors + 1), 2))
        effects = np.diff(values.mean(axis=1).reshape(4, n_factors + 1), axis=1) / step
        wrong += np.abs(effects).mean(axis=0).max() > morris_noise(values, n_factors, step)
    assert 0.01 < wrong / 400 < 0.09


def test_numbers_that_nothing_reads_do_not_hide_luck() -> None:
    values = np.random.default_rng(6).normal(size=(8, 2))
    idle = np.repeat(values, [1, 1, 1, 5, 1, 1, 1, 5], axis=0)  # four steps more in each trajectory that change nothing
    assert morris_noise(idle, 7, 1.0) > morris_noise(values, 3, 1.0)


def test_one_seed_says_nothing_on_luck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, sensitivities)
    table = sensitivity(
        "crisis-2021", keys=KEYS, trajectories=4, seeds=1, outcomes=["deaths"],
        execution=Execution(0, out=tmp_path / "s"),
    ).table  # fmt: skip
    assert table["noise"].isna().all() and not table["detectable"].any()


def test_the_share_of_luck_is_that_of_a_known_mixture() -> None:
    rng = np.random.default_rng(7)
    signal, common, luck = rng.normal(0, 2, 4000), rng.normal(0, 9, 4), rng.normal(0, 2, (4000, 4))
    values = signal[:, None] + common[None, :] + luck
    assert sobol_luck(values) == pytest.approx(1.0 / (1.0 + 4.0), abs=0.02)  # 4 / 4 seeds beside 4


def test_a_section_moves_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, sensitivities)
    result = sensitivity(
        "crisis-2021", trajectories=4, by_section=True, outcomes=["deaths"], execution=Execution(0, out=tmp_path / "s")
    )
    sections = {key.partition(".")[0] for key in ranges_of(load_scenario("crisis-2021"))}
    assert result.n_runs == 4 * (len(sections) + 1) * 2
    assert set(result.table["key"]) == sections
    assert result.table["key"].iloc[0] == "guards" and result.table["low"].isna().all()
    assert result.table["numbers"].sum() == len(ranges_of(load_scenario("crisis-2021")))
    assert result.table["key"][result.table["detectable"]].tolist() == ["guards"]


def test_a_section_of_several_numbers_has_no_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its numbers move up and down apart from each other, so that no direction of the section is that of its effect."""
    pretend(monkeypatch, sensitivities)
    keys = [f"--key={key}" for key in KEYS]
    size = ["--trajectories", "6", "--of", "deaths", "--workers", "0", "--out", str(tmp_path / "s")]
    assert main(["sensitivity", "crisis-2021", "--by-section", *keys, *size]) == 0
    assert "A section of several numbers has no direction" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "s" / "tables" / "sensitivity.csv").assign(doubt="")
    guards, migrants = table.to_dict("records")
    assert [guards["key"], guards["numbers"], migrants["key"], migrants["numbers"]] == ["guards", 2, "migrants", 1]
    assert np.isnan(guards["mu"]) and guards["mu_star"] > 0.0
    assert migrants["mu"] == 0.0
    book = pd.read_csv(tmp_path / "s" / "tables" / "codebook.csv").set_index("name")["meaning"]
    assert "none for a section of several" in book["mu"]
    with house():
        said = sensitivity_figure(table, "A remark.", a_heading())
    assert "luck alone makes any of them exceed" in " ".join(text.get_text() for text in said.figure.texts)
    assert "A remark." in " ".join(text.get_text() for text in said.figure.texts)


@pytest.mark.parametrize(
    ("trajectories", "outcome", "told"),
    [("2", "deaths", "too small to tell shares of variance"), ("64", "taken to hospital", "the same in every run")],
)
def test_shares_that_tell_nothing_are_words_and_no_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trajectories: str,
    outcome: str, told: str,
) -> None:  # fmt: skip
    pretend(monkeypatch, sensitivities, noise=30.0, effect=10.0)
    size = ["--trajectories", trajectories, "--of", outcome, "--workers", "0", "--out", str(tmp_path / "s")]
    asked = ["--method", "sobol", *(f"--key={key}" for key in KEYS), *size]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert main(["sensitivity", "crisis-2021", *asked]) == 0
    out = capsys.readouterr().out
    assert told in out and "alone" not in out and KEYS[0] not in out
    table = pd.read_csv(tmp_path / "s" / "tables" / "sensitivity.csv")
    assert table["doubt"].str.contains(told).all()
    with house():
        framed = sensitivity_figure(table, "", a_heading())
    assert any(told in " ".join(text.get_text().split()) for text in framed.figure.axes[0].texts)
    assert not framed.figure.axes[0].lines
    assert overlapping_texts(framed.figure) == []


def test_an_outcome_that_no_number_moves_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, sensitivities)
    size = ["--trajectories", "4", "--of", "taken to hospital", "--workers", "0", "--out", str(tmp_path / "s")]
    assert main(["sensitivity", "crisis-2021", *(f"--key={key}" for key in KEYS), *size]) == 0
    out = capsys.readouterr().out
    assert "the same in every run" in out and "below 0" not in out


def a_heading() -> Any:
    return heading(load_scenario("crisis-2021"), range(1, 3), 96)


def test_figures_can_be_read_with_the_longest_names() -> None:
    scenario = load_scenario("crisis-2021", {"until": "2021-10-15", "people_per_agent": "2"})
    head = heading(scenario, range(1, 3), 96)
    keys = sorted(ranges_of(scenario), key=len)[-12:]
    one = {"outcome": "recorded attempts, Lithuania and Latvia", "mean": 221_298.4, "numbers": 1, "sigma": 1.0}
    table = pd.DataFrame(
        {
            **one,
            "key": key,
            "mu_star": 9.0 + n,
            "mu_star_95": 4.0,
            "mu": 9.0 + n,
            "noise": 12.0,
            "detectable": n > 3,
            "doubt": "",
        }
        for n, key in enumerate(keys)
    )
    box = pd.DataFrame(
        {"key": key, "unit": "h", "low": 0.2, "high": 1.0, "range_low": 0.0, "range_high": 1.0} for key in keys[:4]
    )
    rng = np.random.default_rng(3)
    runs = pd.DataFrame(rng.random((40, 4)), columns=keys[:4]).assign(outcome=rng.normal(3e5, 1e5, 40), wanted=True)
    with house():
        sensitivity_said = sensitivity_figure(table, "", head).figure
        discovery_said = discovery_figure(box, runs, "nights outdoors", "in 40% of the runs", "48 runs", head)
        assert overlapping_texts(sensitivity_said) == []
        assert overlapping_texts(discovery_said.figure) == []
    assert discovery_said.figure.axes[0].get_xlabel().endswith("\nh")
    assert "one agent stands for 2 people" in sensitivity_said.texts[1].get_text()
    assert sensitivity_said.axes[0].get_title(loc="left").endswith("mean of all runs 221,298; 2 weaker ones left out")


@pytest.mark.parametrize("weight", ["1", "4"])
def test_a_results_folder_says_what_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weight: str) -> None:
    for module, command in (
        (sensitivities, ["sensitivity", "--trajectories", "2", "--of", "deaths", "--key", KEYS[0], "--key", KEYS[1]]),
        (discovery, ["discover", "--of", "deaths", "--below", "20", "--runs", "32", "--key", KEYS[0]]),
        (sweeps, ["sweep", "--vary", f"{KEYS[0]}=0.1,0.2", "--members", "2"]),
    ):
        pretend(monkeypatch, module)
        name, folder = command[0], tmp_path / command[0]
        more = ["--workers", "0", "--people-per-agent", weight, "--out", str(folder), "--quiet"]
        assert main([name, "crisis-2021", *command[1:], *more]) == 0
        what = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["what"]
        assert what["command"].startswith(f"standoff {name} crisis-2021 --") and str(tmp_path) not in what["command"]
        (table,) = (path for path in (folder / "tables").iterdir() if path.name != "codebook.csv")
        book = pd.read_csv(folder / "tables" / "codebook.csv").set_index("name")["meaning"]
        assert set(pd.read_csv(table).columns) <= set(book.index)
        assert ("weights" in book.index) == (weight != "1")
        assert "not for" in book["limits"].lower()
        assert list((folder / "figures").glob("*.png"))


@pytest.mark.parametrize(
    ("module", "command"),
    [
        (sensitivities, ["sensitivity", "--trajectories", "2", "--of", "deaths", f"--key={KEYS[0]}"]),
        (discovery, ["discover", "--of=deaths", "--below=20", "--runs=32", f"--key={KEYS[0]}"]),
        (sweeps, ["sweep", "--members=2", f"--vary={KEYS[0]}=0.1,0.2"]),
    ],
)
def test_figures_of_an_earlier_call_do_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, command: list[str]
) -> None:
    pretend(monkeypatch, module)
    name, *rest = command
    out = ["--workers", "0", "--quiet", "--out", str(tmp_path / "x")]
    assert main([name, "crisis-2021", *rest, *out]) == 0
    figures = tmp_path / "x" / "figures"
    (figures / "mine.png").touch()
    earlier = {path.name for path in figures.iterdir()}
    assert len(earlier) >= 3
    assert main([name, "crisis-2021", *rest, "--no-figures", *out]) == 0
    assert {path.name for path in figures.iterdir()} & earlier == {"mine.png"}


def test_only_soft_numbers_vary_by_default() -> None:
    scenario = load_scenario("crisis-2021")
    ranges = ranges_of(scenario)
    assert KEYS[0] in ranges
    assert "exposure.harm_per_day" not in ranges  # measured
    assert "migrants.people_scale" not in ranges
    assert all(low < high for low, high in ranges.values())


@pytest.mark.parametrize(
    ("keys", "outcomes", "match"),
    [
        (["guards.watch_dept_km"], ["deaths"], "did you mean 'guards.watch_depth_km'"),
        ([KEYS[0]], ["death"], r"unknown outcome 'death'.*did you mean 'deaths'"),
    ],
)
def test_unknown_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: list[str], outcomes: list[str], match: str
) -> None:
    pretend(monkeypatch, sensitivities)
    with pytest.raises(AnalysisError, match=match):
        sensitivity(
            "crisis-2021", keys=keys, outcomes=outcomes, trajectories=2, execution=Execution(0, out=tmp_path / "s")
        )


def test_a_planted_box_is_found() -> None:
    rng = np.random.default_rng(1)
    u = rng.random((600, 4))
    wanted = (u[:, 1] > 0.6) & (u[:, 3] < 0.5)
    box = find_box(u, wanted)
    assert box.low[1] == pytest.approx(0.6, abs=0.06) and box.high[3] == pytest.approx(0.5, abs=0.06)
    assert box.density > 0.9 and box.coverage > 0.85
    assert box.low[[0, 2, 3]].max() < 0.15 and box.high[[0, 1, 2]].min() > 0.85


@pytest.mark.parametrize("wanted", [np.zeros(20, dtype=bool), np.ones(20, dtype=bool)])
def test_a_box_needs_wanted_and_unwanted_runs(wanted: Any) -> None:
    with pytest.raises(ValueError, match="some must be and some not"):
        find_box(np.random.default_rng(0).random((20, 2)), wanted)


@pytest.mark.parametrize("n", [21, 41, 101])
def test_the_box_holds_the_runs_that_it_was_chosen_for(n: int) -> None:
    """Also where an end of the box is a run itself, as with these sizes: shares and table count the same runs."""
    uniforms = np.column_stack([np.arange(n) / n, np.random.default_rng(n).random(n)])
    wanted = np.arange(n) > n // 20
    box = find_box(uniforms, wanted)
    inside = box.holds(uniforms).all(axis=1)
    assert box.density == pytest.approx(wanted[inside].mean())
    assert box.coverage == pytest.approx(wanted[inside].sum() / wanted.sum())
    assert box.holds(np.array([box.low, box.high])).all(), "both ends belong to the box"


def test_discover_names_the_number_that_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, discovery)
    low, high = ranges_of(load_scenario("crisis-2021"), KEYS)[KEYS[0]]
    threshold = 100 * (low + 0.3 * (high - low))
    result = discover(
        "crisis-2021", "deaths", below=threshold, runs=128, keys=KEYS, execution=Execution(0, out=tmp_path / "d")
    )
    assert result.table["key"].iloc[0] == KEYS[0]
    assert result.table["convincing"].iloc[0]
    assert result.table["high"].iloc[0] == pytest.approx(low + 0.3 * (high - low), rel=0.15)
    assert result.density > 0.9 > result.base


def test_a_box_in_pure_luck_is_not_convincing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 140 numbers, a search through 64 runs always finds a box that looks good."""
    pretend(monkeypatch, discovery, noise=3.0, effect=0.0)
    result = discover("crisis-2021", "deaths", below=0.0, runs=64, execution=Execution(0, out=tmp_path / "d"))
    assert result.density > result.base + 0.2
    assert result.p_by_chance > 0.05
    assert not result.table["convincing"].any()


def test_runs_that_fail_are_told_and_not_left_out_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, discovery)
    whole = discovery.run_points

    def some(scenario: Any, points: Any, *rest: Any, **more: Any) -> Any:
        found, _ = whole(scenario, points, *rest, **more)
        lost = range(0, len(points), n_between)
        return [None if n in lost else run for n, run in enumerate(found)], {n: "a flood" for n in lost}

    monkeypatch.setattr(discovery, "run_points", some)
    asked = ["discover", "crisis-2021", "--of=deaths", "--below=25", "--runs=32", f"--key={KEYS[0]}", "--no-figures"]
    n_between = 16
    assert main([*asked, "--workers=0", "--out", str(tmp_path / "some")]) == 0
    said = capsys.readouterr()
    assert "2 of 32 runs failed and are left out, the first with seed 1 because of a flood" in said.err
    assert "30 runs, " in said.out
    what = json.loads((tmp_path / "some" / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert what["failed"] == {"1": "a flood", "17": "a flood"}
    n_between = 1
    assert main([*asked, "--workers=0", "--out", str(tmp_path / "all")]) == 2
    assert "discover: all 32 runs failed, the first because of a flood" in capsys.readouterr().err


# ---------------------------------------------------------------- what is refused


@pytest.fixture(scope="module")
def known_outcomes() -> set[str]:
    """Return what can be asked of a run: all daily series and all outcomes."""
    total, daily = outcomes_of(simulate(small_scenario(until=date(2021, 8, 1)), 1).record)
    return {*total, *daily}


def test_every_outcome_is_classified_and_nothing_else(known_outcomes: set[str]) -> None:
    """A new series must be given a bearing on people before `sweep` and `discover` take it."""
    assert set(BEARING) == known_outcomes


def test_all_frontier_sides_are_outcomes_that_may_be_shown(known_outcomes: set[str]) -> None:
    assert set(FRONTIER.values()) <= known_outcomes
    for outcome in FRONTIER.values():
        check_shown(outcome)


@pytest.mark.parametrize(
    ("outcome", "direction"),
    [
        ("reached Germany", "high"), ("reached Germany", "low"), ("germany_arrivals", "high"),
        ("attempts_unseen_inside", "low"), ("deaths", "high"), ("Deaths ", "high"), ("nights outdoors", "high"),
        ("handling_injuries_polish", "high"), ("returned without procedure", "high"), ("refused_back", "high"),
        ("people_dead", "high"), ("people_hospital_eu", "high"), ("people_hospital_belarus", "high"),
        ("people_line", "high"), ("people_camp", "high"), ("people_custody", "high"), ("custody_intake_pl", "high"),
        ("attempts_caught", "low"), ("attempts_caught", "high"), ("found_inland_pl", "low"),
        ("aid_contacts", "low"), ("people_procedure", "low"),
    ],
)  # fmt: skip
def test_crossing_success_and_more_harm_are_no_objectives(outcome: str, direction: Any) -> None:
    with pytest.raises(ObjectiveError, match="no objective of this software"):
        check_objective(outcome, direction)


@pytest.mark.parametrize("direction", ["low", "high"])
def test_what_bears_on_people_decides_in_both_directions(direction: Any) -> None:
    refused = {"crossing", "harm" if direction == "high" else "help"}
    for outcome, bearing in BEARING.items():
        if bearing in refused:
            with pytest.raises(ObjectiveError, match="no objective of this software"):
                check_objective(outcome, direction)
        else:
            check_objective(outcome, direction)


@pytest.mark.parametrize("outcome", ["deaths", "nights outdoors", "recorded attempts, Poland", "incidents"])
def test_less_harm_may_be_asked_for(outcome: str) -> None:
    check_objective(outcome, "low")


def test_no_hint_names_what_is_refused() -> None:
    """A word close to one that is refused gets the nearest that is not, or no hint."""
    for direction, refused in (("high", {"crossing", "harm"}), ("low", {"crossing", "help"})):
        for outcome in BEARING:
            with pytest.raises(ObjectiveError, match="unknown outcome") as told:
                check_objective(f"{outcome}x", direction)  # type: ignore[arg-type]
            hinted = re.search(r"did you mean '(.+)'\?", str(told.value))
            assert hinted is None or BEARING[hinted[1]] not in refused
    for word in ("germany_entries", "reached Germny", "attempts_cauht"):
        with pytest.raises(AnalysisError) as unknown:
            value_of(dict.fromkeys(BEARING, 1.0), {}, word)
        hinted = re.search(r"did you mean '(.+)'\?", str(unknown.value))
        assert hinted is None or BEARING[hinted[1]] != "crossing"
        assert "()" not in str(unknown.value)


def test_a_sweep_shows_harm_and_help_and_no_crossing_success() -> None:
    for outcome, bearing in BEARING.items():
        if bearing == "crossing":
            with pytest.raises(ObjectiveError, match="no objective of this software"):
                check_shown(outcome)
        else:
            check_shown(outcome)


@pytest.mark.parametrize(
    "command",
    [
        ["sweep", "crisis-2021", "--vary", "guards.response_minutes=10,20", "--of", "reached Germany"],
        ["discover", "crisis-2021", "--of", "reached Germany", "--above", "100"],
        ["discover", "crisis-2021", "--of", "deaths", "--above", "10"],
        ["discover", "crisis-2021", "--of", "people_dead", "--above", "10"],
    ],
)
def test_the_command_line_refuses_with_a_sentence(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "no objective of this software" in said and "Traceback" not in said


# ---------------------------------------------------------------- sweeps


def test_a_full_disk_leaves_no_half_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a manifest would bar the same command from going on when there is room again."""
    pretend(monkeypatch, sweeps)
    asked = {KEYS[0]: ["0.1", "0.2"]}, {"members": 2, "figures": False, "execution": Execution(0, out=tmp_path / "w")}
    whole = os.fsync
    n_left = 2  # the table and its codebook

    def full(descriptor: int) -> None:
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot write '.*manifest\.json': No space left on device"):
        sweep("crisis-2021", asked[0], **asked[1])
    assert not list((tmp_path / "w").glob("*manifest*"))
    monkeypatch.setattr(os, "fsync", whole)
    assert sweep("crisis-2021", asked[0], **asked[1]).folder == tmp_path / "w"


def test_a_sweep_shows_four_sides_of_each_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, sweeps)
    result = sweep(
        "crisis-2021", {KEYS[0]: ["0.1", "0.2", "0.3"]}, members=2, execution=Execution(0, out=tmp_path / "w")
    )
    deaths = result.table[result.table["outcome"] == "deaths"]
    assert deaths["mean"].tolist() == pytest.approx([10.0, 20.0, 30.0])
    assert deaths["difference_to_first"].tolist() == pytest.approx([0.0, 10.0, 20.0])
    assert set(FRONTIER.values()) <= set(result.table["outcome"])
    drawn = {path.name for path in (tmp_path / "w" / "figures").iterdir()}
    assert drawn == {
        "frontier.png", "frontier.svg", "lever-1-guards-watch_depth_km.png", "lever-1-guards-watch_depth_km.svg",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vary", "settings", "match"),
    [
        ({KEYS[0]: ["0.1", "0.2"]}, {KEYS[0]: "0.3"}, f"{KEYS[0]}: found among the settings and in --vary"),
        ({"until": ["2021-08-02", "2021-08-03"]}, {"until": "2021-08-04"}, "until: found among the settings and in"),
        ({"seed": ["1", "2"]}, {}, "seed: found in --vary; each setting runs under the same seeds"),
        ({"name": ["'a'", "'b'"]}, {}, "name: found in --vary; a name is no number of the model"),
        ({KEYS[0]: ["0.1", "0.2", "0.1"]}, {}, f"'{KEYS[0]}=0.1' and '{KEYS[0]}=0.1', which are one and the same"),
        ({KEYS[0]: ["0.1", "0.10 km"]}, {}, f"'{KEYS[0]}=0.1' and '{KEYS[0]}=0.10 km', which are one and the same"),
    ],
)
def test_settings_that_would_be_dropped_or_run_twice_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vary: dict[str, list[str]], settings: dict[str, str], match: str
) -> None:
    pretend(monkeypatch, sweeps)
    with pytest.raises(AnalysisError, match=match):
        sweep("crisis-2021", vary, settings=settings, execution=Execution(0, out=tmp_path / "w"))
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("keys", [[], [KEYS[0]]])
@pytest.mark.parametrize("name", ["sensitivity", "discover"])
def test_a_set_number_is_not_varied_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, keys: list[str]
) -> None:
    for module in (sensitivities, discovery):
        pretend(monkeypatch, module)
    ranged = {KEYS[0]: '{value = 0.3, source = "assumed", because = "a test", low = 0.1, high = 0.5}'}
    for settings in [ranged, {KEYS[0]: "0.3"}] if keys else [ranged]:
        to = Execution(0, out=tmp_path / "x")
        with pytest.raises(AnalysisError, match=f"{KEYS[0]}: found a number that is set and varied"):
            if name == "sensitivity":
                sensitivity("crisis-2021", keys=keys, settings=settings, execution=to)
            else:
                discover("crisis-2021", "deaths", below=9, keys=keys, settings=settings, execution=to)
        assert not (tmp_path / "x").exists()
    assert KEYS[0] not in ranges_of(load_scenario("crisis-2021", {KEYS[0]: "0.3"}))


def test_a_sweep_of_single_runs_prints_no_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, sweeps)
    size = ["--members", "1", "--workers", "0", "--out", str(tmp_path / "w")]
    assert main(["sweep", "crisis-2021", "--vary", f"{KEYS[0]}=0.1,0.2", *size]) == 0
    out = capsys.readouterr().out
    assert "One run a setting: no interval" in out and "inf" not in out
    assert re.search(r"deaths +20\.0 +\+10\.0$", out, re.MULTILINE)


def test_a_table_of_single_runs_leaves_intervals_empty_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, sweeps)
    result = sweep("crisis-2021", {KEYS[0]: ["0.1", "0.2"]}, members=1, execution=Execution(0, out=tmp_path / "w"))
    ends = ["low_95", "high_95", "difference_low_95", "difference_high_95"]
    assert result.table[ends].isna().all(axis=None) and result.table["mean"].notna().all()
    assert "inf" not in (tmp_path / "w" / "tables" / "sweep.csv").read_text(encoding="utf-8")
    book = pd.read_csv(tmp_path / "w" / "tables" / "codebook.csv").set_index("name")["meaning"]
    assert all("empty where a setting has one run" in book[name] for name in ends)


def test_one_setting_is_no_sweep(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="found 1 setting; from 2"):
        sweep("crisis-2021", {KEYS[0]: ["0.1"]}, execution=Execution(0, out=tmp_path / "w"))


@pytest.mark.parametrize(
    "command",
    [["sensitivity"], ["discover", "--of", "deaths", "--below", "9"], ["sweep", "--vary", f"{KEYS[0]}=0.1,0.2"]],
)
def test_a_last_day_before_the_first_is_told_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    name, *rest = command
    assert main([name, "crisis-2021", *rest, "--until", "2021-07-01", "--out", str(tmp_path / "x")]) == 2
    assert "until: found 2021-07-01; must not lie before start 2021-08-01" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_an_unknown_outcome_is_told_after_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--until", "2021-08-01", "--set", "migrants.people_scale=0.02", "--workers", "0", "--out", str(tmp_path)]
    asked = ["--key", KEYS[0], "--trajectories", "2", "--of", "deths"]
    assert main(["sensitivity", "crisis-2021", *asked, *small]) == 2
    assert "unknown outcome 'deths'" in capsys.readouterr().err
    assert len(list((tmp_path / "runs").glob("*/*.json"))) == 1


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (["discover", "--of", "deths", "--below", "9"], "did you mean 'deaths'?"),
        (["discover", "--of", "deths", "--above", "9"], ""),
        (["sweep", "--vary", f"{KEYS[0]}=0.1,0.2", "--of", "deths"], "did you mean 'deaths'?"),
        (["sweep", "--vary", f"{KEYS[0]}=0.1,0.2", "--of", "germany_entries"], ""),
    ],
)
def test_an_unknown_objective_is_told_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], hint: str
) -> None:
    assert main([command[0], "crisis-2021", *command[1:], "--out", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert "unknown outcome" in said and ("did you mean" in said) == bool(hint) and hint in said
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            ["discover", "--of", "deaths", "--below", "5", "--runs", "0"],
            "--runs: found 0; must be a whole number from 16",
        ),
        (["discover", "--of", "deaths", "--below", "nan"], "found the limit nan; must be a finite number"),
        (
            ["sensitivity", "--method", "sobol", "--trajectories", "3"],
            "--trajectories: found 3; Sobol's sample must be",
        ),
    ],
)
def test_sizes_that_cannot_be_are_told_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], told: str
) -> None:
    assert main([command[0], "crisis-2021", *command[1:], "--out", str(tmp_path / "x")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


# ---------------------------------------------------------------- exports, on a real small run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "run"
    settings = ["--set", "migrants.people_scale=0.02", "--until", "2021-08-02", "--no-figures", "--quiet"]
    assert main(["run", "crisis-2021", *settings, "--out", str(folder)]) == 0
    return folder


def test_tidy_tables_hold_what_the_record_holds(results: Path, tmp_path: Path) -> None:
    import xarray as xr

    made = export(results, out=tmp_path / "out")
    with xr.open_dataset(results / "record.nc", engine="h5netcdf") as record:
        expected = int(record["recorded_attempts"].sum())
        n_days, n_countries = record.sizes["day"], record.sizes["country"]
    table = pd.read_csv(tmp_path / "out" / "day_country.csv")
    assert len(table) == n_days * n_countries
    assert table["recorded_attempts"].sum() == expected
    assert table["day"].iloc[0] == "2021-08-01"
    book = pd.read_csv(tmp_path / "out" / "codebook.csv")
    assert list(book.columns) == ["name", "table", "unit", "meaning", "source"]
    columns = {column for name, one in made.tables.items() if name != "codebook" for column in one.columns}
    assert columns <= set(book["name"])


def test_an_export_says_that_agents_stand_for_several_people(results: Path, tmp_path: Path) -> None:
    import xarray as xr

    with xr.open_dataset(results / "record.nc", engine="h5netcdf") as record:
        assert "weights" not in set(codebook(record)["name"])
        told = codebook(record.assign_attrs(people_per_agent=4)).set_index("name")["meaning"]["weights"]
        assert told.startswith("One agent stands for 4 people")
        assert codebook(record.assign_attrs(people_per_agent="4"))["name"].tolist().count("weights") == 1  # an ensemble


def test_posts_leave_as_geojson(results: Path, tmp_path: Path) -> None:
    export(results, out=tmp_path / "out")
    shape = json.loads((tmp_path / "out" / "posts.geojson").read_text(encoding="utf-8"))
    assert len(shape["features"]) == 35
    first = shape["features"][0]
    assert first["geometry"]["type"] == "LineString"
    assert all(20 < lon < 29 and 51 < lat < 57 for lon, lat in first["geometry"]["coordinates"])
    assert list(first["properties"]["recorded_attempts_at_post_by_day"]) == ["2021-08-01", "2021-08-02"]
    assert "OpenStreetMap" in shape["attribution"]


def test_parquet_holds_the_same(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    tables = export(results, out=tmp_path / "out", parquet=True).tables
    back = pd.read_parquet(tmp_path / "out" / "day_country.parquet")
    pd.testing.assert_frame_equal(back, tables["day_country"], check_dtype=False)


def test_no_results_and_a_taken_folder_are_told(results: Path, tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"found neither record.nc nor ensemble.nc"):
        export(tmp_path)
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="taken"):
        export(results, out=tmp_path / "taken")


def test_an_outcome_is_a_total_or_a_series_summed() -> None:
    assert value_of({"deaths": 3.0}, {"arrivals": np.array([1.0, 2.0])}, "arrivals") == 3.0


# ---------------------------------------------------------------- one folder, one question

SENSITIVITY = ["sensitivity", "crisis-2021", "--trajectories=2", "--of=deaths", f"--key={KEYS[0]}"]
DISCOVERY = ["discover", "crisis-2021", "--of=deaths", "--below=20", "--runs=32", f"--key={KEYS[0]}"]
SWEEP = ["sweep", "crisis-2021", "--members=2", f"--vary={KEYS[0]}=0.1,0.2"]


def swapped(command: list[str], old: str, *new: str) -> list[str]:
    """Return a command with other words in the place of one."""
    at = command.index(old)
    return [*command[:at], *new, *command[at + 1 :]]


def asked_twice(
    monkeypatch: pytest.MonkeyPatch, folder: Path, first: list[str], second: list[str]
) -> tuple[int, bytes, bytes]:
    """Return how the second call ended, and the table before and after it."""
    for module in (sensitivities, discovery, sweeps):
        pretend(monkeypatch, module)
    more = ["--workers=0", "--no-figures", "--quiet", "--out", str(folder)]
    assert main([*first, *more]) == 0
    (table,) = (path for path in (folder / "tables").iterdir() if path.name != "codebook.csv")
    before = table.read_bytes()
    ended = main([*second, *more])
    return ended, before, table.read_bytes()


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (SENSITIVITY, swapped(SENSITIVITY, "crisis-2021", "no-fence"), "of the scenario 'crisis-2021'"),
        (SENSITIVITY, swapped(SENSITIVITY, f"--key={KEYS[0]}", f"--key={KEYS[1]}"), rf"of other keys \({KEYS[0]}\)"),
        (SENSITIVITY, [*SENSITIVITY, "--method=sobol"], r"of another method \(morris\)"),
        (SENSITIVITY, [*SENSITIVITY, "--until=2021-09-01"], "of 'crisis-2021' under other settings"),
        (SENSITIVITY, swapped(SENSITIVITY, "--of=deaths", "--of=nights outdoors"), r"of other outcomes \(deaths\)"),
        (DISCOVERY, swapped(DISCOVERY, "crisis-2021", "no-fence"), "of the scenario 'crisis-2021'"),
        (DISCOVERY, [*DISCOVERY, f"--key={KEYS[1]}"], rf"of other keys \({KEYS[0]}\)"),
        (DISCOVERY, swapped(DISCOVERY, "--below=20", "--below=25"), r"of another condition \(deaths below 20\)"),
        (SWEEP, swapped(SWEEP, "crisis-2021", "no-fence"), "of the scenario 'crisis-2021'"),
        (SWEEP, swapped(SWEEP, SWEEP[-1], f"--vary={KEYS[1]}=90,100"), rf"of other keys \({KEYS[0]}\)"),
        (SWEEP, swapped(SWEEP, SWEEP[-1], f"--vary={KEYS[0]}=0.1,0.3"), r"of other values of .* \(0.1, 0.2\)"),
        (SWEEP, swapped(SWEEP, SWEEP[-1], f"--vary={KEYS[0]}=0.2,0.1"), "or of another first setting"),
        (SWEEP, [*SWEEP, "--set", "guards.fatigue=0.3"], "of 'crisis-2021' under other settings"),
    ],
)
def test_tables_of_another_question_are_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: list[str],
    second: list[str], told: str,
) -> None:  # fmt: skip
    ended, before, after = asked_twice(monkeypatch, tmp_path / "x", first, second)
    said = capsys.readouterr().err
    assert re.search(rf"--out: found '.*x', which holds an? .*{told}", said), said
    assert "name another folder" in said
    assert (ended, after) == (2, before)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SENSITIVITY, SENSITIVITY),
        (SENSITIVITY, [*swapped(SENSITIVITY, "--trajectories=2", "--trajectories=4"), "--of=nights outdoors"]),
        (DISCOVERY, swapped(DISCOVERY, "--runs=32", "--runs=64")),
        (SWEEP, swapped(SWEEP, "--members=2", "--members=3")),
        (SWEEP, swapped(SWEEP, SWEEP[-1], f"--vary={KEYS[0]}=0.1,0.2,0.3")),
    ],
)
def test_the_same_question_may_be_asked_again_and_of_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: list[str], second: list[str]
) -> None:
    ended, before, after = asked_twice(monkeypatch, tmp_path / "x", first, second)
    assert ended == 0
    assert (after == before) == (first == second)


def test_a_folder_beside_takes_over_the_runs_that_fit(tmp_path: Path) -> None:
    small = ["--until=2021-08-01", "--set=migrants.people_scale=0.02", "--workers=0", "--quiet", "--no-figures"]
    asked = ["sensitivity", "crisis-2021", "--trajectories=2", f"--key={KEYS[0]}"]
    assert main([*asked, "--of=deaths", *small, "--out", str(tmp_path / "one")]) == 0
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "one" / "runs").glob("*/*.json")}
    for path in made:  # a mark that a run made anew would not have
        path.write_bytes(path.read_bytes() + b"\n")
    assert main([*asked, "--of=arrivals", *small, "--out", str(tmp_path / "two")]) == 0
    taken = list((tmp_path / "two" / "runs").glob("*/*.json"))
    assert len(taken) == len(made) >= 2
    assert all(path.read_bytes().endswith(b"\n") for path in taken)

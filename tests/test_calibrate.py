"""Calibration on a small problem whose truth is known: recovered, called not identified where it is, resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis import calibrate as calibration
from sim.analysis.calibrate import calibrate
from sim.analysis.emulator import Emulator, fit_emulator
from sim.analysis.inference import DISPERSION, Problem, infer, log_likelihood, rank_statistics
from sim.analysis.points import AnalysisError, Point, PointRun, run_points
from sim.analysis.priors import from_uniform, to_uniform
from sim.analysis.targets import WINDOW_END, Target, targets
from sim.cli import main
from sim.errors import EvidenceError, OutputError, ScenarioError
from sim.model import StandoffModel
from sim.runs.execution import Execution
from sim.runs.pool import open_pool
from sim.scenario.calibration import Prior
from sim.scenario.load import load_scenario
from sim.scenario.posteriors import as_drawn, read_posterior, with_numbers
from tests.small import small_scenario, variant


def prior(key: str = "guards.watch_depth_km", **more: Any) -> Prior:
    return Prior(**{"key": key, "low": 0.1, "high": 0.4, "source": "assumed", "because": "a test", **more})


@given(
    st.sampled_from(["uniform", "log_uniform", "normal", "log_normal"]),
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20),
)
def test_priors_go_there_and_back_and_stay_inside(family: str, shares: list[float]) -> None:
    priors = [prior(family=family)]
    uniforms = np.array(shares)[:, None]
    values = from_uniform(priors, uniforms)
    assert (values >= 0.1).all() and (values <= 0.4).all()
    assert to_uniform(priors, values) == pytest.approx(uniforms, abs=1e-6)


def test_families_have_their_middles() -> None:
    half = np.array([[0.5]])
    middles = {
        f: from_uniform([prior(family=f)], half)[0, 0] for f in ("uniform", "normal", "log_uniform", "log_normal")
    }
    assert middles == pytest.approx({"uniform": 0.25, "normal": 0.25, "log_uniform": 0.2, "log_normal": 0.2})


def test_an_emulator_through_a_quadratic_is_exact() -> None:
    rng = np.random.default_rng(1)
    u = rng.random((40, 2))
    outputs = np.expm1(np.column_stack([3 + u[:, 0] - 2 * u[:, 0] * u[:, 1], 4 + u[:, 1] ** 2]))
    emulator = fit_emulator(u, outputs)
    new = rng.random((5, 2))
    assert emulator(new)[:, 0] == pytest.approx(3 + new[:, 0] - 2 * new[:, 0] * new[:, 1])
    assert emulator.explained == pytest.approx(1.0)


def test_an_emulator_of_noise_explains_nothing() -> None:
    rng = np.random.default_rng(2)
    emulator = fit_emulator(rng.random((60, 2)), np.expm1(rng.normal(5, 0.3, (60, 1))))
    assert emulator.explained[0] < 0.15
    assert emulator.residuals.std() == pytest.approx(0.3, rel=0.25)


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="4 runs are too few"):
        fit_emulator(np.random.default_rng(0).random((4, 2)), np.ones((4, 1)))


def test_an_emulator_holds_near_the_runs_that_are_kept() -> None:
    """A quadratic is no more than a likeness: far runs bend it, and what is left over near by is no luck."""
    rng = np.random.default_rng(8)

    def level(u: Any) -> Any:
        return 5.0 + 3.0 * np.exp(2.0 * u[:, :1]) / np.e**2

    far, near = rng.random((150, 2)), np.clip(0.85 + 0.05 * rng.standard_normal((60, 2)), 0, 1)
    x = np.concatenate([far, near])
    outputs = np.expm1(level(x) + 0.1 * rng.standard_normal((210, 1)))
    weights = np.concatenate([np.full(150, 0.1), np.ones(60)])
    emulator = fit_emulator(x, outputs, weights, n_kept=60)
    assert emulator.residuals.shape == (60, 1)
    assert emulator.residuals.mean() == pytest.approx(0.0, abs=1e-12)
    new = np.clip(0.85 + 0.05 * rng.standard_normal((4000, 2)), 0, 1)
    missed = level(new) + 0.1 * rng.standard_normal((4000, 1)) - emulator(new)
    assert missed.mean() == pytest.approx(0.0, abs=0.03)
    assert emulator.residuals.std() == pytest.approx(missed.std(), rel=0.15)


def small_problem(n_targets: int = 8) -> Problem:
    """Return a level that the counts fix, a number they do not depend on, and the scatter of counts."""
    wanted = [
        Target(f"day {i}", "count", "x", "sum", (i,), 300.0, 0.0, "A001") for i in range(n_targets)
    ]  # fmt: skip
    terms = np.zeros((6, n_targets))
    terms[0], terms[1] = np.log(300.0), 1.0  # log count = log 300 + (2u − 1)
    residuals = np.random.default_rng(4).normal(0.0, 0.05, (60, n_targets))
    priors = [prior("a.level", low=0, high=1), prior("a.idle", low=0, high=1), prior(DISPERSION, low=5, high=200)]
    return Problem(priors, wanted, Emulator(terms, residuals, np.ones(n_targets)))


@pytest.mark.parametrize("truth", [0.2, 0.5, 0.85])
def test_a_synthetic_truth_is_recovered_and_an_idle_number_is_not(truth: float) -> None:
    counts = np.full(8, np.expm1(np.log(300.0) + 2 * truth - 1))
    sample = infer(small_problem(), counts, n=2**11)
    level = sample.weights @ sample.uniforms
    spread = np.sqrt(sample.weights @ (sample.uniforms - level) ** 2)
    assert abs(level[0] - truth) < 3 * spread[0]
    assert spread[0] < 0.06
    assert spread[1] == pytest.approx(1 / np.sqrt(12), rel=0.08)
    assert sample.effective_size > 500


def test_the_likelihood_is_the_normal_one_by_hand() -> None:
    """One count, no luck: normal in logarithms with variance 1/m + 1/size."""
    problem = small_problem(1)
    still = replace(problem, emulator=replace(problem.emulator, residuals=np.zeros((60, 1))))
    uniforms = np.array([[0.5, 0.5, 0.0], [0.7, 0.5, 0.0]])
    found = log_likelihood(still, np.array([310.0]), uniforms)
    mean = np.exp(np.log(300.0) + np.array([0.0, 0.4])) - 1
    variance = 1 / mean + 1 / 5.0
    by_hand = -0.5 * (np.log(311.0) - np.log1p(mean)) ** 2 / variance - 0.5 * np.log(variance)
    assert found == pytest.approx(by_hand)


def test_ranks_of_synthetic_truths_are_even() -> None:
    ranks = rank_statistics(small_problem(), 60, n=2**9)
    assert ranks.shape == (60, 3)
    assert np.abs(ranks.mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 60)
    assert ((ranks > 0.1) & (ranks < 0.9)).mean() == pytest.approx(0.8, abs=0.12)


def test_targets_end_with_october_and_never_overlap() -> None:
    last = (WINDOW_END - date(2021, 8, 1)).days
    wanted = targets()
    assert max(max(target.days) for target in wanted) == last
    days = [day for target in wanted if target.family == "count" for day in target.days]
    assert sorted(days) == list(range(last + 1))
    total = sum(target.value for target in wanted if target.family == "count")
    assert total == 3531 + 7700 + 17447
    assert {t.value for t in wanted if t.series == "germany_registered"} == {479.0, 2049.0, 5288.0}


# ---------------------------------------------------------------- the command


def pretended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let runs be a formula: attempts in proportion to the first share of seats. Return a list that counts runs."""
    wanted, made = targets(), []

    def values(numbers: dict[str, float], seed: int) -> PointRun:
        made.append(seed)
        level = 1.5 * numbers["arrivals.share_of_seats_first"] / 0.12
        rng = np.random.default_rng(seed)
        daily = {name: np.full(92, 10.0) for name in ("arrivals", "people_in_belarus", "germany_registered")}
        counts = np.zeros(92)
        for target in wanted:
            if target.family == "count":
                counts[list(target.days)] = target.value / len(target.days)
        return PointRun({**daily, "recorded_attempts_pl": counts * level * rng.lognormal(0, 0.05, 92)}, {})

    def run(scenario: Any, points: Any, folder: Any, pool: Any, **more: Any) -> Any:
        return [values(dict(point.numbers), point.seed) for point in points], {}

    monkeypatch.setattr(calibration, "run_points", run)
    return made


def test_the_stored_posterior_finds_the_truth_and_is_used_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended(monkeypatch)
    result = calibrate(
        "crisis-2021", "trial", runs=40, refine=24, draws=20, truths=3, execution=Execution(0, out=tmp_path / "out")
    )
    rows = {row["key"]: row for row in result.parameters.to_dict("records")}
    first = rows["arrivals.share_of_seats_first"]
    assert first["low_95"] < 0.08 < first["high_95"]
    assert first["identified"] and first["contraction"] > 0.6
    assert not rows["migrants.attempt_interval_hours"]["identified"]
    assert rows["migrants.give_up_per_day"]["role"] == "carried"
    posterior = read_posterior(result.path)
    assert len(posterior.draws) == 20
    scenario = load_scenario("crisis-2021", {"calibrated": f'"{result.path}"'})
    drawn = as_drawn(scenario, 7)
    assert float(drawn.arrivals.share_of_seats_first) == posterior.draws[7][0]
    assert drawn.arrivals.share_of_seats_first.source == "calibrated"
    assert as_drawn(scenario, 27) == drawn
    facts = json.loads(result.path.read_text())
    assert facts["window"] == ["2021-08-01", "2021-10-31"]
    assert len(facts["model"]["code_hash"]) == 64


def test_the_model_takes_its_seeds_draw(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    draws = [[0.2], [0.3]]
    path.write_text(json.dumps({"parameters": [{"key": "guards.watch_depth_km"}], "draws": draws}))
    scenario = small_scenario(calibrated=str(path), until=date(2021, 8, 2))
    depths = []
    for seed in (4, 5):
        model = StandoffModel(scenario, seed)
        depths.append(float(model.scenario.guards.watch_depth_km))
        model.release()
    assert depths == [0.2, 0.3]


def test_a_posterior_of_something_else_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended(monkeypatch)
    out, size = Execution(0, out=tmp_path / "out"), {"refine": 0, "draws": 5, "truths": 1}
    first = calibrate("crisis-2021", "trial", runs=40, execution=out, **size)
    before = first.path.read_bytes()
    other = r"trial.json: found a posterior of {}, which would be lost; give another --name, or by --out another folder"
    with pytest.raises(OutputError, match=other.format("the scenario 'crisis-2021'")):
        calibrate("minsk-not-steering", "trial", runs=40, execution=out, **size)
    with pytest.raises(OutputError, match=other.format("'crisis-2021' under other settings or priors")):
        calibrate("crisis-2021", "trial", runs=40, settings={"guards.fatigue": "0.3"}, execution=out, **size)
    assert first.path.read_bytes() == before
    calibrate("minsk-not-steering", "other", runs=40, execution=out, **size)
    assert first.path.read_bytes() == before
    calibrate("crisis-2021", "trial", runs=44, execution=out, **size)
    assert json.loads(first.path.read_bytes())["design"]["runs"] == [44, 0]


def test_a_number_set_by_hand_stays(tmp_path: Path) -> None:
    scenario = load_scenario("crisis-2021", {"guards.watch_depth_km": "0.31"})
    assert float(with_numbers(scenario, {"guards.watch_depth_km": 0.2}, "x").guards.watch_depth_km) == 0.31


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "found no JSON"),
        ('{"parameters": [], "draws": []}', "no list of draws"),
        ('{"parameters": [{"key": "a.b"}], "draws": [[1, 2]]}', "no list of draws"),
        ('{"parameters": [{"key": "a.b"}], "draws": [[NaN]]}', "no list of draws"),
    ],
)
def test_damaged_posteriors_are_refused(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(EvidenceError, match=match):
        read_posterior(path)


def test_an_unknown_posterior_is_a_problem_of_the_scenario() -> None:
    with pytest.raises(ScenarioError, match=r"calibrated: found 'nobody'; stored posteriors are"):
        load_scenario("crisis-2021", {"calibrated": '"nobody"'})


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ('key = "guards.watch_dept_km"', r"did you mean 'guards.watch_depth_km'"),
        ("low = 0.001", r"guards.watch_depth_km must be from 0.02 to 10"),
        ("high = 0.1", r"must be above low 0.1"),
        ('key = "weather.offset_c"\nfamily = "log_uniform"\nlow = -1', r"must be above 0 for the family log_uniform"),
        ('family = "flat"', r"must be one of: uniform, log_uniform"),
    ],
)
def test_wrong_priors_are_told(tmp_path: Path, change: str, match: str) -> None:
    rows = {"key": '"guards.watch_depth_km"', "low": "0.1", "high": "0.4", "source": '"assumed"', "because": '"a test"'}
    rows |= dict(line.split(" = ") for line in change.split("\n"))
    text = "[[calibration]]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())
    with pytest.raises(ScenarioError, match=match):
        load_scenario(variant(tmp_path, text))


def test_a_sixth_free_number_is_refused(tmp_path: Path) -> None:
    keys = ("watch_depth_km", "thermal_share", "fatigue", "army_weight", "mobile_share", "available_share")
    rows = "".join(
        f'[[calibration]]\nkey = "guards.{key}"\nlow = 0.3\nhigh = 0.5\nsource = "assumed"\nbecause = "a test"\n'
        for key in keys
    )
    with pytest.raises(ScenarioError, match="at most 5 numbers may be free"):
        load_scenario(variant(tmp_path, rows))


def test_a_scenario_of_other_days_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="calibration needs 2021-08-01 to 2021-10-31"):
        calibrate("standoff-november-2021", "x", execution=Execution(0, out=tmp_path / "x"))


def test_finished_runs_are_found_and_not_made_again(tmp_path: Path) -> None:
    scenario = small_scenario(until=date(2021, 8, 2))
    points = [Point((("guards.watch_depth_km", depth),), 5) for depth in (0.1, 0.2)]
    with open_pool(0) as pool:
        first, failed = run_points(scenario, points[:1], tmp_path, pool)
        file = next(tmp_path.rglob("*.json"))
        before = file.stat().st_mtime_ns
        both, _ = run_points(scenario, points, tmp_path, pool)
        assert file.stat().st_mtime_ns == before
        file.write_text("{torn")
        again, _ = run_points(scenario, points[:1], tmp_path, pool)
    assert not failed
    assert first[0] is not None and both[0] is not None and again[0] is not None and both[1] is not None
    for name, series in first[0].daily.items():
        assert np.array_equal(series, both[0].daily[name]) and np.array_equal(series, again[0].daily[name])


def test_a_run_that_fails_is_told_and_sinks_nothing(tmp_path: Path) -> None:
    scenario = small_scenario(until=date(2021, 8, 2))
    points = [Point((("guards.no_such_number", 1.0),), 1), Point((("guards.watch_depth_km", 0.2),), 1)]
    with open_pool(0) as pool:
        found, failed = run_points(scenario, points, tmp_path, pool)
    assert found[0] is None and found[1] is not None
    assert "no_such_number" in failed[0]


def test_few_runs_are_not_asked_for_products() -> None:
    """Four numbers: fifteen terms of a full quadratic, so products come in at thirty runs."""
    u = np.random.default_rng(5).random((30, 4))
    outputs = np.expm1((4 + u[:, 0] * u[:, 1])[:, None])
    assert not fit_emulator(u[:29], outputs[:29]).products
    assert fit_emulator(u, outputs).products


def test_runs_at_points_take_the_draw_of_their_seed_below_the_numbers_of_the_design(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    keys = [{"key": "guards.watch_depth_km"}, {"key": "migrants.attempt_interval_hours"}]
    path.write_text(json.dumps({"parameters": keys, "draws": [[2.0, 40.0], [3.0, 50.0]]}))
    until = date(2021, 8, 4)
    by_draw = [
        Point((("guards.watch_depth_km", 0.1),), 4),
        Point((("guards.watch_depth_km", 0.1), ("migrants.attempt_interval_hours", 40.0)), 4),
        Point((), 4),
        Point((("guards.watch_depth_km", 2.0), ("migrants.attempt_interval_hours", 40.0)), 4),
    ]
    with open_pool(0) as pool:
        drawn, failed = run_points(small_scenario(calibrated=str(path), until=until), by_draw, tmp_path / "a", pool)
        by_hand, _ = run_points(small_scenario(until=until), by_draw, tmp_path / "b", pool)
    assert not failed
    totals = [run.total for run in drawn if run is not None]
    hand = [run.total for run in by_hand if run is not None]
    assert totals[0] == totals[1] == hand[1] != hand[0]
    assert totals[2] == totals[3] == hand[3] != hand[2]


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"guards.watch_depth_km": "0.3"}, r"guards.watch_depth_km: found .* set .* free"),
        ({"migrants.give_up_per_day": "0.02"}, r"migrants.give_up_per_day: found .* set .* carried"),
        (
            {"guards.watch_depth_km": '{value=0.3, source="assumed", because="a test", low=0.1, high=0.9}'},
            r"guards.watch_depth_km: found .* set .* free",
        ),
        ({"calibrated": '"crisis-2021"'}, r"calibrated: found 'crisis-2021'; .* from priors"),
    ],
)
def test_what_the_fit_would_overwrite_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], match: str
) -> None:
    pretended(monkeypatch)
    with pytest.raises(AnalysisError, match=match):
        calibrate(
            "crisis-2021",
            "x",
            runs=12,
            refine=0,
            truths=1,
            settings=settings,
            execution=Execution(0, out=tmp_path / "x"),
        )
    assert not (tmp_path / "x").exists()


def test_the_command_refuses_what_the_fit_would_overwrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretended(monkeypatch)
    given = 'guards.watch_depth_km={value = 0.3, source = "assumed", because = "a test", low = 0.1, high = 0.5}'
    size = ["--runs", "12", "--refine", "0", "--truths", "1", "--out", str(tmp_path / "x")]
    assert main(["calibrate", "crisis-2021", "--set", given, *size]) == 2
    assert "guards.watch_depth_km: found a number that is set" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_too_few_runs_are_refused_before_any_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = pretended(monkeypatch)
    n_free = sum(p.role == "free" and p.key != DISPERSION for p in load_scenario("crisis-2021").calibration)
    least = 2 * n_free + 4
    for runs in (1, least - 1):
        with pytest.raises(AnalysisError, match=rf"--runs: found {runs}; .*at least {least} are needed"):
            calibrate("crisis-2021", "x", runs=runs, execution=Execution(0, out=tmp_path / "x"))
    assert not made and not (tmp_path / "x").exists()
    calibrate("crisis-2021", "x", runs=least, refine=0, truths=1, execution=Execution(0, out=tmp_path / "x"))

"""One agent for several people: the record counts people, whoever reads it says so, and what was asked stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from small import small_model, small_scenario, variant

from sim.analysis.calibrate import calibrate
from sim.analysis.points import AnalysisError
from sim.analysis.validate import validate
from sim.cli import main
from sim.errors import ScenarioError
from sim.model import StandoffModel
from sim.record import chronicle_table, make_record
from sim.record.variables import Counts, Variable
from sim.runs.compare.pairs import changed_fates
from sim.runs.compare.run import ComparisonError, compare
from sim.runs.ensemble.member import Luck, make_member
from sim.runs.execution import Execution
from sim.runs.story.tell import tell
from sim.runs.story.text import compose
from sim.runs.weights import FEWEST_AGENTS, agents_at_most, one_for_many, too_few_agents
from sim.scenario.load import load_scenario
from sim.scenario.resolved import scenario_hash, to_json

KUZNICA = "kuznica-8-november"
UNTIL = date(2021, 11, 9)
SMALL = ("--until", "2021-11-09", "--no-figures", "--set", "migrants.people_scale=0.2", "--people-per-agent", "5")

OF_THE_WORLD = {
    "guards", "metres_built", "metres_built_by_layer", "metres_mended", "road_metres", "km_surveyed",
    "observation_posts", "trees_on_barrier", "crew_hours", "barrier_km", "barrier_delay_minutes", "readiness", "rung",
    "incidents", "wire_cut", "temperature_c", "effective_temperature_c", "wind_kmh", "wet", "darkness",
}  # fmt: skip
"""Variables that are there once, however many agents: written here anew, so that a slip in the record shows."""
OF_THE_WORLD_UNITS = {
    "m", "km", "posts", "trees", "man-hours", "min", "1", "rung", "incidents", "degC", "km/h",
}  # fmt: skip

Captured = pytest.CaptureFixture[str]


@cache
def lived(people_scale: float, people_per_agent: int = 1) -> StandoffModel:
    """Return two days at Kuźnica, lived."""
    model = small_model(KUZNICA, 3, until=UNTIL, migrants__people_scale=people_scale, people_per_agent=people_per_agent)
    model.run()
    return model


@cache
def recorded(people_scale: float, people_per_agent: int = 1) -> xr.Dataset:
    return make_record(lived(people_scale, people_per_agent))


# ---------------------------------------------------------------- the record


@given(n=st.sampled_from([2, 3, 7, 10, 49, 250]), agents=st.sampled_from([0.02, 0.05]))
@settings(max_examples=5, deadline=None)
def test_a_weighted_record_is_so_many_times_that_of_its_agents(n: int, agents: float) -> None:
    """The same agents, once as a share of the people and once for all of them: the record counts them n times."""
    scale = agents * n
    share = scale / n  # as the model divides, which for 49 is not always what was multiplied
    weighted, single = recorded(scale, n), recorded(share)
    assert lived(share).tally.attempts.sum() > 0, "something is there to be counted"
    for name, variable in weighted.data_vars.items():
        times = 1 if name in OF_THE_WORLD else n
        assert np.array_equal(variable.values, single[name].values * times), name
        assert variable.dtype == single[name].dtype, name
        assert str(variable.attrs) == str(single[name].attrs)


def test_what_is_there_once_is_told_by_its_unit() -> None:
    """Who adds a variable must say what it counts; its unit shows whether that was thought of."""
    for name, variable in recorded(0.02).data_vars.items():
        if name != "guards":  # strengths as the scenario gives them, in persons
            assert (variable.attrs["units"] in OF_THE_WORLD_UNITS) == (name in OF_THE_WORLD), name


def test_the_ledger_counts_agents_and_people_are_conserved_in_the_record() -> None:
    model, record = lived(0.2, 10), recorded(0.2, 10)
    assert int(record["fates"].sum()) == 10 * len(model.people)
    assert (record["people"].isel(day=-1).values == 10 * model.scene.people.ledger.counts).all()
    flow = record["flow"].values
    change = record["people"].isel(day=-1).values - 10 * model.tally.people[0]
    flow_of_day_2 = 10 * model.tally.flow[1]
    wanted = flow_of_day_2.sum(axis=0) - flow_of_day_2.sum(axis=1)
    wanted[0] += record["arrivals"].isel(day=-1).values.sum()
    assert change.tolist() == wanted.tolist()
    assert (flow == 10 * model.tally.flow.sum(axis=0)).all()


def test_the_record_says_what_was_asked() -> None:
    attrs = recorded(0.2, 10).attrs
    assert (attrs["people_scale"], attrs["people_per_agent"]) == (0.2, 10)
    assert (recorded(0.02).attrs["people_scale"], recorded(0.02).attrs["people_per_agent"]) == (0.02, 1)


def test_people_scale_and_weights_compose() -> None:
    scenario = small_scenario(KUZNICA, migrants__people_scale=0.5, people_per_agent=5)
    assert scenario.agent_scale == 0.1
    assert float(scenario.migrants.people_scale) == 0.5
    assert small_scenario(KUZNICA).agent_scale == 0.02


def test_group_crossings_are_told_in_people() -> None:
    weighted, single = chronicle_table(lived(0.5, 10)), chronicle_table(lived(0.05))
    here, there = (
        (table["kind"] == "group_crossing") & (table["claimant"] == "the model") for table in (weighted, single)
    )
    groups = weighted[here]
    assert len(groups) > 0
    assert groups["size"].tolist() == (10 * single[there]["size"]).tolist()
    for text, size in zip(groups["text"], groups["size"], strict=True):
        assert f"{size:.0f} took part" in text
    assert weighted[~here].equals(single[~there]), "sizes of dated acts are of the world"


def test_mesas_collector_counts_people() -> None:
    weighted, single = (
        model.datacollector.get_model_vars_dataframe() for model in (lived(0.2, 10), lived(0.02))
    )  # fmt: skip
    assert weighted["at_the_line"].tolist() == (10 * single["at_the_line"]).tolist()
    assert weighted["hour"].tolist() == single["hour"].tolist()
    assert weighted["recorded_today"].sum() == 10 * single["recorded_today"].sum() > 0


@given(
    values=st.lists(st.integers(0, 2**31 - 1), max_size=6),
    counts=st.sampled_from(Counts),
    n=st.integers(1, 1000),
)
def test_counts_of_people_are_exact_however_many(values: Sequence[int], counts: Counts, n: int) -> None:
    kept = np.array(values, dtype=np.int32)
    of_people = Variable(("day",), kept, "persons", "made up", counts).of_people(n)
    times = n if counts is Counts.AGENTS else 1
    assert of_people.tolist() == [value * times for value in values]
    assert of_people.dtype == (np.int32 if max(values, default=0) * times < 2**31 else np.int64)
    assert not np.shares_memory(of_people, kept)


def test_fractions_are_weighted_where_they_count_patrols_only() -> None:
    half = np.array([0.5])
    assert Variable(("day",), half, "units", "patrols", Counts.AGENTS).of_people(10).tolist() == [5.0]
    assert Variable(("day",), half, "km", "barrier", Counts.WORLD).of_people(10).tolist() == [0.5]


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize("text", ["0", "-3", "1001", "2.5", "ten", "true", "", "nan", "1e2"])
@pytest.mark.parametrize(
    "command",
    [("run",), ("ensemble", KUZNICA, "--members", "2"), ("sweep", KUZNICA, "--vary", "guards.enabled=true")],
    ids=["run", "ensemble", "sweep"],
)
def test_a_wrong_weight_is_refused(
    text: str, command: Sequence[str], capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, f"--people-per-agent={text}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "people_per_agent: found" in said.err
    assert "from 1 to 1,000" in said.err
    assert not list(tmp_path.iterdir())


def test_a_weight_given_twice_is_refused(capsys: Captured) -> None:
    assert main(["run", "--people-per-agent", "5", "--set", "people_per_agent=5"]) == 2
    assert "found 'people_per_agent' given twice" in capsys.readouterr().err


def test_a_weight_is_part_of_the_scenario(tmp_path: Path) -> None:
    plain, weighted = (load_scenario(KUZNICA, {"people_per_agent": n}) for n in ("1", "10"))
    assert scenario_hash(plain) == scenario_hash(load_scenario(KUZNICA))
    assert scenario_hash(weighted) != scenario_hash(plain), "members of other weights are others"
    path = tmp_path / "weighted.json"
    path.write_text(to_json(weighted), encoding="utf-8")
    assert load_scenario(path) == weighted
    own = load_scenario(variant(tmp_path, "people_per_agent = 4\n"))
    assert own.people_per_agent == 4


def test_few_agents_are_warned_of() -> None:
    assert too_few_agents(load_scenario(KUZNICA)) == ""
    assert too_few_agents(small_scenario(KUZNICA, migrants__people_scale=0.001)) == "", "a share is nobody's weight"
    ten = load_scenario(KUZNICA, {"people_per_agent": "10"})
    assert agents_at_most(ten) > FEWEST_AGENTS
    assert too_few_agents(ten) == ""
    many = load_scenario(KUZNICA, {"people_per_agent": "500"})
    warning = too_few_agents(many)
    assert f"one agent for 500 people leaves {agents_at_most(many)} agents at most" in warning
    advised = warning.split("--people-per-agent ")[1].split()[0]
    fewer = load_scenario(KUZNICA, {"people_per_agent": advised})
    assert FEWEST_AGENTS <= agents_at_most(fewer) < 1.3 * FEWEST_AGENTS
    few = small_scenario(KUZNICA, migrants__people_scale=0.01, people_per_agent=2)
    assert "leave the option out" in too_few_agents(few)
    assert too_few_agents(small_scenario(KUZNICA, migrants__enabled=False, people_per_agent=2)) == ""


def test_agents_at_most_are_hardly_more_than_there_are() -> None:
    model = lived(1.0, 10)
    most = agents_at_most(model.scenario)
    assert 0.9 * most < len(model.people) <= most + len(model.scenario.route)


# ---------------------------------------------------------------- commands


@pytest.fixture(name="folder", scope="module")
def weighted_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a weighted run with a snapshot of its first day."""
    folder = tmp_path_factory.mktemp("weighted") / "run"
    assert main(["run", KUZNICA, *SMALL, "--quiet", "--snapshot-every", "1", "--out", str(folder)]) == 0
    return folder


def test_a_run_says_that_agents_stand_for_people(capsys: Captured, tmp_path: Path) -> None:
    assert main(["run", KUZNICA, *SMALL, "--out", str(tmp_path / "here")]) == 0
    said = capsys.readouterr()
    assert "One agent stands for 5 people, one patrol for 5" in said.out
    assert "live agent-hours" in said.out
    assert "Changed on the command line: migrants.people_scale." in said.out
    assert "standoff: one agent for 5 people leaves" in said.err
    what = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert what["scenario"]["people_per_agent"] == 5
    assert what["command"].endswith("--set migrants.people_scale=0.2 --people-per-agent 5 --until 2021-11-09")


def test_an_unweighted_run_says_nothing_of_it() -> None:
    assert one_for_many(load_scenario(KUZNICA)) == ""


def test_a_weighted_run_is_taken_up_and_branched(folder: Path, capsys: Captured, tmp_path: Path) -> None:
    tail = ("--no-figures", "--quiet")
    assert main(["branch", str(folder), "--at", "2021-11-08", "--out", str(tmp_path / "b"), *tail]) == 0
    with xr.open_dataset(tmp_path / "b" / "record.nc") as branch, xr.open_dataset(folder / "record.nc") as run:
        assert branch.equals(run)
        assert branch.attrs["people_per_agent"] == run.attrs["people_per_agent"] == 5
    longer = ["resume", str(folder), "--until", "2021-11-10", "--out", str(tmp_path / "r"), *tail]
    assert main(longer) == 0
    straight = ["run", KUZNICA, *SMALL[2:], "--quiet", "--until", "2021-11-10", "--out", str(tmp_path / "s")]
    assert main(straight) == 0
    assert (tmp_path / "r" / "record.nc").read_bytes() == (tmp_path / "s" / "record.nc").read_bytes()
    capsys.readouterr()
    assert main(["branch", str(folder), "--at", "2021-11-08", "--set", "people_per_agent=1", *tail]) == 2
    assert "people_per_agent: found 1; the run has one agent for 5" in capsys.readouterr().err


def test_a_story_says_that_its_person_is_one(folder: Path) -> None:
    story = tell(folder)
    assert story.people_per_agent == 5
    text = " ".join(compose(story).split())
    assert "each simulated person stands for 5 people; the life told here is of that one alone" in text
    assert json.loads(next(iter(story.json_lines())))["people_per_agent"] == 5


def test_members_hold_agents_and_comparisons_count_people() -> None:
    scenario = small_scenario(KUZNICA, until=date(2021, 11, 8), migrants__people_scale=0.2, people_per_agent=10)
    one, other = (make_member(scenario, Luck(seed)) for seed in (1, 2))
    assert one.attrs["people_per_agent"] == 10
    daily = one["daily"].isel(day=-1)
    states = [str(name) for name in daily["series"].values if str(name) in {f"people_{s}" for s in one["state"].values}]
    assert daily.sel(series=states).sum() == 10 * one.sizes["person"]
    flows = changed_fates(one, other)
    assert flows.n_people == 10 * len(np.union1d(one["person"], other["person"]))
    assert 0 < flows.n_changed < flows.n_people


def test_scenarios_of_other_weights_are_not_compared(tmp_path: Path) -> None:
    one, other = (small_scenario(KUZNICA, people_per_agent=n) for n in (1, 2))
    with pytest.raises(ComparisonError, match="found one agent for 1 people and one for 2; it must be the same number"):
        compare(one, other, 2, execution=Execution(0, out=tmp_path / "compared"))


def test_an_ensemble_says_so_and_keeps_weights_apart(capsys: Captured, tmp_path: Path) -> None:
    command = ["ensemble", KUZNICA, "--members", "2", "--workers", "0", *SMALL, "--out", str(tmp_path / "many")]
    assert main(command) == 0
    said = capsys.readouterr()
    assert "One agent stands for 5 people" in said.out
    assert "standoff: one agent for 5 people leaves" in said.err
    with xr.open_dataset(tmp_path / "many" / "ensemble.nc") as members:
        assert members.attrs["people_per_agent"] == "5"
        counts = members["total"].sel(outcome="nights outdoors").values
        assert (counts > 0).all() and (counts % 5 == 0).all()
    assert main([*command[:-4], "--people-per-agent", "4", "--out", str(tmp_path / "many")]) == 2
    assert "members of another scenario or of other settings" in capsys.readouterr().err


def test_figures_say_so() -> None:
    from sim.plots.header import subtitle

    assert "· people × 0.2, so are all counts · one agent stands for 10 people ·" in subtitle(recorded(0.2, 10))
    assert "agent" not in subtitle(recorded(0.02))


def test_calibration_refuses_weights(tmp_path: Path) -> None:
    weighted = load_scenario("crisis-2021", {"people_per_agent": "10"})
    with pytest.raises(AnalysisError, match="found one agent for 10 people; calibration needs one for each"):
        calibrate(weighted, "never", execution=Execution(0, out=tmp_path))


def test_a_validation_says_so(tmp_path: Path) -> None:
    """A single member of few agents, held against two weeks of August."""
    path = tmp_path / "counts.csv"
    header = "id,series,country,first_day,last_day,value,low,high,unit,standing,source,url,published,note\n"
    path.write_text(header + "X1,attempts,PL,2021-08-03,2021-08-03,50,,,attempts,exact,me,,,\n", encoding="utf-8")
    found = validate(
        "crisis-2021", 1, observed=path, settings={"people_per_agent": "50"}, figures=False,
        execution=Execution(0, out=tmp_path / "v"),
    )  # fmt: skip
    assert found.weights.startswith("One agent stands for 50 people")
    assert found.weights in (tmp_path / "v" / "validation.md").read_text(encoding="utf-8")


def test_a_weight_too_great_for_a_scenario_file_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"variant\.toml: people_per_agent: found 0; must be from 1 to 1,000"):
        load_scenario(variant(tmp_path, "people_per_agent = 0\n"))

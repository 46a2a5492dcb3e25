"""Comparisons: pairs under the same luck, fates matched by number, a placebo of chaos alone, and findings in words."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from small import small_model, small_scenario, variant

from sim.agents.states import State
from sim.cli import main
from sim.errors import OutputError
from sim.plots.comparison import draw_differences, draw_fates, draw_posts
from sim.plots.labels import overlapping_texts
from sim.plots.style import house
from sim.runs.compare.differences import chance_above, daily_differences, outcome_differences, post_differences
from sim.runs.compare.pairs import ABSENT, FATES, Flows, changed_fates, first_difference, groups
from sim.runs.compare.placebo import FEWEST_PAIRS, churn, fate_table
from sim.runs.compare.run import Comparison, ComparisonError, check_comparable, compare
from sim.runs.compare.tables import as_far_as, finding, flows_told
from sim.runs.ensemble import member as member_module
from sim.runs.ensemble.member import Luck, MemberError, make_member
from sim.runs.ensemble.nudge import nudge
from sim.runs.ensemble.run import ensemble
from sim.runs.execution import Execution
from sim.scenario.load import load_scenario
from sim.scenario.resolved import resolved_dict

SCENARIO = "kuznica-8-november"
SETTINGS = {"migrants.people_scale": "0.05", "until": "2021-11-09"}
SLOWER = '[guards]\nresponse_minutes = { value = 60, source = "assumed", low = 20, high = 90, because = "a test" }\n'

Captured = pytest.CaptureFixture[str]


def small(folder: Path, second: str | Path, members: int = 3, **given: Any) -> Comparison:
    options: dict[str, Any] = {"figures": False, "settings": SETTINGS, "execution": Execution(0, out=folder)} | given
    return compare(SCENARIO, second, members, **options)


@pytest.fixture(name="slower", scope="module")
def written_variant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return variant(tmp_path_factory.mktemp("scenario"), SLOWER, name="slower")


@pytest.fixture(name="result", scope="module")
def compared(slower: Path, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Return a comparison of three pairs, with figures."""
    return small(tmp_path_factory.mktemp("results") / "here", slower, figures=True)


# ---------------------------------------------------------------- what it leaves


def test_a_results_folder_is_complete(result: Comparison) -> None:
    folder = result.folder
    assert {path.name for path in folder.iterdir()} == {
        "first.nc", "second.nc", "placebo.nc", "manifest.json", "members", "tables", "figures", ".lock",
    }  # fmt: skip
    tables = {path.stem for path in (folder / "tables").iterdir()}
    assert tables == {"outcomes", "daily", "posts", "fates", "churn", "partings", "codebook"}
    figures = {path.stem for path in (folder / "figures").iterdir()}
    assert figures == {"differences", "fates", "posts"}
    assert len(list((folder / "members").iterdir())) == 2


def test_arms_are_the_ensembles_of_their_scenarios(result: Comparison, slower: Path, tmp_path: Path) -> None:
    for name, scenario in (("first", SCENARIO), ("second", slower)):
        alone = ensemble(scenario, 3, settings=SETTINGS, figures=False, execution=Execution(0, out=tmp_path / name))
        assert (alone.folder / "ensemble.nc").read_bytes() == (result.folder / f"{name}.nc").read_bytes()


def test_the_manifest_names_both_scenarios(result: Comparison) -> None:
    what = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert (what["kind"], what["seeds"], what["failed"]) == ("comparison", [1, 2, 3], {})
    assert what["scenario"] == resolved_dict(result.first)
    assert what["second_scenario"] == resolved_dict(result.second)


def test_the_codebook_names_the_tables_that_have_a_column(result: Comparison) -> None:
    tables = {path.name: pd.read_csv(path) for path in (result.folder / "tables").iterdir()}
    for row in tables.pop("codebook.csv").to_dict("records"):
        for table in row["where"].split(", "):
            if table in tables:  # one that failed is only there if one did
                assert row["name"] in tables[table].columns, (row["name"], table)


def test_the_codebook_explains_every_column(result: Comparison) -> None:
    tables = {path.stem: pd.read_csv(path) for path in (result.folder / "tables").glob("*.csv")}
    book = set(tables.pop("codebook")["name"])
    assert {column for table in tables.values() for column in table.columns} <= book


def test_given_again_it_is_the_same_and_makes_nothing(result: Comparison, slower: Path) -> None:
    tables = result.folder / "tables"
    before = {path.name: path.read_bytes() for path in tables.iterdir()}
    again = small(result.folder, slower)
    assert again.n_made == 0
    assert {path.name: path.read_bytes() for path in tables.iterdir()} == before


def test_people_stand_first(result: Comparison) -> None:
    assert result.outcomes["group"].iloc[0] == "People"
    assert result.outcomes["outcome"].iloc[0] == "deaths"


# ---------------------------------------------------------------- pairs


def test_differences_are_those_of_the_members(result: Comparison) -> None:
    with xr.open_dataset(result.folder / "first.nc") as one, xr.open_dataset(result.folder / "second.nc") as other:
        between = (other["total"] - one["total"]).sel(outcome="nights outdoors").values
        row = result.outcomes.set_index("outcome").loc["nights outdoors"]
        assert row["difference"] == pytest.approx(between.mean())
        assert row["first_median"] == np.median(one["total"].sel(outcome="nights outdoors"))
        daily = (other["daily"] - one["daily"]).sel(series="harm_events", day="2021-11-09").mean()
        told = result.daily.set_index(["series", "day"]).loc[("harm_events", "2021-11-09"), "difference"]
        assert told == pytest.approx(float(daily))
        posts = (other["recorded_attempts_at_post"] - one["recorded_attempts_at_post"]).sum("day").mean("member")
        assert list(result.posts["difference"]) == pytest.approx(list(posts.values))


def test_pairing_earns_when_worlds_are_alike_and_costs_when_they_mirror() -> None:
    luck = np.random.default_rng(3).normal(size=(40, 1))
    alike = outcome_differences(dataset(100 + 10 * luck), dataset(101 + 10 * luck + 0.1 * luck**2), None)
    mirrored = outcome_differences(dataset(100 + 10 * luck), dataset(100 - 10 * luck), None)
    assert alike["variance_factor"][0] > 50
    assert mirrored["variance_factor"][0] == pytest.approx(0.5)
    assert bool(alike["detectable"][0])
    assert not mirrored["detectable"][0]


def dataset(totals: np.ndarray[Any, Any]) -> xr.Dataset:
    """Return members with the given totals, float64[n_members, n_outcomes]."""
    names = [f"outcome {number}" for number in range(totals.shape[1])]
    of = {"outcome_group": ("outcome", ["People"] * len(names)), "outcome_unit": ("outcome", ["persons"] * len(names))}
    return xr.Dataset({"total": (("member", "outcome"), totals)}, {"outcome": names, **of})


def test_one_outcome_of_many_that_stands_out_by_luck_is_not_called_an_effect() -> None:
    luck = np.random.default_rng(7)
    one, other = luck.normal(size=(24, 21)), luck.normal(size=(24, 21))
    table = outcome_differences(dataset(one), dataset(other), None)
    assert table["p_value"].min() < 0.05  # one in twenty
    assert not table["detectable"].any()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_the_chance_above_counts_all_couples(first: list[int], second: list[int]) -> None:
    couples = [(b > a) + 0.5 * (b == a) for a in first for b in second]
    assert chance_above(first, second) == pytest.approx(np.mean(couples))
    assert chance_above(first, second) + chance_above(second, first) == pytest.approx(1.0)


def test_worlds_part_in_the_hour_of_the_first_difference() -> None:
    scenario = small_scenario(SCENARIO, until=SETTINGS["until"])
    one, other = make_member(scenario, Luck(1)), make_member(scenario, Luck(1, 20))
    assert first_difference(one, make_member(scenario, Luck(1))) is None
    parted = first_difference(one, other)
    assert parted is not None
    assert 20 <= parted < 48
    people = first_difference(one, other, "people_print")
    assert people is not None
    assert people >= parted
    hour = next(hour for hour in range(48) if one["people_print"].values[hour] != other["people_print"].values[hour])
    assert people == hour


# ---------------------------------------------------------------- fates


def people(ids: list[int], fates: list[int], posts: list[int]) -> xr.Dataset:
    """Return a world of persons, all alone and from the first origin, with two posts."""
    nothing = np.zeros(len(ids), dtype=np.uint8)
    columns = {"kind": nothing, "origin": nothing, "fate": np.array(fates, np.uint8), "last_post": np.array(posts)}
    return xr.Dataset(
        {"person": ("person", np.array(ids)), **{name: ("person", column) for name, column in columns.items()}},
        {"post": ["south", "north"]},
    )


def test_fates_are_matched_by_number_and_the_absent_are_told() -> None:
    one = people([16, 32, 48, 64], [State.WEST, State.DEAD, State.LINE, State.HOME], [0, 1, 255, 1])
    other = people([16, 32, 64, 80], [State.WEST, State.HOME, State.DEAD, State.LINE], [1, 1, 1, 0])
    flows = changed_fates(one, other)
    named = dict(zip(groups(["south", "north"]), flows.counts, strict=True))
    everyone = named[("all", "all")]
    assert everyone[State.WEST, State.WEST] == 1
    assert everyone[State.DEAD, State.HOME] == everyone[State.HOME, State.DEAD] == 1
    assert everyone[State.LINE, ABSENT] == everyone[ABSENT, State.LINE] == 1
    assert everyone.sum() == flows.n_people == 5
    assert flows.n_changed == 4
    assert named[("post", "north")].sum() == 2
    assert named[("post", "south")].sum() == 2  # one of them known from the second world alone
    assert named[("post", "at no post")].sum() == 1
    assert named[("party kind", "alone")].sum() == named[("origin", "Iraq")].sum() == 5
    assert churn([flows])[0] == 0.8


def test_groups_add_up_to_everyone(result: Comparison) -> None:
    gross = result.fates.groupby(["group", "first_fate", "second_fate"])["gross"].sum()
    for group in ("origin", "party kind", "post"):
        pd.testing.assert_series_equal(gross.loc[group], gross.loc["all"], check_names=False, check_exact=False)


def flows_of(gross: int, back: int = 0) -> Flows:
    counts = np.zeros((1, len(FATES), len(FATES)), dtype=np.int64)
    counts[0, State.WEST, State.HOME], counts[0, State.HOME, State.WEST] = gross, back
    counts[0, State.LINE, State.LINE] = 100
    return Flows(counts)


def test_only_what_exceeds_the_placebo_is_highlighted() -> None:
    everyone = [("all", "all")]
    idle = [flows_of(number, number) for number in range(10)]
    within = fate_table(everyone, [flows_of(7, 7)] * 10, idle)
    assert not within[["gross_exceeds", "net_exceeds"]].any(axis=None)
    above = fate_table(everyone, [flows_of(30, 2)] * 10, idle).set_index(["first_fate", "second_fate"])
    assert bool(above.loc[("west", "home"), "gross_exceeds"])
    assert bool(above.loc[("west", "home"), "net_exceeds"])
    assert above.loc[("west", "home"), "net"] == 28
    assert above.loc[("home", "west"), "net"] == -28
    assert not above.loc[("home", "west"), "gross_exceeds"]
    assert above.loc[("west", "home"), "gross_placebo"] == 4.5
    assert above.loc[("west", "home"), "gross_placebo_95"] == pytest.approx(8.55)


def test_a_rare_flow_that_the_placebo_never_shows_is_not_highlighted() -> None:
    table = fate_table([("all", "all")], [flows_of(1), *[flows_of(0)] * 9], [flows_of(0)] * 10)
    assert list(table["gross"]) == [0.1]
    assert not table["gross_exceeds"].any()


def test_few_pairs_highlight_nothing() -> None:
    assert not fate_table([("all", "all")], [flows_of(50)] * 7, [flows_of(0)] * 7)["gross_exceeds"].any()
    assert fate_table([("all", "all")], [flows_of(50)] * 8, [flows_of(0)] * 8)["gross_exceeds"].all()


# ---------------------------------------------------------------- the placebo


def test_a_nudge_exchanges_the_waits_of_two_parties_and_touches_nothing_else() -> None:
    model = small_model(SCENARIO, until=SETTINGS["until"])
    model.run(30)
    columns, people_of = model.people, model.scene.people
    before = {column.name: columns.get(column.name) for column in columns.columns}
    pair = nudge(model)
    assert pair is not None
    changed = np.flatnonzero(columns["act_mark"] != before["act_mark"])
    assert set(columns["party"][changed]) == set(pair)
    for name, values in before.items():
        if name != "act_mark":
            np.testing.assert_array_equal(columns[name], values)
    level = people_of.act.after[columns["cell"]]
    resolve = columns["resolve"].astype(np.float64)
    rest_before, rest = (before["act_mark"] - level) * resolve, (columns["act_mark"] - level) * resolve
    rows = [int(np.flatnonzero(columns["party"] == party)[0]) for party in pair]
    assert rest[rows] == pytest.approx(rest_before[rows[::-1]])
    assert len(set(columns["cell"][changed])) == 1
    same_cell = columns["cell"] == columns["cell"][rows[0]]
    assert before["act_mark"][rows[0]] == before["act_mark"][same_cell].min()
    model.run()  # the ledgers hold


def test_a_nudge_where_nobody_waits_does_nothing() -> None:
    model = small_model(SCENARIO, until=SETTINGS["until"], migrants__people_scale=0.0005)
    model.run(1)
    marks = model.people.get("act_mark")
    while nudge(model) is not None:
        model.step()
        marks = model.people.get("act_mark")
        if model.hour >= model.world.calendar.n_hours:
            pytest.fail("somebody always waits; make the scenario smaller")
    np.testing.assert_array_equal(model.people["act_mark"], marks)


def test_the_placebo_parts_where_the_scenarios_do(result: Comparison) -> None:
    with xr.open_dataset(result.folder / "placebo.nc") as placebo, xr.open_dataset(result.folder / "first.nc") as first:
        assert list(placebo["seed"].values) == [1, 2, 3]
        assert (placebo["total"].values != first["total"].values).any()
    nudged = sorted(path.stem for path in (result.folder / "members").glob("*/*nudged*"))
    hours = [pd.Timestamp(text) for text in result.partings["worlds_part_utc"]]
    start = pd.Timestamp("2021-11-07T23:00Z")
    assert nudged == [f"seed-{seed}-nudged-{int((hour - start) / pd.Timedelta('1h'))}" for seed, hour in
                      zip((1, 2, 3), hours, strict=True)]  # fmt: skip


def test_a_scenario_differs_from_itself_in_nothing(tmp_path: Path, capsys: Captured) -> None:
    same = variant(tmp_path, "", name="same")
    argv = ["compare", SCENARIO, str(same), "--members", "3", "--workers", "0", "--out", str(tmp_path / "here")]
    argv += [word for key, value in SETTINGS.items() if key != "until" for word in ("--set", f"{key}={value}")]
    assert main([*argv, "--until", SETTINGS["until"]]) == 0
    said = capsys.readouterr().out
    assert "The worlds never part" in said
    assert "No detectable effect on people: none of 13 outcomes differs by more than luck." in said
    assert "No flow between fates exceeds the placebo's churn." in said
    outcomes = pd.read_csv(tmp_path / "here" / "tables" / "outcomes.csv")
    assert not outcomes["difference"].any()
    assert not (tmp_path / "here" / "placebo.nc").exists()
    assert {path.stem for path in (tmp_path / "here" / "figures").iterdir()} == {"differences", "fates", "posts"}


# ---------------------------------------------------------------- in words and pictures


def test_an_effect_is_named_with_its_interval() -> None:
    table = outcome_differences(dataset(np.arange(12.0)[:, None]), dataset(np.arange(12.0)[:, None] - 5), None)
    fates = fate_table([("all", "all")], [flows_of(50)] * 8, [flows_of(0)] * 8)
    churned = pd.DataFrame({"comparison": ["second", "second", "placebo"], "share_changed": [0.1, 0.2, 0.05]})
    told = finding(table, fates, churned)
    assert told[-2] == "15.0 % of people have another fate, with the placebo 5.0 % (95 % of its pairs: at most 5.0 %)."
    assert told[0] == "Detectable effects on people, 1 of 1 outcomes:"
    assert told[1] == "  outcome 0: -5.0 persons, -5.0 to -5.0"
    assert told[-1] == "1 flow between fates exceeds the placebo's churn (tables/fates.csv)."


def test_no_text_of_the_figures_overlaps(result: Comparison) -> None:
    heading = xr.Dataset(coords={"day": np.array(["2021-11-08", "2021-11-09"], dtype="datetime64[ns]")})
    heading.attrs = {"scenario": "second less first", "n_members": "3", "seed": "1–3"}
    churned = pd.DataFrame({"comparison": ["second", "placebo"], "share_changed": [0.1, 0.05]})
    with house():
        for framed in (
            draw_differences(result.daily, result.outcomes, heading),
            draw_fates(result.fates, churned, flows_told(result.fates, churned)[0], heading),
            draw_posts(result.posts, heading),
        ):
            assert overlapping_texts(framed.figure) == []
        one = result.outcomes.assign(detectable=result.outcomes["outcome"] == "deaths")
        told = draw_differences(result.daily, one, heading).figure.texts[0].get_text()
        assert told == "Of 13 outcomes of people, 1 differs by more than luck: deaths"


def test_the_figure_of_fates_counts_the_flows_that_the_words_count(result: Comparison) -> None:
    """The smallest of all flows exceeds the placebo: figure and closing table name one, and the figure shows it."""
    heading = xr.Dataset(coords={"day": np.array(["2021-11-08", "2021-11-09"], dtype="datetime64[ns]")})
    heading.attrs = {"scenario": "second less first", "n_members": "8", "seed": "1–8"}
    churned = pd.DataFrame({"comparison": ["second", "placebo"], "share_changed": [0.1, 0.05]})
    pairs = itertools.permutations(FATES[:6], 2)
    like = result.fates.iloc[[0]].assign(group="all", value="all", gross_exceeds=False, net_exceeds=False)
    flows = pd.concat(
        [like.assign(first_fate=one, second_fate=other, gross=float(50 - number))
         for number, (one, other) in enumerate(pairs)],
        ignore_index=True,
    )  # fmt: skip
    flows.loc[len(flows) - 1, "gross_exceeds"] = True
    with house():
        framed = draw_fates(flows, churned, flows_told(flows, churned)[0], heading)
    told = " ".join(text.get_text() for text in framed.figure.texts[:2])
    assert told.endswith("1 flow between fates exceeds the placebo’s churn")
    assert len(framed.figure.axes[0].get_yticks()) == 17
    assert "1 flow between fates exceeds" in finding(result.outcomes, flows, churned)[-1]


@pytest.mark.parametrize(("n_pairs", "told"), [(7, "oo few pairs to "), (8, "o flow between fates exceeds ")])
def test_few_pairs_tell_nothing_of_flows(result: Comparison, n_pairs: int, told: str) -> None:
    heading = xr.Dataset(coords={"day": np.array(["2021-11-08", "2021-11-09"], dtype="datetime64[ns]")})
    heading.attrs = {"scenario": "second less first", "n_members": str(n_pairs), "seed": f"1–{n_pairs}"}
    churned = pd.DataFrame({"comparison": ["second", "placebo"] * n_pairs, "share_changed": [0.1, 0.05] * n_pairs})
    flows = result.fates.assign(gross_exceeds=False, net_exceeds=False)
    with house():
        framed = draw_fates(flows, churned, flows_told(flows, churned)[0], heading)
    assert told in " ".join(text.get_text() for text in framed.figure.texts[:2])
    assert told in finding(result.outcomes, flows, churned)[-1]
    assert FEWEST_PAIRS == 8


def test_the_closing_table_says_what_pairing_earned(result: Comparison, slower: Path, capsys: Captured) -> None:
    argv = ["compare", SCENARIO, str(slower), "--members", "3", "--workers", "0", "--out", str(result.folder)]
    assert main([*argv, "--set", "migrants.people_scale=0.05", "--until", "2021-11-09", "--no-figures"]) == 0
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if "nights outdoors" in line)
    factor = result.outcomes.set_index("outcome").loc["nights outdoors", "variance_factor"]
    assert row.endswith(f"{factor:.1f}")
    assert math.isfinite(factor)
    assert "3 pairs under the same luck, seeds 1–3; 0 members made now." in said
    assert f"first: {SCENARIO}\nsecond: slower\n" in said
    assert SCENARIO[:14] + " " not in said


# ---------------------------------------------------------------- failures and bad input


def test_a_pair_is_left_out_when_one_of_its_members_fails(
    slower: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = member_module.make_member

    def fails_once(scenario: Any, luck: Luck) -> xr.Dataset:
        if scenario.name == "slower" and luck.seed == 2:
            raise ValueError("a law was broken")
        return make(scenario, luck)

    monkeypatch.setattr(member_module, "make_member", fails_once)
    result = small(tmp_path / "here", slower)
    assert result.seeds == (1, 3)
    assert result.failed == {2: "slower: ValueError: a law was broken"}
    assert set(result.outcomes["n_pairs"]) == {2}
    assert (tmp_path / "here" / "tables" / "failed.csv").exists()


def test_a_placebo_that_fails_costs_neither_its_pair_nor_the_other_placebos(
    result: Comparison, slower: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    make = member_module.make_member

    def fails_once(scenario: Any, luck: Luck) -> xr.Dataset:
        if luck.seed == 2 and luck.nudged_at is not None:
            raise ValueError("a law was broken")
        return make(scenario, luck)

    monkeypatch.setattr(member_module, "make_member", fails_once)
    argv = ["compare", SCENARIO, str(slower), "--members", "3", "--workers", "0", "--out", str(tmp_path / "here")]
    assert main([*argv, "--set", "migrants.people_scale=0.05", "--until", "2021-11-09"]) == 0
    said = capsys.readouterr().err
    assert "the placebo of seed 2 failed and is left out: kuznica-8-november: ValueError: a law was broken" in said
    assert "pair of seed 2" not in said
    tables = tmp_path / "here" / "tables"
    failed = pd.read_csv(tables / "failed.csv")
    assert failed.to_dict("records") == [
        {"seed": 2, "left_out": "placebo", "why": "kuznica-8-november: ValueError: a law was broken"}
    ]
    what = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert (what["seeds"], what["failed"], list(what["failed_placebos"])) == ([1, 2, 3], {}, ["2"])
    outcomes = pd.read_csv(tables / "outcomes.csv")
    assert set(outcomes["n_pairs"]) == {3}
    with (
        xr.open_dataset(tmp_path / "here" / "placebo.nc") as placebo,
        xr.open_dataset(result.folder / "first.nc") as first,
    ):
        assert list(placebo["seed"].values) == [1, 3]
        idle = placebo["total"].values - first["total"].values[[0, 2]]
    low, high = np.quantile(idle, [0.025, 0.975], axis=0)
    assert outcomes["placebo_low_95"].to_numpy() == pytest.approx(low, abs=1e-6)
    assert outcomes["placebo_high_95"].to_numpy() == pytest.approx(high, abs=1e-6)
    assert (high > low).any()
    assert (pd.read_csv(tables / "churn.csv")["comparison"] == "placebo").sum() == 2


def test_a_pair_that_never_parts_has_a_placebo_that_differs_in_nothing() -> None:
    first = dataset(np.array([[1.0], [2.0], [3.0]])).assign_coords(seed=("member", [5, 6, 7]))
    nudged = dataset(np.array([[9.0]])).assign_coords(seed=("member", [7]))
    row = outcome_differences(first, first, nudged, n_still=2).iloc[0]
    low, high = np.quantile([6.0, 0.0, 0.0], [0.025, 0.975])
    assert (row["placebo_low_95"], row["placebo_high_95"]) == pytest.approx((low, high))
    none = outcome_differences(first, first, None).iloc[0]
    assert np.isnan(none["placebo_low_95"])
    assert np.isnan(none["placebo_high_95"])


def test_without_a_placebo_nothing_is_said_to_keep_within_it(result: Comparison) -> None:
    fates = fate_table([("all", "all")], [flows_of(50)] * 8, [])
    assert (
        fates[["gross_placebo", "gross_placebo_95", "net_placebo_low_95", "net_placebo_high_95"]].isna().all(axis=None)
    )
    assert not fates[["gross_exceeds", "net_exceeds"]].any(axis=None)
    churned = pd.DataFrame({"comparison": ["second"] * 8, "share_changed": [0.1] * 8})
    told = "no placebo to hold flows between fates against"
    assert flows_told(fates, churned)[0] == told
    heading = xr.Dataset(coords={"day": np.array(["2021-11-08", "2021-11-09"], dtype="datetime64[ns]")})
    heading.attrs = {"scenario": "second less first", "n_members": "8", "seed": "1–8"}
    with house():
        framed = draw_fates(fates, churned, told, heading)
        assert "never part" not in " ".join(text.get_text() for text in framed.figure.texts)
        posts = draw_posts(result.posts.assign(placebo_low_95=np.nan, placebo_high_95=np.nan), heading)
        assert "there is no placebo" in " ".join(text.get_text() for text in posts.figure.texts)


def test_few_pairs_claim_neither_an_effect_at_a_post_nor_that_there_is_none(result: Comparison) -> None:
    """Two differences may be the same by chance: their interval has no width, and two placebos hardly any."""
    first, luck = np.array([[100.0, 7.0]] * 2), np.array([[0.0, 0.0], [3.0, 1.0]])
    outcomes = outcome_differences(dataset(first), dataset(first + luck), None)
    assert as_far_as(outcomes) == ", as far as 2 pairs can tell"
    fates = fate_table([("all", "all")], [flows_of(5)] * 2, [flows_of(5)] * 2)
    churned = pd.DataFrame({"comparison": ["second", "placebo"], "share_changed": [0.1, 0.05]})
    assert finding(outcomes, fates, churned)[0].endswith(" by more than luck, as far as 2 pairs can tell.")
    assert as_far_as(outcome_differences(dataset(first), dataset(first), None)) == ""
    many = np.arange(16.0)[:, None] % 2
    assert as_far_as(outcome_differences(dataset(many), dataset(many[::-1]), None)) == ""
    post = {
        "country": "PL",
        "post": "Krynki north",
        "first_mean": 9.0,
        "difference": 2.0,
        "low_95": 2.0,
        "high_95": 2.0,
    }
    posts = pd.DataFrame([{**post, "placebo_low_95": -4.0, "placebo_high_95": 0.0}] * 12)
    heading = xr.Dataset(coords={"day": np.array(["2021-11-08", "2021-11-09"], dtype="datetime64[ns]")})
    heading.attrs = {"scenario": "second less first", "n_members": "2 pairs of", "seed": "1–2", "pairs_needed": 8}
    with house():
        for table in (posts, posts.assign(low_95=-1.0)):
            told = " ".join(text.get_text() for text in draw_posts(table, heading).figure.texts)
            assert "Too few pairs with placebos to tell whether recorded attempts move" in told
            assert "8 are needed" in told
        assert "2 pairs of simulated runs" in told
        told = draw_differences(result.daily, outcomes, heading.assign_attrs(as_far_as=as_far_as(outcomes))).figure
        assert "as far as 2 pairs can tell" in " ".join(text.get_text() for text in told.texts)
        heading.attrs["pairs_needed"] = 0
        told = " ".join(text.get_text() for text in draw_posts(posts, heading).figure.texts)
        assert "move beyond the placebo at 12 guard posts of 12: Krynki north" in told


def test_scenarios_of_other_dates_are_refused(tmp_path: Path, capsys: Captured) -> None:
    argv = ["compare", "standoff-november-2021", "no-british-engineers", "--members", "2", "--out", str(tmp_path / "x")]
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert (
        "found until 2021-11-30 and 2021-12-31; dates must be the same (give both the same last day by --until)" in said
    )
    with pytest.raises(ComparisonError) as raised:
        compare(SCENARIO, "standoff-november-2021", 2, settings=SETTINGS, execution=Execution(out=tmp_path / "x"))
    assert "found simulated from 2021-11-08 and 2021-08-01; dates must be the same" in str(raised.value)
    assert "(compare two that begin on the same day, such as two that extend one scenario" in str(raised.value)
    assert "--set" not in str(raised.value)
    with pytest.raises(ComparisonError, match=r"found start 2021-08-01 and 2021-11-08; .* by --set start=2021-08-01\)"):
        compare("crisis-2021", "no-camp", 2, settings={"until": "2021-11-09"}, execution=Execution(out=tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


def test_the_same_two_the_other_way_round_are_not_written_over(result: Comparison, slower: Path) -> None:
    tables = {path.name: path.read_bytes() for path in (result.folder / "tables").iterdir()}
    with pytest.raises(OutputError, match=r"which holds the comparison of '.*' with '.*', the other way round; its"):
        compare(slower, SCENARIO, 3, settings=SETTINGS, execution=Execution(0, out=result.folder))
    assert {path.name: path.read_bytes() for path in (result.folder / "tables").iterdir()} == tables


def test_a_spin_up_over_no_day_is_none() -> None:
    settings = {"start": "2021-08-01", "until": "2021-08-02"}
    crisis, november = load_scenario("crisis-2021", settings), load_scenario("no-camp", settings)
    assert (crisis.spin_up_from, november.spin_up_from) == (None, crisis.start)
    check_comparable(crisis, november)


def test_one_pair_is_no_comparison(slower: Path, tmp_path: Path) -> None:
    with pytest.raises(MemberError, match="--members: found 1; a comparison needs 2 or more"):
        small(tmp_path / "here", slower, 1)


def test_a_folder_of_another_comparison_is_refused(result: Comparison, tmp_path: Path) -> None:
    other = variant(tmp_path, SLOWER.replace("60", "61"), name="other")
    with pytest.raises(OutputError, match="holds members of another scenario"):
        small(result.folder, other)


def test_daily_and_post_tables_need_no_placebo(result: Comparison) -> None:
    with xr.open_dataset(result.folder / "first.nc") as one, xr.open_dataset(result.folder / "second.nc") as other:
        assert post_differences(one, other, None)[["placebo_low_95", "placebo_high_95"]].isna().all(axis=None)
        same = post_differences(one, one, None, n_still=3)[["placebo_low_95", "placebo_high_95"]]
        assert (same == 0.0).all(axis=None)
        assert len(daily_differences(one, other, ["deaths"])) == one.sizes["day"]

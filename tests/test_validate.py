"""Validation on made-up members: coverage, verdicts, what is called what, and red where we lose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sim.analysis.draws import Draws
from sim.analysis.observed import Observed, usable
from sim.analysis.page import page_text, write_page
from sim.analysis.points import AnalysisError
from sim.analysis.rivals import forecast
from sim.analysis.validate import (
    FIT,
    HINDCAST,
    Validation,
    day_table,
    month_table,
    post_table,
    score_table,
    validate,
)
from sim.cli import main
from sim.errors import EvidenceError
from sim.plots.labels import overlapping_texts
from sim.plots.skill import skill_figure
from sim.plots.style import GREEN, PAPER, VERMILION, house
from sim.runs.execution import Execution
from sim.scenario.evidence import ObservedCount
from sim.scenario.load import load_scenario
from sim.scenario.places import data_folder
from sim.scenario.resolved import scenario_hash
from sim.scenario.schema import Scenario

FIRST, LAST = date(2021, 8, 1), date(2021, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


@pytest.fixture(autouse=True, scope="module")
def rivals_foretell_once() -> Iterator[None]:
    """Let a rival that hears the same counts again say what it said: fitting ARIMA is most of the time here."""
    heard: dict[Any, Any] = {}

    def once(name: str, known: Mapping[date, float], origin: date, days: int, steps: Sequence[date]) -> Any:
        key = (name, tuple((day, value) for day, value in known.items() if day <= origin), origin, days, tuple(steps))
        if key not in heard:
            heard[key] = forecast(name, known, origin, days, steps)
        return heard[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.analysis.validate.forecast", once)
        yield


def count(first: date, last: date, value: float, country: str = "PL", series: str = "attempts") -> ObservedCount:
    return ObservedCount(
        f"X{first}{last}{country}",
        series,
        country,
        first,
        last,
        value,
        None,
        None,
        "attempts",
        "exact",
        "me",
        "",
        "",
        "",
    )


def draws(level: float, spread: float = 0.1) -> Draws:
    """Return twenty members that count about `level` a day, each by its own share more or less."""
    rng = np.random.default_rng(1)
    runs = level * rng.lognormal(0.0, spread, (20, 1, len(DAYS)))
    members = xr.Dataset(
        {
            "daily": (("member", "series", "day"), np.repeat(runs, 2, axis=1)),
            "recorded_attempts_at_post": (("member", "day", "post"), np.moveaxis(runs, 1, 2) / 10.0),
        },
        {"series": ["recorded_attempts_pl", "germany_registered"], "post": ["Kuźnica"],
         "day": np.array(DAYS, dtype="datetime64[ns]")},
        {"scenario": "made-up", "n_members": "20", "seed": "1–20", "people_scale": "1", "sources": "none"},
    )  # fmt: skip
    return Draws(members, load_scenario("crisis-2021"), tuple(range(1, 21)))


def seen(level: float = 300.0) -> Observed:
    """Return daily counts about a level that scatter by a fifth, two months, and one month of a post."""
    rng = np.random.default_rng(2)
    rows = [count(day, day, round(level * float(rng.lognormal(0, 0.2)))) for day in DAYS if day.day % 2]
    rows += [
        count(date(2021, 10, 1), date(2021, 10, 31), 31 * level),
        count(date(2021, 11, 1), date(2021, 11, 30), 30 * level),
    ]
    rows += [count(date(2021, 12, 1), date(2021, 12, 31), 31 * level / 10, "PL:Kuźnica")]
    return usable(tuple(rows), ("Kuźnica",))


def test_a_right_model_covers_what_it_should() -> None:
    table = day_table(draws(300.0), seen()).set_index("days_of")
    assert table.loc[FIT, "inside_80"] == pytest.approx(0.8, abs=0.15)
    assert table.loc[HINDCAST, "inside_50"] == pytest.approx(0.5, abs=0.2)
    assert table.loc[FIT, "ard"] < 0.25
    assert table.loc["November 2021", "n_days"] == 15


def test_a_model_of_twice_the_counts_covers_nothing() -> None:
    table = day_table(draws(600.0), seen()).set_index("days_of")
    assert table.loc[FIT, "inside_80"] < 0.1
    assert table.loc[FIT, "ard"] == pytest.approx(1.0, abs=0.2)


def test_months_are_told_apart_by_what_was_known() -> None:
    table = month_table(draws(300.0), seen()).set_index("month")
    assert table.loc["October 2021", "part"] == FIT
    assert table.loc["November 2021", "part"] == HINDCAST
    assert table["inside_80"].all()
    assert table["ratio"].tolist() == pytest.approx([1.0, 1.0], abs=0.05)


def test_a_right_model_beats_persistence_and_a_wrong_one_loses() -> None:
    known = seen().by_day("recorded_attempts_pl")
    right = score_table(draws(300.0), known, ()).set_index(["part", "horizon_days", "rival"])
    wrong = score_table(draws(600.0), known, ()).set_index(["part", "horizon_days", "rival"])
    assert right.loc[(HINDCAST, 28, "persistence"), "verdict"].startswith("wins")
    assert wrong.loc[(HINDCAST, 28, "persistence"), "verdict"] == "loses"
    low, high = wrong.loc[(HINDCAST, 28, "persistence"), ["crps_low", "crps_high"]]
    assert 0 < low < high
    assert set(right.index.get_level_values("rival")) == set(wrong.index.get_level_values("rival"))


def test_three_origins_are_too_few_to_tell() -> None:
    """Resampling one to three origins gives intervals that are far too narrow."""
    known = {day: value for day, value in seen().by_day("recorded_attempts_pl").items() if day <= date(2021, 10, 31)}
    early = {day: value for day, value in known.items() if day <= date(2021, 10, 8)}
    table = score_table(draws(600.0), early, ()).set_index(["part", "horizon_days", "rival"])
    row = table.loc[(FIT, 7, "persistence")]
    assert row["n_origins"] == 2
    assert row["crps_low"] > 0
    assert row["verdict"] == "loses, within the noise (too few origins)"
    more = score_table(draws(600.0), known, ()).set_index(["part", "horizon_days", "rival"])
    assert more.loc[(FIT, 28, "persistence"), "n_origins"] == 3
    assert "too few origins" in more.loc[(FIT, 28, "persistence"), "verdict"]


def test_posts_are_scored_where_they_are_counted() -> None:
    table = post_table(draws(300.0), seen())
    assert table["post"].tolist() == ["Kuźnica"]
    assert table["median"].iloc[0] == pytest.approx(31 * 30, rel=0.1)


def test_the_page_says_what_it_is(tmp_path: Path) -> None:
    made, counts = draws(600.0), seen()
    tables = (month_table(made, counts), day_table(made, counts))
    known = counts.by_day("recorded_attempts_pl")
    scores = score_table(made, known, (date(2021, 11, 12),))
    found = Validation(tmp_path, *tables, scores, post_table(made, usable((), ())), {"sightings PL": 3})
    scenario = load_scenario("crisis-2021")
    write_page(found, made.quantiles("recorded_attempts_pl"), known, scenario, [1, 2, 3], "", figures=True)
    text = (tmp_path / "validation.md").read_text(encoding="utf-8")
    assert text == page_text(found, scenario, [1, 2, 3], "", figures=True)
    for said in (
        "conditional hindcast",
        "not calibrated",
        "No open data.",
        "🔴 loses",
        "sightings PL (3)",
        "seeds 1–3",
    ):
        assert said in text
    assert "forecast " not in text.replace("forecasts", "").lower().split("## months")[0]
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"skill.png", "skill.svg"}
    assert (tmp_path / "tables" / "validation_scores.csv").is_file()


@pytest.mark.parametrize("rivals", [0, 6])
def test_the_figure_shows_rivals_under_their_part_or_says_that_there_are_none(rivals: int) -> None:
    days = np.arange("2021-11-08", "2021-11-13", dtype="datetime64[D]").astype("datetime64[ns]")
    fan = xr.Dataset({"fan": (("quantile", "day"), np.ones((7, 5)))}, {"day": days})
    fan.attrs = {"scenario": "crisis-2021", "n_members": "3", "seed": "1–3"}
    scores = pd.DataFrame(
        {
            "part": "fit", "horizon_days": 7, "rival": f"rival {number}", "crps_difference": number - 2.0,
            "crps_low": number - 9.0, "crps_high": number + 1.0, "verdict": "loses, within the noise",
        }
        for number in range(rivals)
    )  # fmt: skip
    with house():
        framed = skill_figure(fan, {date(2021, 11, 9): 1.0}, scores)
    assert overlapping_texts(framed.figure) == []
    said = framed.figure.axes[1].texts[0].get_text()
    assert said.startswith("fit, 7 days ahead" if rivals else "Too few published days")
    assert len(framed.figure.axes[1].get_yticks()) == rivals


VERDICTS = [
    "loses",
    "loses, within the noise",
    "loses, within the noise (too few origins)",
    "wins",
    "wins, within the noise",
]


def scored(verdicts: Sequence[str]) -> pd.DataFrame:
    """Return one row of scores a verdict."""
    return pd.DataFrame(
        {
            "part": FIT, "horizon_days": 7, "rival": f"rival {number}", "n_forecasts": 9, "n_origins": 4,
            "crps_difference": 2.0 if verdict.startswith("loses") else -2.0, "crps_low": -3.0, "crps_high": 3.0,
            "our_crps": 5.0, "their_crps": 4.0, "our_log_score": 1.0, "their_log_score": 1.0, "verdict": verdict,
        }
        for number, verdict in enumerate(verdicts)
    )  # fmt: skip


def test_the_page_is_red_only_where_a_loss_is_told_from_noise(tmp_path: Path) -> None:
    none = pd.DataFrame()
    found = Validation(tmp_path, none, none, scored(VERDICTS), none, {})
    text = page_text(found, load_scenario("crisis-2021"), [1], "", figures=False)
    rows = {row.split("|")[3].strip(): row.split("|")[-2].strip() for row in text.splitlines() if "| rival " in row}
    assert [rows[f"rival {number}"] for number in range(5)] == [
        "🔴 loses", "⚪ loses, within the noise", "⚪ loses, within the noise (too few origins)", "wins",
        "wins, within the noise",
    ]  # fmt: skip
    head = " ".join(text.split("## Months")[0].split())
    assert "a rival to whom it loses by more than the noise" in head
    assert "⚪ marks a rival who is ahead within the noise" in head


def test_the_figure_is_red_only_where_a_loss_is_told_from_noise() -> None:
    days = np.arange("2021-11-08", "2021-11-13", dtype="datetime64[D]").astype("datetime64[ns]")
    fan = xr.Dataset({"fan": (("quantile", "day"), np.ones((7, 5)))}, {"day": days})
    fan.attrs = {"scenario": "crisis-2021", "n_members": "3", "seed": "1–3"}
    with house():
        figure = skill_figure(fan, {date(2021, 11, 9): 1.0}, scored(VERDICTS)).figure
    marks = [line for line in figure.axes[1].lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() for line in marks] == [VERMILION, PAPER, PAPER, GREEN, PAPER]
    assert "by more than the noise to 1 of 5 rivals" in " ".join(" ".join(t.get_text() for t in figure.texts).split())
    assert overlapping_texts(figure) == []


def test_the_figure_credits_who_counted_and_says_what_is_not_there() -> None:
    days = np.arange("2021-11-08", "2021-11-13", dtype="datetime64[D]").astype("datetime64[ns]")
    fan = xr.Dataset({"fan": (("quantile", "day"), np.ones((7, 5)))}, {"day": days})
    fan.attrs = {"scenario": "crisis-2021", "n_members": "3", "seed": "1–3"}
    with house():
        usual = skill_figure(fan, {date(2021, 11, 9): 1.0}, pd.DataFrame())
        fan.attrs["credit"] = "Counts: mine.csv (my own diary)."
        framed = skill_figure(fan, {date(2021, 11, 9): 1.0}, pd.DataFrame())
        nothing = skill_figure(fan, {}, pd.DataFrame())
    said, before = (" ".join(text.get_text() for text in one.figure.texts) for one in (framed, usual))
    assert "Polish Border Guard" in before
    key, none = (" ".join(text.get_text() for text in one.figure.axes[0].texts) for one in (usual, nothing))
    assert key.startswith("━  median of the runs 95 % band 80 % band") and key.endswith("○  published count")
    assert "○" not in none
    assert overlapping_texts(usual.figure) == []
    assert "Polish Border Guard" not in said
    assert "mine.csv (my own diary)" in said
    assert "0 of 0" not in said
    assert "too few of them to hold rivals against" in said
    assert "No day has a published count" in " ".join(text.get_text() for text in nothing.figure.texts)


def test_a_file_of_ones_own_is_credited_and_its_unknown_words_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "id,series,country,first_day,last_day,value,low,high,unit,standing,source,url,published,note\n"
    rows = [
        ("attempts", "PL"),
        ("atempts", "PL"),
        ("attempts", "PO"),
        ("attempts", "PL:Kuznica"),
        ("entries_germany", "DE"),
    ]
    path = tmp_path / "mine.csv"
    path.write_text(
        header
        + "".join(
            f"X{n},{series},{country},2021-08-0{1 + n % 2},2021-08-0{1 + n % 2},5,,,attempts,exact,my own diary,,,\n"
            for n, (series, country) in enumerate(rows)
        ),
        encoding="utf-8",
    )
    credits = []
    monkeypatch.setattr("sim.plots.skill.draw_skill", lambda fan, *_: credits.append(fan.attrs.get("credit")))
    argv = ["validate", "crisis-2021", "--members", "1", "--workers", "0", "--observed", str(path)]
    assert main([*argv, "--out", str(tmp_path / "here")]) == 0
    said = capsys.readouterr()
    assert credits == ["Counts: mine.csv (my own diary)."]
    assert "standoff: 'atempts PL' is not used: 1 row (did you mean 'attempts'?)" in said.err
    assert "standoff: 'attempts PO' is not used: 1 row (attempts are counted in PL, LT or LV)" in said.err
    assert "standoff: 'attempts PL:Kuznica' is not used: 1 row (did you mean 'Kuźnica'?)" in said.err
    assert "No calendar month that was run whole has a published total." in said.out
    assert "No origin has enough published days before it and any after it" in said.out


def test_a_page_of_other_counts_or_another_scenario_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "id,series,country,first_day,last_day,value,low,high,unit,standing,source,url,published,note\n"
    mine, yours = tmp_path / "mine.csv", tmp_path / "yours.csv"
    for path, value in ((mine, 5), (yours, 6)):
        path.write_text(
            f"{head}X1,attempts,PL,2021-08-01,2021-08-01,{value},,,attempts,exact,me,,,\n", encoding="utf-8"
        )
    out = ["--members=1", "--workers=0", "--no-figures", "--quiet", "--out", str(tmp_path / "here")]
    assert main(["validate", "crisis-2021", "--observed", str(mine), *out]) == 0
    page = tmp_path / "here" / "validation.md"
    text = page.read_text(encoding="utf-8")
    assert re.search(r"^Counts: `mine.csv`, SHA-256 `[0-9a-f]{12}`\.$", text, re.MULTILINE)
    what = json.loads((tmp_path / "here" / "manifest.json").read_text(encoding="utf-8"))["what"]
    assert what["command"] == "standoff validate crisis-2021 --members 1 --observed mine.csv"
    assert main(["validate", "crisis-2021", "--observed", str(yours), *out]) == 2
    assert "which holds a validation against other counts (`mine.csv`, SHA-256" in capsys.readouterr().err
    assert main(["validate", "no-fence", "--observed", str(mine), *out]) == 2
    assert "which holds members of another scenario" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == text
    assert main(["validate", "crisis-2021", "--observed", str(mine), *out]) == 0
    page.write_text("# My own notes\n", encoding="utf-8")
    assert main(["validate", "crisis-2021", "--observed", str(mine), *out]) == 2
    assert "a validation against counts that its page does not name; its page would be lost" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "# My own notes\n"


def test_counts_outside_the_scenario_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    header = "id,series,country,first_day,last_day,value,low,high,unit,standing,source,url,published,note\n"
    path.write_text(header + "X1,attempts,PL,2022-05-01,2022-05-01,5,,,attempts,exact,me,,,\n")
    with pytest.raises(AnalysisError, match="found no count of a series of runs from 2021-08-01 to 2021-12-31"):
        validate("crisis-2021", 1, observed=path, execution=Execution(0, out=tmp_path / "v"))


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("crisis-2021", None, "crisis-2021"),
        ("crisis-2021", "", ""),
        ("minsk-not-steering", None, "minsk-not-steering"),
        ("no-fence", None, ""),
        ("no-fence", "crisis-2021", "crisis-2021"),
    ],
)
def test_a_posterior_of_the_scenarios_name_is_taken_unless_another_is_given(
    name: str, given: str | None, taken: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class AskedError(Exception):
        pass

    def asked(scenario: Any, *_: Any, **__: Any) -> Any:
        raise AskedError(scenario.calibrated)

    monkeypatch.setattr("sim.analysis.validate.ensemble", asked)
    to = Execution(0, out=tmp_path / "validation")
    for scenario in (name, load_scenario(name)):
        with pytest.raises(AskedError, match=f"^{taken}$"):
            validate(scenario, 1, calibrated=given, execution=to)


def test_a_scenario_is_resolved_once_also_with_a_posterior(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    resolved: list[Any] = []
    asked: list[Scenario] = []

    def stop(scenario: Scenario, *_: Any, **__: Any) -> Any:
        asked.append(scenario)
        raise KeyboardInterrupt

    def counted(*given: Any) -> Scenario:
        resolved.append(given)
        return load_scenario(*given)

    monkeypatch.setattr("sim.analysis.validate.ensemble", stop)
    monkeypatch.setattr("sim.runs.ready.load_scenario", counted)
    with pytest.raises(KeyboardInterrupt):
        validate("crisis-2021", 1, execution=Execution(0, out=tmp_path / "v"))
    assert len(resolved) == 1
    by_settings = load_scenario("crisis-2021", {"calibrated": '"crisis-2021"', "until": str(asked[0].until)})
    assert scenario_hash(asked[0]) == scenario_hash(by_settings)


def test_a_posterior_by_path_names_no_folders_within_the_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = data_folder("seeds") / "posteriors" / "crisis-2021.json"
    (tmp_path / "trial.json").write_bytes(stored.read_bytes())
    to: list[Path | None] = []

    def stop(scenario: Scenario, *_: Any, execution: Execution, **__: Any) -> Any:
        to.append(execution.out)
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.analysis.validate.ensemble", stop)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        validate("no-fence", 1, calibrated=str(tmp_path / "trial.json"))
    assert to == [Path("results/validation-no-fence-trial")]


def test_an_unknown_posterior_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"calibrated: found 'crisis-2012'; stored posteriors are.*did you"):
        validate("crisis-2021", 1, calibrated="crisis-2012", execution=Execution(0, out=tmp_path / "v"))


def test_the_command_line_names_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--observed", str(tmp_path / "none.csv")]) == 2
    assert "a readable file is needed" in capsys.readouterr().err

"""The evidence under seeds/: complete, sourced, and refused with an address when a file is damaged."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import EvidenceError, Problem
from sim.scenario import evidence, observed, seed_sets, tables
from sim.scenario.places import data_folder

TABLES = (
    "evidence/facts.csv",
    "evidence/events.csv",
    "evidence/forces_and_fences.csv",
    "evidence/group_attempts.csv",
    "observed/counts.csv",
    "observed/stocks_and_flows.csv",
    "geography/guard_posts.csv",
)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may damage."""
    return Path(shutil.copytree(data_folder("seeds"), tmp_path / "seeds"))


def replace_cell(path: Path, line: int, column: str, value: str) -> None:
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[line - 1][rows[0].index(column)] = value
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


# ---------------------------------------------------------------- what is there


def test_every_table_has_its_rows() -> None:
    found = evidence.load_evidence()
    assert len(found.facts) == 470
    assert len(found.events) == 107
    assert len(found.forces) == 39
    assert len(found.observed) == 174
    assert len(found.stocks_and_flows) == 96
    assert len(found.group_attempts) == 127
    assert len(found.guard_posts) == 35


def test_every_id_is_found_and_has_a_statement_and_a_source() -> None:
    ids = evidence.all_source_ids()
    assert len(set(ids)) == len(ids) == 470 + 107 + 39 + 174 + 96 + 127 + 35
    for source_id in ids:
        source = evidence.find_source(source_id)
        assert source.id == source_id
        assert source.statement.strip() and source.source.strip()


def test_an_unknown_id_names_the_nearest_right_one() -> None:
    with pytest.raises(EvidenceError, match=r"no evidence has the id 'A 021'; did you mean 'A021'\?"):
        evidence.find_source("A 021")


def test_events_are_in_order_of_date_and_within_the_crisis() -> None:
    days = [event.date for event in evidence.load_events()]
    assert days == sorted(days)
    assert days[0] >= date(2021, 8, 1) and days[-1] <= date(2021, 12, 31)


@pytest.mark.parametrize(
    ("day", "kind", "n"),
    [
        (date(2021, 11, 8), "group_crossing", 1),
        (date(2021, 11, 9), "crossing_closure", 1),
        (date(2021, 11, 10), "bomber_patrol", 1),
        (date(2021, 11, 11), "bomber_patrol", 1),
        (date(2021, 11, 11), "recon_team", 1),
        (date(2021, 11, 12), "paratroop_drill", 1),
        (date(2021, 11, 18), "camp_clearance", 1),
    ],
)
def test_the_main_dated_events_are_there(day: date, kind: str, n: int) -> None:
    counted = Counter((event.date, event.kind) for event in evidence.load_events())
    assert counted[day, kind] == n


def test_nothing_held_out_for_testing_is_here() -> None:
    later = [c for c in evidence.load_observed() if c.last_day > date(2021, 11, 30)]
    assert later == []
    countries = {c.country for c in evidence.load_observed() if c.first_day >= date(2021, 9, 1)}
    assert not countries & {"LT", "LV"}
    held_out = {"A025", "A230", "A231", "B144", "E100", "O168"}
    assert not held_out & set(evidence.all_source_ids())


def test_every_file_is_in_the_manifest_with_a_licence() -> None:
    folder = data_folder("seeds")
    problems: list[Problem] = []
    listed = tables.read_manifest(folder, problems)
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert problems == []
    assert there - set(listed) == {"manifest.toml", "README.md", "LICENCES.md"}
    assert all(entry.licence and entry.attribution for entry in listed.values())


def test_the_attribution_names_both_owners() -> None:
    assert "OpenStreetMap contributors (ODbL)" in tables.attribution()
    assert "GeoNames (CC BY 4.0)" in tables.attribution()


# ---------------------------------------------------------------- observed series


def test_months_of_attempts_are_the_final_ones() -> None:
    months = observed.observed_months("attempts", "PL")
    values = {first.month: count.value for first, count in months.items()}
    assert values == {7: 200, 8: 3531, 9: 7700, 10: 17447, 11: 8900}
    september = months[date(2021, 9, 1)]
    assert (september.low, september.high) == (7535, 7750)
    october = months[date(2021, 10, 1)]
    assert (october.low, october.high) == (17447, 17447)


def test_months_of_german_arrivals_are_the_last_revision() -> None:
    months = observed.observed_months("entries_germany", "DE")
    assert {first.month: count.value for first, count in months.items()} == {
        5: 15,
        8: 479,
        9: 2049,
        10: 5288,
        11: 2850,
    }


def test_an_exact_month_goes_before_a_later_rounded_print() -> None:
    july = observed.observed_months("crossings", "LT")[date(2021, 7, 1)]
    assert (july.value, july.standing) == (2882, "exact")


def test_each_day_has_one_count_and_an_exact_print_goes_first() -> None:
    days = observed.observed_attempts_by_day()
    assert list(days) == sorted(days)
    assert all(first == count.first_day == count.last_day for first, count in days.items())
    assert days[date(2021, 11, 8)].value == 309
    assert days[date(2021, 11, 9)].value == 599
    assert days[date(2021, 11, 17)].value == 501
    assert date(2021, 11, 16) not in days


def test_days_never_exceed_their_month() -> None:
    months = observed.observed_months("attempts", "PL")
    for first, month in months.items():
        in_month = [c.value for d, c in observed.observed_attempts_by_day().items() if d.month == first.month]
        assert sum(in_month) <= month.value


def test_an_unknown_series_names_the_nearest() -> None:
    with pytest.raises(EvidenceError, match=r"no observed series 'attempt PL'.*did you mean 'attempts PL'"):
        observed.observed_months("attempt", "PL")


# ---------------------------------------------------------------- seed sets


def test_the_small_ensemble_begins_the_large_and_the_placebo_shares_nothing() -> None:
    small, large = seed_sets.load_seed_set("published-8"), seed_sets.load_seed_set("published-100")
    assert len(small) == 8 and len(large) == 100 and large[:8] == small
    assert not set(seed_sets.load_seed_set("placebo-8")) & set(large)


def test_an_unknown_seed_set_names_the_nearest() -> None:
    with pytest.raises(EvidenceError, match=r"called 'published-9'.*did you mean 'published-8'"):
        seed_sets.load_seed_set("published-9")


@pytest.mark.parametrize("text", ["[a]\nseeds = [1, 1]", "[a]\nseeds = [-1]", "[a]\nseeds = [true]", "a = 3", "["])
def test_a_damaged_seed_set_is_refused(seeds: Path, text: str) -> None:
    (seeds / "random/seed_sets.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"random/seed_sets\.toml"):
        seed_sets.read_seed_sets(seeds)


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("evidence/facts.csv", "value", "many", r"line 5, column 'value': found 'many'; allowed is a number"),
        ("evidence/facts.csv", "value", "nan", r"found 'nan'; allowed is a number"),
        ("evidence/facts.csv", "low", "99999999", r"allowed is low <= value <= high"),
        (
            "evidence/facts.csv",
            "source",
            " ",
            r"column 'source': found ' '; allowed is a text that is not empty",
        ),
        ("evidence/facts.csv", "unit", "", r"a value needs a unit"),
        ("evidence/facts.csv", "id", "X001", r"found 'X001'; allowed is A or B and a number"),
        ("evidence/facts.csv", "id", "A001", r"allowed is an id that no other row has"),
        ("evidence/facts.csv", "date", "soon", r"allowed is a year, month or day, or nothing"),
        ("evidence/events.csv", "date", "2021-02-30", r"allowed is a day of the calendar as YYYY-MM-DD"),
        ("evidence/events.csv", "size", "-1", r"allowed is a number in \[0, inf\]"),
        ("observed/counts.csv", "last_day", "2021-01-01", r"allowed is a day not before first_day"),
        ("observed/counts.csv", "standing", "exakt", r"did you mean 'exact'\?"),
        ("geography/guard_posts.csv", "first_segment", "1.5", r"allowed is a whole number"),
        ("geography/guard_posts.csv", "country", "PT", r"allowed is one of PL, LT, LV"),
    ],
)
def test_a_damaged_cell_is_refused_with_its_address(
    seeds: Path, table: str, column: str, value: str, message: str
) -> None:
    replace_cell(seeds / table, 5, column, value)
    with pytest.raises(EvidenceError, match=message) as caught:
        evidence.read_evidence(seeds)
    assert f"{table}: line 5, column" in str(caught.value)


def test_all_problems_of_all_files_come_at_once(seeds: Path) -> None:
    replace_cell(seeds / "evidence/facts.csv", 2, "value", "x")
    replace_cell(seeds / "evidence/facts.csv", 3, "source", "")
    replace_cell(seeds / "evidence/events.csv", 4, "date", "?")
    with pytest.raises(EvidenceError, match="3 problems in the seeds"):
        evidence.read_evidence(seeds)


def test_a_lost_row_is_noticed_by_the_manifest(seeds: Path) -> None:
    path = seeds / "observed/counts.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"counts\.csv: found 173 rows; the manifest says 174"):
        evidence.read_evidence(seeds)


def test_a_misspelt_column_names_the_right_one(seeds: Path) -> None:
    path = seeds / "evidence/events.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("actor", "aktor", 1), encoding="utf-8")
    with pytest.raises(EvidenceError, match="'actor' is needed") as caught:
        evidence.read_evidence(seeds)
    assert "did you mean 'actor'?" in str(caught.value)


@pytest.mark.parametrize("name", ["manifest.toml", *TABLES])
def test_a_missing_file_is_named(seeds: Path, name: str) -> None:
    (seeds / name).unlink()
    with pytest.raises(EvidenceError, match=name.replace(".", r"\.")):
        evidence.read_evidence(seeds)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe\x80", b"\x00" * 100, b'"', b"a,b\n1,2\n"])
def test_a_file_that_is_no_table_is_refused(seeds: Path, content: bytes) -> None:
    (seeds / "evidence/facts.csv").write_bytes(content)
    with pytest.raises(EvidenceError, match=r"evidence/facts\.csv"):
        evidence.read_evidence(seeds)


def test_a_very_large_file_is_refused_unread(seeds: Path) -> None:
    with open(seeds / "evidence/facts.csv", "wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(EvidenceError, match="a larger file; allowed are 20,000,000 bytes"):
        evidence.read_evidence(seeds)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_files_load_or_are_refused_but_never_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutated") / "seeds"
    shutil.copytree(data_folder("seeds"), folder)
    path = folder / data.draw(st.sampled_from(["manifest.toml", *TABLES]))
    raw = path.read_bytes()
    start = data.draw(st.integers(0, len(raw) - 1))
    length = data.draw(st.integers(0, 40))
    junk = data.draw(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b",", b"\n", b'"', b"nan", b"1e999", b"-", b"\x00", b"2021-13-40", b"[[file]]\n"]),
        )
    )
    path.write_bytes(raw[:start] + junk + raw[start + length :])
    try:
        found = evidence.read_evidence(folder)
    except EvidenceError as error:
        assert "in the seeds" in str(error)
    else:
        assert len(found.sources) == len(evidence.all_source_ids())
    finally:
        shutil.rmtree(folder)

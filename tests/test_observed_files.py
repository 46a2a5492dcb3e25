"""Files of counts that others bring: read, or refused with every problem at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sim.analysis.observed import read_counts, usable
from sim.errors import EvidenceError
from sim.scenario.evidence import load_observed
from sim.scenario.places import data_folder

HEADER = "id,series,country,first_day,last_day,value,low,high,unit,standing,source,url,published,note\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def row(number: int = 1, **changes: str) -> str:
    cells = {
        "id": f"X{number}", "series": "attempts", "country": "PL", "first_day": "2021-11-01", "last_day": "2021-11-01",
        "value": "300", "low": "", "high": "", "unit": "attempts", "standing": "exact", "source": "somebody", "url": "",
        "published": "2021-11-02", "note": "",
    } | changes  # fmt: skip
    return ",".join(cells.values()) + "\n"


def test_the_counts_of_this_repository_are_in_their_own_schema() -> None:
    assert read_counts(data_folder("seeds") / "observed" / "counts.csv") == load_observed()


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    bad = HEADER + row(1, value="-3") + row(1) + row(2, first_day="2021-11-05", standing="sure") + "a,b\n"
    with pytest.raises(EvidenceError) as caught:
        read_counts(written(tmp_path, bad))
    text = str(caught.value)
    assert text.startswith("5 problems in the observed counts:")
    for said in (
        r"line 2, column 'value'", "line 3, column 'id'", "line 4, column 'last_day'", "line 4, column 'standing'",
        "line 5: found 2 cells; 14 are needed",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no such column; column 'id' is needed"),
        (HEADER, "no rows; at least one count is needed"),
        (HEADER.replace("standing", "firmness") + row(), "column 'firmness'"),
        (HEADER + row(published="yesterday"), "a year, month or day"),
        (HEADER + row(low="400", value="300"), "low <= value <= high"),
        (HEADER + row(value=""), "allowed is a number from 0"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(EvidenceError, match=match):
        read_counts(written(tmp_path, text))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="No such file"):
        read_counts(tmp_path / "nowhere.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(b"\xff\xfe" + HEADER.encode())
    with pytest.raises(EvidenceError, match="no UTF-8"):
        read_counts(path)


def test_firm_prints_go_before_loose_ones_and_later_before_earlier(tmp_path: Path) -> None:
    text = (
        HEADER
        + row(1, value="10")
        + row(2, value="11", published="2021-12-01")
        + row(3, value="12", standing="rounded", published="2022-01-01")
    )
    assert usable(read_counts(written(tmp_path, text))).by_day("recorded_attempts_pl") == {date(2021, 11, 1): 11.0}


def test_months_posts_and_what_cannot_be_used_are_told_apart(tmp_path: Path) -> None:
    text = (
        HEADER
        + row(1, first_day="2021-12-01", last_day="2021-12-31")
        + row(2, country="PL:Kuźnica")
        + row(3, country="PL:Atlantis")
        + row(4, series="sightings")
        + row(5, first_day="2021-11-02", last_day="2021-12-01")
    )
    seen = usable(read_counts(written(tmp_path, text)), ("Kuźnica",))
    assert seen.by_month("recorded_attempts_pl") == {date(2021, 12, 1): 300.0}
    assert "post:Kuźnica" in seen.series
    assert seen.not_used == {"attempts PL:Atlantis": 1, "sightings PL": 1}

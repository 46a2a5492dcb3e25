"""The border: lengths, tiling by posts, distances, names, lines, and damaged geography."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import EvidenceError
from sim.scenario.places import data_folder
from sim.world.border import (
    COUNTRIES,
    OFFICIAL_KM,
    TERRAINS,
    great_circle_km,
    load_border,
    read_border,
)
from sim.world.outlines import load_basemap, load_lines, read_outlines

GOZHA = (23.93, 53.86)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may damage."""
    return Path(shutil.copytree(data_folder("seeds"), tmp_path / "seeds"))


def test_the_line_has_its_official_length_in_each_country() -> None:
    segments, posts = load_border().segments, load_border().posts
    assert len(segments) == 1270 and len(posts) == 35
    assert tuple(np.bincount(segments.country)) == OFFICIAL_KM == (418, 679, 173)
    by_country = np.bincount(posts.country, weights=posts.length_km)
    assert by_country.tolist() == [418.0, 679.0, 173.0]
    assert np.bincount(posts.country).tolist() == [22, 8, 5]


def test_posts_tile_the_segments_without_gap_or_overlap() -> None:
    segments, posts = load_border().segments, load_border().posts
    assert posts.first_segment[0] == 0 and posts.end_segment[-1] == 1270
    assert np.array_equal(posts.first_segment[1:], posts.end_segment[:-1])
    assert np.array_equal(np.repeat(np.arange(35), posts.end_segment - posts.first_segment), segments.post)
    assert np.array_equal(posts.country[segments.post], segments.country)


def test_arrays_have_their_types_and_cannot_be_written() -> None:
    border = load_border()
    for table in (border.segments, border.posts):
        for field in fields(table):
            values = getattr(table, field.name)
            if isinstance(values, np.ndarray):
                assert len(values) == len(table)
                assert values.dtype in (np.uint8, np.int32, np.float64)
                with pytest.raises(ValueError, match="read-only"):
                    values[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        border.post_distance_km[0, 0] = 1.0


def test_kilometres_run_from_the_south_of_each_country() -> None:
    segments = load_border().segments
    for code, length in enumerate(OFFICIAL_KM):
        assert np.array_equal(segments.km[segments.country == code], np.arange(length) + 0.5)


def test_neighbouring_midpoints_are_never_further_than_their_way_along_the_line() -> None:
    segments = load_border().segments
    steps = great_circle_km(segments.lon[:-1], segments.lat[:-1], segments.lon[1:], segments.lat[1:])
    assert steps.max() <= 1.05
    assert steps.sum() < 1270


def test_wide_rivers_are_kept_apart_from_streams() -> None:
    segments = load_border().segments
    n_km = dict(zip(TERRAINS, np.bincount(segments.terrain, minlength=len(TERRAINS)), strict=True))
    assert n_km == {
        "river_wide": 100 + 62 + 19 + 10 + 17,
        "stream": 276,
        "lake": 21,
        "forest": 332,
        "wetland": 20,
        "open": 400,
        "built_up": 13,
    }
    assert segments.terrain[0] == TERRAINS.index("river_wide")
    assert segments.terrain[300] == TERRAINS.index("stream")


def test_distances_between_posts_are_a_metric() -> None:
    distance = load_border().post_distance_km
    assert distance.shape == (35, 35)
    assert np.array_equal(distance, distance.T)
    assert np.all(np.diag(distance) == 0) and np.all(distance[~np.eye(35, dtype=bool)] > 1)
    assert np.all(distance[:, None, :] <= distance[:, :, None] + distance[None, :, :] + 1e-9)


def test_a_quarter_of_the_meridian_is_ten_thousand_km() -> None:
    assert float(great_circle_km(23.0, 0.0, 23.0, 90.0)) == pytest.approx(10_007.6, abs=0.1)
    assert float(great_circle_km(21.0122, 52.2297, 27.5615, 53.9023)) == pytest.approx(475, abs=5)


def test_the_gozha_range_lies_within_ten_km_of_lithuania_and_twenty_to_thirty_of_poland() -> None:
    border = load_border()
    distance = border.distance_to_line_km(*GOZHA)
    assert distance.shape == (35,)
    assert 5 < distance[border.post_number("Druskininkai")] < 10
    assert 20 < distance[border.posts.country == COUNTRIES.index("PL")].min() < 30


@given(lon=st.floats(20, 32), lat=st.floats(50, 58))
@settings(max_examples=30, deadline=None)
def test_the_line_is_never_further_than_the_middle_of_a_post(lon: float, lat: float) -> None:
    border = load_border()
    to_middle = great_circle_km(border.posts.lon, border.posts.lat, lon, lat)
    assert np.all(border.distance_to_line_km(lon, lat) <= to_middle + 1e-9)


@pytest.mark.parametrize("spelling", ["Kuźnica", "kuznica", " KUZNICA "])
def test_a_post_is_found_without_accents_or_capitals(spelling: str) -> None:
    border = load_border()
    assert border.posts.name[border.post_number(spelling)] == "Kuźnica"


def test_an_unknown_post_names_the_nearest() -> None:
    with pytest.raises(EvidenceError, match="no post is called 'Kuznitsa'; did you mean 'Kuźnica'"):
        load_border().post_number("Kuznitsa")


@pytest.mark.parametrize(
    ("place", "post"),
    [
        ("Bruzgi", "Kuźnica"),
        ("Kuźnica–Bruzgi", "Kuźnica"),
        ("Kuznica-Bruzgi", "Kuźnica"),
        ("Bruzgi camp at the line", "Kuźnica"),
        ("Usnarz Górny", "Szudziałowo"),
        ("Dubicze Cerkiewne", "Dubicze Cerkiewne"),
        ("Krynki south", "Krynki south"),
        ("Starzyna", "Dubicze Cerkiewne"),
        ("Gozhsky training range", "Druskininkai"),
        ("Brest", "Terespol"),
        ("Braslav", "Silene"),
    ],
)
def test_a_place_belongs_to_a_post(place: str, post: str) -> None:
    border = load_border()
    assert border.posts.name[border.post_of_place(place)] == post


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(EvidenceError, match="no place is called 'Atlantis'"):
        load_border().post_of_place("Atlantis")


def test_places_lie_where_their_segment_says() -> None:
    border = load_border()
    assert len(border.places) == 72 and len(border.towns) == 252
    for place in border.places:
        lon, lat = border.segments.lon[place.segment], border.segments.lat[place.segment]
        reach = float(great_circle_km(lon, lat, place.lon, place.lat))
        assert abs(reach - place.distance_km) <= place.accuracy_km + 1.0


@pytest.mark.parametrize("detail", ["10m", "150m"])
def test_the_three_lines_meet_at_the_tripoints(detail: str) -> None:
    lines = load_lines(detail)
    assert tuple(lines) == COUNTRIES
    assert np.allclose(lines["PL"][-1], lines["LT"][0], atol=0.01)
    assert np.allclose(lines["LT"][-1], lines["LV"][0], atol=0.01)
    length = {c: great_circle_km(*p[:-1].T, *p[1:].T).sum() for c, p in lines.items()}
    for country, official in zip(COUNTRIES, OFFICIAL_KM, strict=True):
        assert 0.75 * official < length[country] <= official


def test_segments_lie_on_the_drawn_line() -> None:
    segments, lines = load_border().segments, load_lines("10m")
    for code, country in enumerate(COUNTRIES):
        own = segments.country == code
        vertex = np.arange(len(lines[country]))
        fine = np.linspace(0, vertex[-1], 20 * len(vertex))
        lon, lat = (np.interp(fine, vertex, lines[country][:, axis]) for axis in (0, 1))
        for at_lon, at_lat in zip(segments.lon[own], segments.lat[own], strict=True):
            near = (np.abs(lon - at_lon) < 0.05) & (np.abs(lat - at_lat) < 0.05)
            assert great_circle_km(lon[near], lat[near], at_lon, at_lat).min() < 0.2


def test_the_basemap_closes_every_ring() -> None:
    basemap = load_basemap()
    assert set(basemap) == {"PL", "LT", "LV", "BY", "UA", "RU"}
    for rings in basemap.values():
        for ring in rings:
            assert np.array_equal(ring[0], ring[-1])


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("P02,Dołhobrody,Dolhobrody,PL,16", "P02,Dołhobrody,Dolhobrody,PL,17", "beginning at 16 is needed"),
        ("P02,Dołhobrody,Dolhobrody,PL,16", "P02,Dołhobrody,Dolhobrody,PL,15", "beginning at 16 is needed"),
        ("P02,Dołhobrody,Dolhobrody,PL", "P02,Dołhobrody,Dolhobrody,LT", "allowed are segments of LT"),
        ("with Russia,LV,1207,1270", "with Russia,LV,1207,1269", "1270 segments must be covered"),
    ],
)
def test_posts_that_do_not_tile_are_refused(seeds: Path, old: str, new: str, message: str) -> None:
    path = seeds / "geography/guard_posts.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(EvidenceError, match=message):
        read_border(seeds)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("segments.csv", "\n7,PL", "\n9,PL", "line 9, column 'segment'"),
        ("segments.csv", "\n417,PL", "\n417,LT", "south to north, PL 418, LT 679, LV 173"),
        ("segments.csv", "river_wide,0,", "river,0,", "allowed is one of river_wide, stream"),
        ("segments.csv", "river_wide,0,", "river_wide,1,", "0 is needed in the stretch of P01"),
        ("segments.csv", "river_wide,0,", "river_wide,none,", "column 'post': found 'none'"),
        ("towns.csv", "T002", "T001", "id T001: found two rows"),
        ("crossings.csv", ",road,", ",rode,", "did you mean 'road'"),
    ],
)
def test_damaged_geography_is_refused_with_its_address(
    seeds: Path, table: str, old: str, new: str, message: str
) -> None:
    path = seeds / "geography" / table
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvidenceError, match=message):
        read_border(seeds)


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '{"features": []}',
        '{"features": 3}',
        "{" * 5000,
        "[" * 100_000,
        '{"features": [{"properties": {"country": "PL"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
        '{"features": [{"properties": {"country": "PL"}, "geometry": {"type": "LineString", "coordinates": []}}]}',
        '{"features": [{"properties": {"country": "PL"}, "geometry":'
        ' {"type": "LineString", "coordinates": [[23, 52], [NaN, 52]]}}]}',
    ],
)
def test_lines_that_are_no_lines_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "line.geojson").write_text(content, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"line\.geojson"):
        read_outlines(tmp_path, "line.geojson")


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_mutated_lines_load_or_are_refused_but_never_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    square = {"type": "Polygon", "coordinates": [[[23, 52], [24, 52], [24, 53], [23, 52]]]}
    raw = json.dumps({"features": [{"properties": {"country": "PL"}, "geometry": square}]}).encode()
    start = data.draw(st.integers(0, len(raw) - 1))
    junk = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"[", b"]", b"null", b"NaN", b"1e999"])))
    folder = tmp_path_factory.mktemp("lines")
    (folder / "line.geojson").write_bytes(raw[:start] + junk + raw[start + data.draw(st.integers(0, 20)) :])
    try:
        outlines = read_outlines(folder, "line.geojson")
    except EvidenceError as error:
        assert "line.geojson" in str(error)
    else:
        assert all(np.all(np.isfinite(ring)) for rings in outlines.values() for ring in rings)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_mutated_geography_loads_or_is_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutated") / "seeds"
    shutil.copytree(data_folder("seeds"), folder)
    tables = ["segments.csv", "towns.csv", "crossings.csv", "guard_posts.csv"]
    path = folder / "geography" / data.draw(st.sampled_from(tables))
    raw = path.read_bytes()
    start = data.draw(st.integers(0, len(raw) - 1))
    junk = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b",", b"\n", b'"', b"nan", b"", b"-5"])))
    path.write_bytes(raw[:start] + junk + raw[start + data.draw(st.integers(0, 30)) :])
    try:
        border = read_border(folder)
    except EvidenceError as error:
        assert "in the seeds" in str(error)
    else:
        assert len(border.segments) == 1270 and len(border.posts) == 35
    finally:
        shutil.rmtree(folder)

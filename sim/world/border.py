"""The border: 1,270 segments of one official kilometre, 35 guard posts, and the places around it.

All arrays are read-only. Kilometres along the line are official ones, so that sums match published lengths;
travel is measured between midpoints, since the line meanders.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.errors import EvidenceError, Problem
from sim.scenario.evidence import GuardPost, load_evidence, read_evidence
from sim.scenario.places import data_folder
from sim.scenario.tables import Row, raise_problems, read_manifest, read_table
from sim.world.gazetteer import Place, Town, plain, read_places, read_towns

__all__ = [
    "COUNTRIES",
    "TERRAINS",
    "Border",
    "Posts",
    "Segments",
    "great_circle_km",
    "load_border",
    "read_border",
]

COUNTRIES = ("PL", "LT", "LV")
"""The EU side of each segment; codes in arrays index this tuple."""

OFFICIAL_KM = (418, 679, 173)
"""Length of each country's line, in order of :data:`COUNTRIES`, km."""

TERRAINS = ("river_wide", "stream", "lake", "forest", "wetland", "open", "built_up")
"""What the line runs through. Only ``river_wide`` (Bug, Neman, Neris, Daugava) cannot be waded."""

EARTH_RADIUS_KM = 6371.0088

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Segments:
    """Columns of the 1,270 segments, south to north; distances are from the segment's midpoint, km."""

    country: Bytes
    """uint8[1270], index into COUNTRIES."""
    km: Floats
    """float64[1270], km along that country's line from its southern end, at the midpoint."""
    lon: Floats
    """float64[1270], degrees east."""
    lat: Floats
    """float64[1270], degrees north."""
    terrain: Bytes
    """uint8[1270], index into TERRAINS."""
    post: Bytes
    """uint8[1270], number of the guard post."""
    town_km_by: Floats
    """float64[1270], to the nearest town on the Belarusian side."""
    town_km_eu: Floats
    """float64[1270], to the nearest town on the EU side."""
    city_km_by: Floats
    """float64[1270], to the nearest town of more than 10,000 people on the Belarusian side."""
    city_km_eu: Floats
    """float64[1270], to the nearest town of more than 10,000 people on the EU side."""
    crossing_km: Floats
    """float64[1270], to the nearest crossing point."""

    def __len__(self) -> int:
        return len(self.km)


@dataclass(frozen=True, eq=False)
class Posts:
    """Columns of the 35 guard posts, south to north; a post has segments first_segment up to end_segment."""

    name: tuple[str, ...]
    country: Bytes
    """uint8[35], index into COUNTRIES."""
    first_segment: npt.NDArray[np.int32]
    """int32[35], number of the post's first segment."""
    end_segment: npt.NDArray[np.int32]
    """int32[35], one past the number of its last segment."""
    length_km: Floats
    """float64[35], official km."""
    lon: Floats
    """float64[35], degrees east, of the middle segment."""
    lat: Floats
    """float64[35], degrees north, of the middle segment."""

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, eq=False)
class Border:
    """The whole line with its posts and the places around it."""

    segments: Segments
    posts: Posts
    towns: tuple[Town, ...]
    places: tuple[Place, ...]
    post_distance_km: Floats
    """float64[35, 35], great-circle distance between the middles of two posts."""

    def post_number(self, name: str) -> int:
        """Return the number of the post called `name`; case and accents do not matter.

        Raises:
            EvidenceError: no post has this name; the nearest right one is named.
        """
        known = {plain(post): number for number, post in enumerate(self.posts.name)}
        return self._find(name, known, self.posts.name, "post")

    def post_of_place(self, place_name: str) -> int:
        """Return the number of the post to which a place, crossing point (or one end of it) or town belongs.

        A post's own name goes first: the village of Dubicze Cerkiewne is nearer to its neighbour's stretch. A
        town belongs to the post of the segment nearest to it.

        Raises:
            EvidenceError: no such place; the nearest right name is given.
        """
        known, towns = self._places_and_towns
        shown = [*self.posts.name, *(place.name for place in self.places), *(town.name for town in self.towns)]
        post = self._find(place_name, known, shown, "place")
        if post >= 0:
            return post
        town = towns[plain(place_name)]
        return int(np.argmin(self.distance_to_line_km(town.lon, town.lat)))

    @cached_property
    def _places_and_towns(self) -> tuple[dict[str, int], dict[str, Town]]:
        """The post of every name that is known, −1 for towns, and the towns by name."""
        towns = {plain(town.name): town for town in reversed(self.towns)}
        known: dict[str, int] = {}
        for place in self.places:
            for end in place.name.removesuffix(" (rail)").removesuffix(" (road)").split("–"):
                known[plain(end)] = place.post
        known |= dict.fromkeys(towns, -1)
        known |= {plain(place.name): place.post for place in self.places}
        known |= {plain(name): number for number, name in enumerate(self.posts.name)}
        return known, towns

    def distance_to_line_km(self, lon: float, lat: float) -> Floats:
        """Return float64[35], km from a point (degrees) to the nearest segment midpoint of each post."""
        reach = great_circle_km(self.segments.lon, self.segments.lat, lon, lat)
        return _frozen(np.minimum.reduceat(reach, self.posts.first_segment))

    @staticmethod
    def _find(name: str, known: Mapping[str, int], shown: Iterable[str], what: str) -> int:
        key = plain(name)
        if key not in known:
            written = {plain(one): one for one in shown}
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"did you mean '{written.get(close[0], close[0])}'?" if close else ""
            raise EvidenceError(f"no {what} is called {name!r}" + (f"; {hint}" if hint else ""))
        return known[key]


def great_circle_km(
    lon_a: Floats | float, lat_a: Floats | float, lon_b: Floats | float, lat_b: Floats | float
) -> Floats:
    """Return the great-circle distance between points a and b, km; degrees in, arrays broadcast.

    The haversine form, which stays precise for points close together (Sinnott 1984, Sky and Telescope 68).
    """
    lambda_a, phi_a, lambda_b, phi_b = (np.radians(x) for x in (lon_a, lat_a, lon_b, lat_b))
    chord = np.sin((phi_b - phi_a) / 2) ** 2
    chord = chord + np.cos(phi_a) * np.cos(phi_b) * np.sin((lambda_b - lambda_a) / 2) ** 2
    distance: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distance


# ---------------------------------------------------------------- reading

_SEGMENT_KM = ("town_km_by", "town_km_eu", "city_km_by", "city_km_eu", "crossing_km")


@cache
def load_border() -> Border:
    """Return the border of this installation (read once)."""
    return _build(data_folder("seeds"), load_evidence().guard_posts)


def read_border(folder: Path) -> Border:
    """Return the border under the seeds folder `folder`, checked: posts tile the segments of their country.

    Raises:
        EvidenceError: anything in any of the files is wrong; the message names every place.
    """
    return _build(folder, read_evidence(folder).guard_posts)


def _build(folder: Path, guard_posts: tuple[GuardPost, ...]) -> Border:
    problems: list[Problem] = []
    manifest = read_manifest(folder, problems)
    columns = ("segment", "country", "km", "lon", "lat", "terrain", "post", *_SEGMENT_KM)
    segments = _segments(read_table(folder, "geography/segments.csv", columns, manifest, problems))
    towns = read_towns(folder, manifest, problems)
    places = read_places(folder, len(segments), len(guard_posts), manifest, problems)
    raise_problems(problems)
    _check_tiling(segments, guard_posts, problems)
    for kind, ids in (("towns.csv", [t.id for t in towns]), ("crossings.csv", [p.id for p in places])):
        for double in sorted({i for i in ids if ids.count(i) > 1}):
            problems.append(Problem(f"geography/{kind}", f"id {double}", "two rows", "allowed is one"))
    raise_problems(problems)
    posts = _posts(segments, guard_posts)
    lon, lat = posts.lon[:, None], posts.lat[:, None]
    return Border(segments, posts, towns, places, _frozen(great_circle_km(lon, lat, lon.T, lat.T)))


def _frozen(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    values.setflags(write=False)
    return values


def _column(values: Iterable[float]) -> Floats:
    return _frozen(np.fromiter(values, dtype=np.float64))


def _codes(values: Iterable[int]) -> Bytes:
    return _frozen(np.fromiter(values, dtype=np.uint8))


def _segments(rows: list[Row]) -> Segments:
    for number, row in enumerate(rows):
        if row.whole("segment", 0, 100_000) != number:
            row.complain("segment", f"allowed is {number}: segments are numbered from 0, south to north")

    def km(column: str) -> Floats:
        return _column(row.number(column, 0, 1000) for row in rows)

    return Segments(
        country=_codes(row.code("country", COUNTRIES) for row in rows),
        km=km("km"),
        lon=_column(row.number("lon", -180, 180) for row in rows),
        lat=_column(row.number("lat", -90, 90) for row in rows),
        terrain=_codes(row.code("terrain", TERRAINS) for row in rows),
        post=_codes(row.whole("post", 0, 254) for row in rows),
        town_km_by=km("town_km_by"),
        town_km_eu=km("town_km_eu"),
        city_km_by=km("city_km_by"),
        city_km_eu=km("city_km_eu"),
        crossing_km=km("crossing_km"),
    )


def _check_tiling(segments: Segments, guard_posts: tuple[GuardPost, ...], problems: list[Problem]) -> None:
    """Add a problem for each country of the wrong length and each gap, overlap or stray segment of a post."""
    table = "geography/segments.csv"
    expected = np.repeat(np.arange(len(COUNTRIES), dtype=np.uint8), OFFICIAL_KM)
    if not np.array_equal(segments.country, expected):
        runs = ", ".join(f"{c} {n}" for c, n in zip(COUNTRIES, OFFICIAL_KM, strict=True))
        allowed = f"allowed are, south to north, {runs}"
        problems.append(Problem(table, "column 'country'", "another order or number", allowed))
        return
    at = 0
    for number, post in enumerate(guard_posts):
        place = f"{post.id} {post.name}"
        stretch = slice(post.first_segment, post.end_segment)
        if post.first_segment != at or post.end_segment <= at:
            found = f"segments {post.first_segment} to {post.end_segment}"
            allowed = f"a stretch beginning at {at} is needed: posts leave no gap and do not overlap"
            problems.append(Problem("geography/guard_posts.csv", place, found, allowed))
        elif any(COUNTRIES[code] != post.country for code in segments.country[stretch]):
            allowed = f"allowed are segments of {post.country}"
            problems.append(Problem("geography/guard_posts.csv", place, "segments of two countries", allowed))
        elif np.any(segments.post[stretch] != number):
            allowed = f"{number} is needed in the stretch of {place}"
            problems.append(Problem(table, "column 'post'", "another post", allowed))
        at = post.end_segment
    if at != len(segments):
        found = f"posts up to segment {at}"
        problems.append(Problem("geography/guard_posts.csv", "", found, f"{len(segments)} segments must be covered"))


def _posts(segments: Segments, guard_posts: tuple[GuardPost, ...]) -> Posts:
    first = np.array([post.first_segment for post in guard_posts], dtype=np.int32)
    end = np.array([post.end_segment for post in guard_posts], dtype=np.int32)
    middle = (first + end) // 2
    return Posts(
        name=tuple(post.name for post in guard_posts),
        country=_codes(COUNTRIES.index(post.country) for post in guard_posts),
        first_segment=_frozen(first),
        end_segment=_frozen(end),
        length_km=_frozen((end - first).astype(np.float64)),
        lon=_frozen(segments.lon[middle]),
        lat=_frozen(segments.lat[middle]),
    )

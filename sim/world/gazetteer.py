"""The gazetteer: towns and places around the line, how they are read, and how their names are matched."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.errors import Problem
from sim.scenario.tables import DataFile, Row, read_table

__all__ = ["PLACE_KINDS", "Place", "Town", "plain", "read_places", "read_towns"]

PLACE_KINDS = (
    "road", "road_freight", "rail", "pedestrian", "pedestrian_water", "local",
    "post_town", "event_village", "logistics", "camp", "military", "airport",
)  # fmt: skip
"""What a place may be: crossing points of six kinds, then what lies near the line."""

_SIDES = ("PL", "LT", "LV", "BY")
_TOWN_COLUMNS = ("id", "name", "country", "lon", "lat", "population", "kind", "geonameid", "source")
_PLACE_COLUMNS = (
    "id", "name", "kind", "country", "by_side", "lon", "lat", "segment", "post",
    "distance_km", "accuracy_km", "note", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """A town within 60 km of the line, or a hub of the journey."""

    id: str
    name: str
    country: str
    lon: float
    lat: float
    population: int
    kind: str


@dataclass(frozen=True, slots=True)
class Place:
    """A crossing point, post town, village, camp, range or airport; `segment` is the nearest one."""

    id: str
    name: str
    kind: str
    country: str
    by_side: str
    lon: float
    lat: float
    segment: int
    post: int
    distance_km: float
    accuracy_km: float
    note: str


def plain(name: str) -> str:
    """Return `name` in small letters without accents, so that ``kuznica`` finds ``Kuźnica``."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("–", "-"))
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def read_towns(folder: Path, manifest: Mapping[str, DataFile], problems: list[Problem]) -> tuple[Town, ...]:
    """Return the towns under the seeds folder `folder`; what is wrong is added to `problems`."""
    rows = read_table(folder, "geography/towns.csv", _TOWN_COLUMNS, manifest, problems)
    return tuple(_town(row) for row in rows)


def read_places(
    folder: Path, n_segments: int, n_posts: int, manifest: Mapping[str, DataFile], problems: list[Problem]
) -> tuple[Place, ...]:
    """Return the places under the seeds folder `folder`, at a line of so many segments and posts.

    What is wrong is added to `problems`.
    """
    rows = read_table(folder, "geography/crossings.csv", _PLACE_COLUMNS, manifest, problems)
    return tuple(_place(row, n_segments, n_posts) for row in rows)


def _town(row: Row) -> Town:
    return Town(
        id=row.text("id"),
        name=row.text("name"),
        country=row.one_of("country", _SIDES),
        lon=row.number("lon", -180, 180),
        lat=row.number("lat", -90, 90),
        population=row.whole("population", 0, 20_000_000),
        kind=row.one_of("kind", ("town", "hub")),
    )


def _place(row: Row, n_segments: int, n_posts: int) -> Place:
    row.text("source")
    return Place(
        id=row.text("id"),
        name=row.text("name"),
        kind=row.one_of("kind", PLACE_KINDS),
        country=row.one_of("country", _SIDES),
        by_side=row.text("by_side", needed=False),
        lon=row.number("lon", -180, 180),
        lat=row.number("lat", -90, 90),
        segment=row.whole("segment", 0, max(n_segments - 1, 0)),
        post=row.whole("post", 0, max(n_posts - 1, 0)),
        distance_km=row.number("distance_km", 0, 1000),
        accuracy_km=row.number("accuracy_km", 0, 100),
        note=row.text("note", needed=False),
    )

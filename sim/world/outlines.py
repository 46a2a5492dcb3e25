"""Lines for the map: the border as a line of points, and the outlines of the countries around it.

They are for drawing only. Lengths and distances of the model are those of the segments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sim.errors import Problem
from sim.scenario.places import data_folder
from sim.scenario.tables import raise_problems, read_text
from sim.world.border import COUNTRIES

__all__ = ["load_basemap", "load_lines", "read_outlines"]

Floats = npt.NDArray[np.float64]
Lines = Mapping[str, tuple[Floats, ...]]


@cache
def load_lines(detail: Literal["10m", "150m"] = "150m") -> Mapping[str, Floats]:
    """Return each country's line, south to north, as float64[n, 2] of longitude and latitude in degrees."""
    outlines = read_outlines(data_folder("seeds"), f"geography/border_{detail}.geojson")
    return MappingProxyType({country: outlines[country][0] for country in COUNTRIES})


@cache
def load_basemap() -> Lines:
    """Return the outlines of the countries around: rings of float64[n, 2], longitude and latitude."""
    return read_outlines(data_folder("seeds"), "geography/basemap.geojson")


def read_outlines(folder: Path, path: str) -> Lines:
    """Return the lines or outer and inner rings of each country in a GeoJSON file, by country code.

    Raises:
        EvidenceError: the file is no FeatureCollection of lines and polygons that name their country.
    """
    problems: list[Problem] = []
    text = read_text(folder, path, problems)
    raise_problems(problems)
    try:
        features = json.loads(text)["features"]
        outlines = {str(f["properties"]["country"]): tuple(_rings(f["geometry"])) for f in features}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        found = f"{type(error).__name__}: {error}"[:100]
        problems.append(Problem(path, "", found, "allowed is GeoJSON with lines or polygons of countries"))
        outlines = {}
    if not problems and not (outlines and all(outlines.values())):
        problems.append(Problem(path, "", "no lines", "each country needs at least one"))
    raise_problems(problems)
    return MappingProxyType(outlines)


def _rings(geometry: Mapping[str, Any]) -> list[Floats]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "LineString":
        lists = [coordinates]
    elif kind == "Polygon":
        lists = coordinates
    elif kind == "MultiPolygon":
        lists = [ring for polygon in coordinates for ring in polygon]
    else:
        raise ValueError(f"a geometry of type {kind!r}")
    rings = [np.array(ring, dtype=np.float64) for ring in lists]
    for ring in rings:
        if ring.ndim != 2 or ring.shape[0] < 2 or ring.shape[1] != 2 or not np.all(np.abs(ring) <= (180, 90)):
            raise ValueError("points that are no pairs of longitude and latitude")
        ring.setflags(write=False)
    return rings

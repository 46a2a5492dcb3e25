"""Tables for other programs: a results folder as tidy CSV or Parquet with a codebook, and GeoJSON by guard post.

Tidy: one row an observation, one column a variable, one table for each set of dimensions. CSV opens in Excel and R as
it is; Parquet keeps types and is smaller, and needs pyarrow (165 MB, so an extra).
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.analysis.points import AnalysisError
from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.runs.store import whole_or_nothing
from sim.runs.weights import one_for

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Exported", "codebook", "export", "posts_geojson", "tidy_tables"]

_RECORDS: Final = ("record.nc", "ensemble.nc")
_AT_POSTS: Final = ("recorded_attempts_at_post", "people_at_post", "units_on_duty")


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    folder : where
    tables : tidy tables by name, the codebook among them
    """

    folder: Path
    tables: dict[str, pd.DataFrame]


def export(results: Path, *, out: Path | None = None, parquet: bool = False) -> Exported:
    """Write the tidy tables of a run or an ensemble, their codebook and its guard posts.

    Parameters
    ----------
    results : results folder of a run or an ensemble
    out : folder to be made; ``export`` in the results folder if not given
    parquet : Parquet instead of CSV

    Raises
    ------
    AnalysisError
        If the folder holds neither a run nor an ensemble, or pyarrow is not there.
    OutputError
        If the folder to be made exists, or cannot be written.
    """
    import xarray as xr

    path = next((results / name for name in _RECORDS if (results / name).is_file()), None)
    if path is None:
        raise AnalysisError(
            f"{results}: found neither {' nor '.join(_RECORDS)}; a results folder of a run or ensemble is needed"
        )
    if parquet and importlib.util.find_spec("pyarrow") is None:
        raise AnalysisError("--parquet: needs the package pyarrow: pip install 'border-standoff[parquet]'")
    folder = out or results / "export"
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            record = opened.load()
    except (OSError, ValueError) as error:
        raise AnalysisError(f"{path}: found no whole netCDF file; run anew") from error
    tables = tidy_tables(record)
    tables["codebook"] = codebook(record)
    with whole_or_nothing(folder) as unfinished:
        for name, table in tables.items():
            if parquet and name != "codebook":
                table.to_parquet(unfinished / f"{name}.parquet", index=False)
            else:
                table.to_csv(unfinished / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        if "recorded_attempts_at_post" in record:
            text = json.dumps(posts_geojson(record), ensure_ascii=False, allow_nan=False)
            (unfinished / "posts.geojson").write_text(text + "\n", encoding="utf-8")
    return Exported(folder, tables)


def tidy_tables(record: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Return one table for each set of dimensions, such as ``day_country``, with a column for each variable."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, variable in record.data_vars.items():
        if variable.dims:
            groups.setdefault(tuple(map(str, variable.dims)), []).append(str(name))
    return {"_".join(dims): _tidy(record, dims, names) for dims, names in groups.items()}


def _tidy(record: xr.Dataset, dims: tuple[str, ...], names: list[str]) -> pd.DataFrame:
    # other coordinates along the same dimensions, such as the country of a post, come along as columns
    table = record[names].to_dataframe().reset_index()
    others = [column for column in table.columns if column not in (*dims, *names)]
    table = table[[*dims, *others, *names]]
    for column in table.select_dtypes(include=["datetime"]).columns:
        hourly = column == "hour"
        table[column] = table[column].dt.strftime("%Y-%m-%dT%H:%MZ" if hourly else "%Y-%m-%d")
    return table


def codebook(record: xr.Dataset) -> pd.DataFrame:
    """Return what each column is: name, tables, unit, meaning, source."""
    import pandas as pd

    scenario, seed = (record.attrs.get(name, "not named") for name in ("scenario", "seed"))
    simulated = f"simulated by border-standoff, scenario {scenario}, seed {seed}"
    rows = []
    for name, variable in record.data_vars.items():
        if not variable.dims:
            continue
        rows.append(
            {"name": str(name), "table": "_".join(map(str, variable.dims)), "unit": variable.attrs.get("units", ""),
             "meaning": variable.attrs.get("long_name", str(name).replace("_", " ")), "source": simulated}
        )  # fmt: skip
    known = {"day": "day of Europe/Warsaw", "hour": "hour of UTC, by its beginning", "segment": "official km, from 0",
             "post": "guard post", "country": "country of the line"}  # fmt: skip
    for name in record.coords:
        meaning = known.get(str(name), record[name].attrs.get("long_name", str(name).replace("_", " ")))
        rows.append(
            {"name": str(name), "table": "all that have it", "unit": "", "meaning": meaning, "source": simulated}
        )
    weights = one_for(int(record.attrs.get("people_per_agent", 1)))
    if weights:
        rows.append({"name": "weights", "table": "all", "unit": "", "meaning": weights, "source": ""})
    rows.append({"name": "limits", "table": "all", "unit": "", "meaning": " ".join(LIMITS), "source": ""})
    rows.append({"name": "attribution", "table": "all", "unit": "", "meaning": MAP_ATTRIBUTION, "source": ""})
    return pd.DataFrame(rows)


def posts_geojson(record: xr.Dataset) -> dict[str, Any]:
    """Return the stretches of the guard posts as GeoJSON lines, with their totals and their counts by day.

    Coarser than a post nothing leaves in space; of an ensemble the mean of its members is given.
    """
    from sim.world.border import load_border

    border = load_border()
    posts, segments = border.posts, border.segments
    days = [str(day)[:10] for day in record["day"].values]
    features = []
    for number, name in enumerate(posts.name):
        if name not in record["post"].values:
            continue
        part = slice(int(posts.first_segment[number]), int(posts.end_segment[number]))
        line = [
            [round(float(lon), 5), round(float(lat), 5)]
            for lon, lat in zip(segments.lon[part], segments.lat[part], strict=True)
        ]
        properties: dict[str, Any] = {"post": str(name), "km": float(posts.length_km[number])}
        for variable in _AT_POSTS:
            if variable in record:
                series = record[variable].sel(post=name)
                series = series.mean("member") if "member" in series.dims else series
                values = [round(float(x), 3) for x in series.values]
                properties[f"{variable}_by_day"] = dict(zip(days, values, strict=True))
                if variable == "recorded_attempts_at_post":
                    properties["recorded_attempts"] = round(sum(values), 3)
        shape = (
            {"type": "LineString", "coordinates": line} if len(line) > 1 else {"type": "Point", "coordinates": line[0]}
        )
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    return {
        "type": "FeatureCollection", "attribution": MAP_ATTRIBUTION, "limits": list(LIMITS),
        "scenario": str(record.attrs.get("scenario", "")), "features": features,
    }  # fmt: skip

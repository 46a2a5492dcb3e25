"""Members put together: one netCDF file for all, written member by member, and read back a block at a time.

Neither step holds more than one member or one block, so that memory does not grow with the number of members.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.limits import LIMITS
from sim.runs.ensemble.intervals import QUANTILES, central_intervals
from sim.runs.ensemble.seeds import seeds_in_words
from sim.runs.netcdf import CHUNKS_IN_ORDER, COMPRESSED
from sim.scenario.resolved import sources_of

if TYPE_CHECKING:
    import xarray as xr

    from sim.runs.ensemble.member import Luck
    from sim.runs.ensemble.store import MemberSet
    from sim.scenario.schema import Scenario

__all__ = ["about", "daily_quantiles", "fans", "gather", "values_of"]

Floats = NDArray[np.float64]

_BLOCK_VALUES: Final = 4_000_000
"""Numbers held at a time when quantiles are taken: 32 MB."""
_STACKED: Final = ("daily", "total", "recorded_attempts_at_post")
_COPIED: Final = (
    "series", "series_unit", "series_meaning", "day", "outcome", "outcome_group", "outcome_unit", "post",
    "post_country",
)  # fmt: skip
_SAID: Final = {
    "member": {"long_name": "number of the member, from 1", "units": "1"},
    "seed": {"long_name": "seed of the member", "units": "1"},
    "daily": {"long_name": "number of the series on the day", "units": "see series_unit"},
    "total": {"long_name": "number of the outcome over all days", "units": "see outcome_unit"},
    "series": {"long_name": "what is counted by day, a column of a run's daily.csv"},
    "series_unit": {"long_name": "unit of the series"},
    "series_meaning": {"long_name": "what the series counts"},
    "day": {
        "long_name": "day of Europe/Warsaw", "units": "days since 2021-01-01", "calendar": "proleptic_gregorian",
    },
    "outcome": {"long_name": "what is counted over all days, as in a run's outcomes.csv"},
    "outcome_group": {"long_name": "whom the outcome concerns"},
    "outcome_unit": {"long_name": "unit of the outcome"},
    "post": {"long_name": "guard post, south to north"},
    "post_country": {"long_name": "country of the guard post"},
}  # fmt: skip
"""What the file says of its variables; what is not here says of itself what it said in a member."""


def gather(members: MemberSet, lucks: Sequence[Luck], path: Path, attrs: dict[str, Any]) -> None:
    """Write the outcomes of all members into one file, in the order of `lucks`.

    Variables ``daily[member, series, day]``, ``total[member, outcome]``, ``recorded_attempts_at_post[member, day,
    post]``, ``member[member]``, from 1, and ``seed[member]``; people and checksums stay with the members. The same
    members give the same bytes.
    """
    import h5netcdf

    with h5netcdf.File(path, "w", **CHUNKS_IN_ORDER) as file:
        with members.open(lucks[0]) as first:
            _declare(file, first, len(lucks))
        file.attrs.update(attrs)
        stacked = {name: file.variables[name] for name in _STACKED}
        for number, luck in enumerate(lucks):
            for name, values in members.arrays(luck, _STACKED).items():
                stacked[name][number] = values
        file.variables["seed"][:] = np.array([luck.seed for luck in lucks], dtype=np.int64)


def about(scenario: Scenario, lucks: Sequence[Luck]) -> dict[str, str]:
    """Return what a file of many members says of itself, as text."""
    return {
        "title": f"Border Standoff: {scenario.summary}",
        "history": f"{len(lucks)} runs of one scenario, each under luck of its own",
        "Conventions": "CF-1.11",
        "scenario": scenario.name,
        "question": scenario.question,
        "people_scale": f"{float(scenario.migrants.people_scale):g}",
        "people_per_agent": f"{scenario.people_per_agent}",
        "sources": f"{len(sources_of(scenario))} sources, listed in manifest.json",
        "seed": seeds_in_words([luck.seed for luck in lucks]),
        "n_members": str(len(lucks)),
        "limits": " ".join(LIMITS),
    }


def _declare(file: Any, member: xr.Dataset, n_members: int) -> None:
    """Declare dimensions, coordinates and stacked variables after those of one member."""
    import h5py

    file.dimensions = {
        "member": n_members,
        **{name: member.sizes[name] for name in ("series", "day", "outcome", "post")},
    }
    for name in _COPIED:
        coordinate = member[name]
        if name == "day":
            epoch = np.datetime64("2021-01-01", "D")
            days = (coordinate.values.astype("datetime64[D]") - epoch).astype(np.int32)
            variable = file.create_variable(name, ("day",), np.int32, data=days)
        else:
            text = [str(value) for value in coordinate.values]
            variable = file.create_variable(name, coordinate.dims, h5py.string_dtype())
            variable[:] = np.array(text, dtype=object)
        variable.attrs.update(_SAID[name])
    file.create_variable("member", ("member",), np.int32, data=np.arange(1, n_members + 1, dtype=np.int32))
    file.create_variable("seed", ("member",), np.int64)
    for name in ("member", "seed"):
        file.variables[name].attrs.update(_SAID[name])
    for name in _STACKED:
        variable = member[name]
        shape = tuple(member.sizes[dim] for dim in variable.dims)
        stacked = file.create_variable(
            name, ("member", *variable.dims), variable.dtype, chunks=(1, *shape), **COMPRESSED
        )
        stacked.attrs.update(_SAID.get(name, variable.attrs))


def fans(members: xr.Dataset) -> xr.Dataset:
    """Return what a figure of fans needs: ``fan[series, quantile, day]``, deaths also summed up to each day."""
    import xarray as xr

    names = [str(name) for name in members["series"].values]
    fan = np.concatenate([np.moveaxis(quantiles, 0, 1) for _, quantiles in daily_quantiles(members)])
    deaths = members["daily"].sel(series="deaths").values.cumsum(axis=1)
    fan = np.concatenate([fan, central_intervals(deaths)[None]])
    return xr.Dataset(
        {"fan": (("series", "quantile", "day"), fan)},
        {"series": [*names, "deaths_so_far"], "quantile": list(QUANTILES), "day": members["day"]},
        members.attrs,
    )


def values_of(members: xr.Dataset, name: str) -> Floats:
    """Return an outcome of each member, float64[n_members]: a total, or a daily series summed over its days.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    if name in members["outcome"].values:
        return np.asarray(members["total"].sel(outcome=name).values, dtype=np.float64)
    return np.asarray(members["daily"].sel(series=name).sum("day").values, dtype=np.float64)


def daily_quantiles(members: xr.Dataset) -> Iterator[tuple[slice, Floats]]:
    """Yield blocks of series with the quantiles of their days, float64[len(QUANTILES), n_series, n_days]."""
    n_members, n_series, n_days = (members.sizes[name] for name in ("member", "series", "day"))
    step = max(1, _BLOCK_VALUES // max(1, n_members * n_days))
    for start in range(0, n_series, step):
        block = slice(start, min(start + step, n_series))
        yield block, central_intervals(members["daily"].isel(series=block).values).reshape(len(QUANTILES), -1, n_days)

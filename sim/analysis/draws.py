"""Draws of published counts, as a model foretells them: what members counted, scattered as counts scatter about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario.posteriors import as_drawn

if TYPE_CHECKING:
    import xarray as xr

    from sim.scenario.schema import Scenario

__all__ = ["Draws"]

Floats = NDArray[np.float64]

_DRAWS_A_MEMBER: Final = 25


class Draws:
    """Draws of published counts: each member's day, scattered as counts scatter about the model's."""

    def __init__(self, members: xr.Dataset, scenario: Scenario, seeds: tuple[int, ...]) -> None:
        self._members = members
        self._first = np.datetime64(members["day"].values[0], "D").astype(object)
        self.n_days = int(members.sizes["day"])
        sizes = [float(as_drawn(scenario, seed).observation.count_dispersion) for seed in seeds]
        self._size = np.repeat(np.array(sizes), _DRAWS_A_MEMBER)[:, None]
        self._drawn: dict[str, Floats] = {}

    def days(self, first: date, last: date) -> slice | None:
        """Return the positions of days first to last, None if not all of them were run."""
        start = (first - self._first).days
        end = (last - self._first).days + 1
        return slice(start, end) if 0 <= start < end <= self.n_days else None

    def of(self, series: str) -> Floats:
        """Return draws of every day, float64[n_draws, n_days]; the same each time."""
        if series not in self._drawn:
            if series.startswith("post:"):
                runs = self._members["recorded_attempts_at_post"].sel(post=series[5:]).values.astype(np.float64)
            else:
                runs = self._members["daily"].sel(series=series).values
            mean = np.repeat(runs, _DRAWS_A_MEMBER, axis=0)
            rng = np.random.default_rng([1, sum(series.encode())])
            self._drawn[series] = rng.poisson(rng.gamma(self._size, np.maximum(mean, 1e-9) / self._size)).astype(float)
        return self._drawn[series]

    def quantiles(self, series: str) -> xr.Dataset:
        """Return ``fan[quantile, day]``: median and ends of the central 50, 80 and 95 % of each day."""
        import xarray as xr

        from sim.runs.ensemble.intervals import QUANTILES, central_intervals

        values = central_intervals(self.of(series))
        coords = {"quantile": list(QUANTILES), "day": self._members["day"]}
        return xr.Dataset({"fan": (("quantile", "day"), values)}, coords, self._members.attrs)

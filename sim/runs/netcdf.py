"""Datasets as netCDF-4 files whose bytes hang on nothing but what is in them.

HDF5 gives a compressed chunk its place in the file when the chunk leaves a cache, and it leaves the cache when the last
Python object that holds its variable goes: a profiler or another thread that looks on moves it. Without that cache a
chunk is placed when it is written.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CHUNKS_IN_ORDER", "COMPRESSED", "netcdf_bytes", "write_netcdf"]

CHUNKS_IN_ORDER: Final = {"rdcc_nbytes": 0}
"""What h5py is told of a file to be written: no cache of chunks."""
COMPRESSED: Final[dict[str, Any]] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
"""How numbers of any file are compressed."""
_WORTH_IT: Final = 64
"""Numbers that a variable has to have more of to be compressed."""


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset to a file: made in memory, since HDF5 crashes where a full disk keeps it from closing a file.

    Raises
    ------
    OSError
        If it cannot be written, as on a full disk.
    """
    path.write_bytes(netcdf_bytes(dataset))


def netcdf_bytes(dataset: xr.Dataset) -> bytes:
    """Return a dataset as netCDF-4, its numbers compressed; the same dataset gives the same bytes.

    Times are written as whole numbers since 1 January 2021, of the unit that their coordinate is named after.
    """
    import h5netcdf
    from xarray.backends import H5NetCDFStore

    encoding: dict[str, dict[str, Any]] = {
        str(name): dict(COMPRESSED)
        for name, variable in dataset.variables.items()
        if variable.dtype.kind in "iuf" and variable.size > _WORTH_IT
    }
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "M":
            encoding[str(name)] = {"units": f"{name}s since 2021-01-01 00:00:00", "dtype": "int32"}
    written = BytesIO()
    with h5netcdf.File(written, "w", **CHUNKS_IN_ORDER) as file:
        dataset.dump_to_store(H5NetCDFStore(file), encoding=encoding)
    return written.getvalue()

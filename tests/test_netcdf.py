"""netCDF files: the same dataset, the same bytes, whoever looks on while they are written."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from sim.runs.netcdf import netcdf_bytes, write_netcdf


@pytest.fixture(name="dataset")
def a_dataset() -> xr.Dataset:
    """Return a dataset of every kind of number that runs write, some compressed and some not."""
    luck = np.random.default_rng(8)
    kinds = ("u1", "i4", "f4", "f8", "i8", "u4")
    numbers = {kind: (("hour", "post"), luck.integers(0, 9, (48, 7)).astype(kind)) for kind in kinds}
    hours = np.arange("2021-11-08T00", "2021-11-10T00", dtype="datetime64[h]").astype("datetime64[ns]")
    return xr.Dataset(
        {**numbers, "few": ("post", np.arange(7, dtype=np.float32))},
        {"hour": hours, "post": [f"post {number}" for number in range(7)]},
        {"title": "of no place"},
    )


def test_it_comes_back_as_it_was(dataset: xr.Dataset, tmp_path: Path) -> None:
    write_netcdf(dataset, tmp_path / "d.nc")
    with xr.open_dataset(tmp_path / "d.nc", engine="h5netcdf") as back:
        xr.testing.assert_identical(back, dataset)
        assert {str(back[kind].dtype.str[1:]) for kind in ("u1", "i4", "f4", "f8", "i8", "u4")} == {
            "u1", "i4", "f4", "f8", "i8", "u4",
        }  # fmt: skip
        assert back["hour"].encoding["units"] == "hours since 2021-01-01"


def test_numbers_are_compressed(dataset: xr.Dataset, tmp_path: Path) -> None:
    write_netcdf(dataset, tmp_path / "d.nc")
    with h5py.File(tmp_path / "d.nc") as file:
        assert [file[kind].compression for kind in ("u1", "f8")] == ["gzip", "gzip"]
        assert file["few"].compression is None  # nothing to win


def test_who_holds_variables_does_not_move_bytes(dataset: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a profiler does that takes hold of the writer's frames, such as that of every Dask worker.

    Not held are the stand-ins of dimensions, which h5netcdf takes away again as soon as their coordinates come.
    """
    alone = netcdf_bytes(dataset)
    held: list[Any] = []
    create = h5py.Group.create_dataset

    def create_and_hold(*given: Any, **options: Any) -> Any:
        made = create(*given, **options)
        if options["dtype"] != ">f4":
            held.append(made)
        return made

    monkeypatch.setattr(h5py.Group, "create_dataset", create_and_hold)
    watched = netcdf_bytes(dataset)
    assert len(held) == 9
    assert watched == alone


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_a_full_disk_is_an_error_and_no_crash(dataset: xr.Dataset) -> None:
    write = "import pathlib, pickle, sys; from sim.runs.netcdf import write_netcdf\n"
    write += "try: write_netcdf(pickle.load(sys.stdin.buffer), pathlib.Path('/dev/full'))\n"
    write += "except OSError as error: print(error.strerror)"
    ended = subprocess.run([sys.executable, "-c", write], input=pickle.dumps(dataset), capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, b"No space left on device\n")

"""Where the folders that travel with the program are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import StandoffError
from sim.scenario.places import data_folder


def test_this_installation_has_its_seeds() -> None:
    assert (data_folder("seeds") / "manifest.toml").is_file()


def test_a_checkout_is_answered_from_its_top(tmp_path: Path) -> None:
    package = tmp_path / "sim"
    package.mkdir()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert data_folder("seeds", package=package) == tmp_path / "seeds"


def test_the_copy_in_a_wheel_goes_first(tmp_path: Path) -> None:
    package = tmp_path / "sim"
    carried = package / "_data" / "scenarios"
    carried.mkdir(parents=True)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert data_folder("scenarios", package=package) == carried


def test_a_stranger_called_seeds_beside_the_package_is_not_taken(tmp_path: Path) -> None:
    package = tmp_path / "sim"
    package.mkdir()
    (tmp_path / "seeds").mkdir()
    with pytest.raises(StandoffError, match=r"'seeds' was not found.*install the package again"):
        data_folder("seeds", package=package)

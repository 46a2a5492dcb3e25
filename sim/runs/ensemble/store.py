"""Members on disk: one file each, written whole or not at all, in a folder named after what made them.

``members/<scenario>-<code>/seed-7.nc`` holds the first digits of both hashes in its name and the whole hashes inside,
so that members of another scenario or of other code can lie beside and are never mixed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.errors import OutputError
from sim.runs.ensemble.kinds import LOCK
from sim.runs.ensemble.member import Luck, MemberError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["MemberSet", "check_folder", "only_process", "replacing", "write_whole"]

_DIGITS: Final = 12
_HALF_WRITTEN: Final = ("", "members/*/", "runs/*/", "tables/")
"""Where a killed process may leave half-written files in its results folder."""
_RESULTS: Final = (
    "ensemble.nc", "first.nc", "second.nc", "placebo.nc", "validation.md", "tables", "figures",
)  # fmt: skip
"""What is told of members: all of it is written anew, or gone."""


class MemberSet:
    """The members of one scenario under one code, in a results folder.

    Parameters
    ----------
    results : the results folder
    scenario : hash of the resolved scenario
    code : hash of the code
    """

    def __init__(self, results: Path, scenario: str, code: str) -> None:
        self.scenario, self.code = scenario, code
        self._results = results
        self.folder = results / "members" / f"{scenario[:_DIGITS]}-{code[:_DIGITS]}"

    def path(self, luck: Luck) -> Path:
        """Return where a member is, or will be."""
        return self.folder / f"{luck.name}.nc"

    def missing(self, lucks: Iterable[Luck]) -> list[Luck]:
        """Return those that are not there and whole; damaged files are taken away.

        Members that another results folder beside this one holds of the same scenario and code are linked, not made.
        """
        missing = []
        for luck in lucks:
            path = self.path(luck)
            if not path.exists():
                self._borrow(path)
            if path.exists() and self._is_whole(path, luck):
                continue
            path.unlink(missing_ok=True)
            missing.append(luck)
        return missing

    def keep(self, luck: Luck, content: bytes) -> None:
        """Write a member, whole or not at all.

        Raises
        ------
        OutputError
            If it cannot be written, as on a full disk. Those that were kept before stay.
        """
        write_whole(self.path(luck), content)

    def open(self, luck: Luck) -> xr.Dataset:
        """Return a member, read from disk as it is needed.

        Raises
        ------
        MemberError
            If the file is damaged, or not what its name says.
        """
        import xarray as xr

        path = self.path(luck)
        try:
            member = xr.open_dataset(path, engine="h5netcdf")
        except (OSError, ValueError, KeyError) as error:
            raise _not_whole(path) from error
        try:
            self._check_maker(luck, member.attrs)
        except MemberError:
            member.close()
            raise
        return member

    def arrays(self, luck: Luck, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Return some variables of a member, without the rest of it: many times quicker than opening all of it.

        Raises
        ------
        MemberError
            If the file is damaged, or not what its name says.
        """
        import h5py

        path = self.path(luck)
        try:
            with h5py.File(path) as file:
                self._check_maker(luck, file.attrs)
                return {name: file[name][()] for name in names}
        except (OSError, ValueError, KeyError) as error:
            raise _not_whole(path) from error

    def _check_maker(self, luck: Luck, said: Mapping[Any, Any]) -> None:
        """Check what a member says of itself against what its name says.

        Raises
        ------
        MemberError
            If it is a member of something else.
        """
        made_by = {
            "scenario_hash": self.scenario, "code_hash": self.code, "seed": str(luck.seed),
            "nudged_at": "" if luck.nudged_at is None else str(luck.nudged_at),
        }  # fmt: skip
        if any(said.get(name) != wanted for name, wanted in made_by.items()):
            raise MemberError(
                f"'{self.path(luck)}' is a member of something else; take it away and give the command again"
            )

    def n_of_other_code(self) -> int:
        """Return how many members of the same scenario lie beside this set that other code made."""
        sets = self.folder.parent.glob(f"{self.scenario[:_DIGITS]}-*/*.nc")
        return sum(path.parent != self.folder for path in sets)

    def _is_whole(self, path: Path, luck: Luck) -> bool:
        try:
            self.open(luck).close()
        except MemberError:
            return False
        return True

    def _borrow(self, path: Path) -> None:
        """Link a member from a results folder beside this one, if one has it."""
        for found in sorted(self._results.parent.glob(f"*/members/{self.folder.name}/{path.name}")):
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):
                os.link(found, path)
            if not path.exists():
                write_whole(path, found.read_bytes())
            return


def _not_whole(path: Path) -> MemberError:
    return MemberError(f"'{path}' is no whole member; take it away and give the command again")


def check_folder(results: Path, kept: Iterable[MemberSet]) -> None:
    """Refuse a results folder that holds other sets of members than the given ones.

    Raises
    ------
    OutputError
        If it holds members of another scenario.
    """
    found = {path.name.split("-")[0] for path in (results / "members").glob("*-*")}
    if found - {members.scenario[:_DIGITS] for members in kept}:
        raise OutputError(
            f"--out: found '{results}', which holds members of another scenario or of other settings; name another "
            "folder, so that they are not mixed"
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whatever stops the process.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise OutputError(
            f"cannot write '{path}': {error.strerror or error}; finished members are kept, and the same command goes on"
            " from there"
        ) from error


@contextmanager
def only_process(results: Path) -> Iterator[None]:
    """Hold a results folder for this process alone, and sweep what a killed one left half-written.

    Raises
    ------
    OutputError
        If another process holds it, or it cannot be written to.
    """
    try:
        results.mkdir(parents=True, exist_ok=True)
        lock = (results / LOCK).open("wb")
    except OSError as error:
        raise OutputError(f"cannot write to '{results}': {error.strerror or error}") from error
    with lock:
        if not _lock(lock.fileno()):
            raise OutputError(
                f"another process is at work on '{results}'; wait until it is done, or name another folder by --out"
            )
        for path in _half_written(results):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield


def _half_written(results: Path) -> list[Path]:
    """Return what a killed process left half-written in a results folder, but not in those that lie within it."""
    found = [path for place in _HALF_WRITTEN for path in results.glob(f"{place}.*.unfinished")]
    inside = {path: path.relative_to(results).parents[:-1] for path in found}
    return [path for path in found if not any((results / folder / LOCK).exists() for folder in inside[path])]


def _lock(descriptor: int) -> bool:
    """Return whether this process got the lock; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def replacing(results: Path) -> Iterator[Path]:
    """Yield a folder to write into; at the end all in it takes the place of the results that were there.

    Results that are not written again go as well, such as old figures; members and what others laid there stay. The old
    manifest goes first and the new one comes last: without one a results folder is not finished.

    Raises
    ------
    OutputError
        If anything cannot be written.
    """
    unfinished = results / ".results.unfinished"
    try:
        unfinished.mkdir()
        yield unfinished
        (results / "manifest.json").unlink(missing_ok=True)
        for old in (results / name for name in _RESULTS):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink(missing_ok=True)
        for new in sorted(unfinished.iterdir(), key=lambda path: (path.name == "manifest.json", path.name)):
            new.replace(results / new.name)
        unfinished.rmdir()
    except OSError as error:
        raise OutputError(
            f"cannot write the results to '{results}': {error.strerror or error}; members are kept"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)

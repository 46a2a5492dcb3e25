"""A member: what one run leaves for the telling of many: outcomes by day and in all, people, fingerprints."""

from __future__ import annotations

import hashlib
import platform
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import StandoffError
from sim.runs.netcdf import netcdf_bytes
from sim.runs.provenance import model_code_hash
from sim.scenario.places import data_folder
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    import xarray as xr

    from sim.model import StandoffModel
    from sim.scenario.schema import Scenario

__all__ = ["Luck", "MakeMember", "MemberError", "code_hash", "make_member", "member_bytes"]

NO_POST: Final = 255
"""In the column of posts: never at the line at the end of a day."""
_RUNS: Final = Path(__file__).resolve().parents[1]
_SAID_BY_THE_RECORD: Final = ("scenario", "question", "people_scale", "people_per_agent", "start", "until")
_OF_THE_RUNS: Final = ("ensemble/member.py", "ensemble/nudge.py", "netcdf.py", "tables.py")


class MemberError(StandoffError):
    """A member cannot be made or trusted."""


class Luck(NamedTuple):
    """What a member differs by from others of its scenario.

    Attributes
    ----------
    seed : seed of all its draws
    nudged_at : hour before which two parties exchange their waits, as a placebo; None in all other members
    """

    seed: int
    nudged_at: int | None = None

    @property
    def name(self) -> str:
        """Name of the member's file, without its ending."""
        return f"seed-{self.seed}" + ("" if self.nudged_at is None else f"-nudged-{self.nudged_at}")


@dataclass(frozen=True)
class MakeMember:
    """The work of an ensemble: a luck in, a member as the bytes of a netCDF file out.

    Attributes
    ----------
    scenario : resolved scenario
    code : hash of the code that is to do it, which a worker on another machine may not have
    """

    scenario: Scenario
    code: str

    def __call__(self, luck: Luck) -> bytes:
        """Return the member.

        Raises
        ------
        MemberError
            If this process runs other code than was asked for.
        LedgerError
            If a law of the model is broken.
        """
        if code_hash() != self.code:
            raise MemberError(
                f"this worker runs other code ({code_hash()[:12]}) than the one who asks ({self.code[:12]}); install "
                "the same version of border-standoff and numpy there"
            )
        return member_bytes(make_member(self.scenario, luck), self.scenario, luck, self.code)


@cache
def code_hash() -> str:
    """Return the SHA-256 of all that shapes a member's numbers beside its scenario and seed, 64 hexadecimal digits.

    That is: the code of the model, what a member keeps of it, the geography and the evidence, numpy's version and the
    instruction set.
    """
    digest = hashlib.sha256(model_code_hash().encode())
    seeds = data_folder("seeds")
    data = [path for name in ("geography", "evidence") for path in (seeds / name).iterdir() if path.is_file()]
    for path in [*(_RUNS / name for name in _OF_THE_RUNS), *sorted(data)]:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    digest.update(f"numpy {metadata.version('numpy')} {platform.machine()}".encode())
    return digest.hexdigest()


def make_member(scenario: Scenario, luck: Luck, watch: Callable[[StandoffModel], None] | None = None) -> xr.Dataset:
    """Return a member: a scenario run to its end under one luck.

    Parameters
    ----------
    scenario : resolved scenario
    luck : seed, and the hour of a nudge
    watch : called with the model after each day

    Returns
    -------
    Dataset with ``daily[series, day]`` (columns of daily.csv), ``total[outcome]`` (rows of outcomes.csv),
    ``recorded_attempts_at_post[day, post]``, one row an agent by number (``kind``, ``origin``, ``fate``, ``last_post``)
    and, from the first simulated hour, ``world_print[hour]`` and ``people_print[hour]``: equal as long as two worlds
    are.
    """
    import xarray as xr

    from sim.model import StandoffModel
    from sim.record import make_record
    from sim.runs.ensemble.nudge import nudge
    from sim.runs.tables import codebook, daily_table, outcome_table

    model = StandoffModel(scenario, luck.seed)
    try:
        calendar = model.world.calendar
        prints = np.zeros((2, calendar.n_hours), dtype=np.uint32)
        last_post = np.zeros(0, dtype=np.uint8)
        for day in range(calendar.n_days):
            for hour in range(int(calendar.first_hour_of_day[day]), int(calendar.first_hour_of_day[day + 1])):
                if hour == luck.nudged_at:
                    nudge(model)
                model.step()
                prints[:, hour] = _fingerprints(model)
            last_post = _last_posts(model, last_post)
            if watch is not None:
                watch(model)
        record = make_record(model)
        people = _people(model, last_post)
    finally:
        model.release()
    daily, totals, book = daily_table(record), outcome_table(record), codebook(record)
    book = book[book["where"] == "daily.csv"].set_index("name")
    post = record["recorded_attempts_at_post"]
    return xr.Dataset(
        {
            "daily": (("series", "day"), daily.to_numpy(dtype=np.float64).T),
            "total": ("outcome", np.array([value for _, _, value, _ in totals])),
            "recorded_attempts_at_post": (("day", "post"), post.values, dict(post.attrs)),
            **people,
            "world_print": ("hour", prints[0], {"long_name": "checksum of people, barriers, patrols, tension"}),
            "people_print": ("hour", prints[1], {"long_name": "checksum of where everybody is"}),
        },
        coords={
            "series": list(daily.columns),
            "series_unit": ("series", [str(book.loc[name, "unit"]) for name in daily.columns]),
            "series_meaning": ("series", [str(book.loc[name, "meaning"]) for name in daily.columns]),
            "day": record["day"],
            "outcome": [name for _, name, _, _ in totals],
            "outcome_group": ("outcome", [group for group, _, _, _ in totals]),
            "outcome_unit": ("outcome", [unit for _, _, _, unit in totals]),
            "post": record["post"],
            "post_country": record["post_country"],
            "state": record["state"],
        },
        attrs={name: record.attrs[name] for name in _SAID_BY_THE_RECORD}
        | {"first_hour_utc": calendar.utc(0).strftime("%Y-%m-%dT%H:%MZ")},
    )


def member_bytes(member: xr.Dataset, scenario: Scenario, luck: Luck, code: str) -> bytes:
    """Return a member as the bytes of a netCDF-4 file that says what made it; the same member gives the same bytes."""
    member.attrs |= {
        "scenario_hash": scenario_hash(scenario),
        "code_hash": code,
        "seed": str(luck.seed),
        "nudged_at": "" if luck.nudged_at is None else str(luck.nudged_at),
    }
    return netcdf_bytes(member)


def _fingerprints(model: StandoffModel) -> tuple[int, int]:
    """Return checksums of the whole world and of people's places at the end of an hour."""
    people = zlib.crc32(_bytes(model.people["cell"]))
    world = people
    for array in (
        model.scene.guards.free_units,
        model.world.barriers.delay_hours,
        model.world.barriers.integrity,
        model.tension.readiness,
    ):
        world = zlib.crc32(_bytes(array), world)
    return zlib.crc32(str(len(model.chronicle)).encode(), world), people


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data


def _last_posts(model: StandoffModel, before: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the post at which each person was last at the end of a day, uint8[n_people]; NO_POST if at none."""
    cells = model.scene.people.cells
    place = cells.place(model.people["cell"]).astype(np.uint8)
    known = np.full(len(place), NO_POST, dtype=np.uint8)
    known[: len(before)] = before
    return np.where(place == cells.nowhere, known, place)


def _people(model: StandoffModel, last_post: NDArray[np.uint8]) -> dict[str, Any]:
    """Return one row a person, by number: kind of party, origin, state at the end, post where last seen."""
    cells, columns = model.scene.people.cells, model.people
    order = np.argsort(columns["id"], kind="stable")
    return {
        "person": ("person", columns["id"][order], {"long_name": "number of the person"}),
        "kind": ("person", cells.kind(columns["cell"])[order].astype(np.uint8)),
        "origin": ("person", columns["origin"][order]),
        "fate": ("person", cells.state(columns["cell"])[order].astype(np.uint8)),
        "last_post": ("person", last_post[order]),
    }

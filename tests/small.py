"""Small worlds for tests: published scenarios with few people and few days, changes to them, and all their arrays.

A setting is a key of ``--set`` with two underscores for the dot, and a plain value::

    small_scenario("kuznica-8-november", until=date(2021, 11, 10), guards__enabled=False)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from sim.agents.states import State
from sim.model import StandoffModel
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

__all__ = ["arrays_of", "digest_of", "small_model", "small_scenario", "states_of", "variant"]

PEOPLE_SCALE = 0.02
"""Share of the people simulated unless a test says otherwise: some hundred at a time."""

_LEFT_OUT = ("_arrays", "diary")
"""Attributes whose arrays have other paths already, or whose paths change with what is booked."""

Value = str | bool | float | date


def small_scenario(name: str | Path = "crisis-2021", **settings: Value) -> Scenario:
    """Return a published scenario, or one from a file, with few people and the given settings.

    Raises
    ------
    ScenarioError
        If a setting does not fit, as on the command line.
    """
    given = {"migrants__people_scale": PEOPLE_SCALE, **settings}
    return load_scenario(name, {key.replace("__", "."): _toml(value) for key, value in given.items()})


def _toml(value: Value) -> str:
    """Return a value as ``--set`` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def small_model(name: str | Path = "crisis-2021", seed: int = 1, **settings: Value) -> StandoffModel:
    """Return a model of a small scenario at its first hour."""
    return StandoffModel(small_scenario(name, **settings), seed)


def variant(folder: Path, changes: str, base: str = "kuznica-8-november", name: str = "variant") -> Path:
    """Write a scenario that is `base` but for `changes` (TOML), and return its path."""
    path = folder / f"{name}.toml"
    about = 'summary = "a variant"\nquestion = "What is it that changes?"\ndescription = "made for a test"\n'
    path.write_text(f'extends = "{base}"\nname = "{name}"\n{about}{changes}', encoding="utf-8")
    return path


def states_of(model: StandoffModel) -> NDArray[np.int64]:
    """Return how many people are in each state, int64[n_states], counted from the people themselves."""
    return np.bincount(model.scene.people.state(), minlength=len(State))


def arrays_of(model: StandoffModel) -> dict[str, NDArray[Any]]:
    """Return a copy of every array that the model and its parts hold, by the path to it.

    Columns of the population are cut to its members. Scenario, bookings and what Mesa keeps for itself are left out.
    """
    found: dict[str, NDArray[Any]] = {}
    seen: set[int] = set()
    for path, array in _walk("model", model, seen):
        found[path] = array.copy()
    for column in model.people.columns:
        found[f"people.{column.name}"] = model.people.get(column.name)
    return found


def digest_of(model: StandoffModel) -> str:
    """Return a digest of every array that the model and its parts hold."""
    digest = hashlib.sha256()
    for path, array in sorted(arrays_of(model).items()):
        digest.update(path.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _walk(path: str, thing: Any, seen: set[int]) -> Iterator[tuple[str, NDArray[Any]]]:
    if isinstance(thing, np.ndarray):
        yield path, thing
        return
    if isinstance(thing, BaseModel) or id(thing) in seen:
        return
    if isinstance(thing, Mapping):
        inner = [(f"[{key!r}]", value) for key, value in thing.items()]
    elif isinstance(thing, list | tuple):
        inner = [(f"[{number}]", value) for number, value in enumerate(thing)]
    elif type(thing).__module__.startswith("sim."):
        names = [*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ())]
        inner = [(f".{name}", getattr(thing, name)) for name in names if name not in _LEFT_OUT]
    else:
        return
    seen.add(id(thing))
    for step, value in inner:
        yield from _walk(path + step, value, seen)

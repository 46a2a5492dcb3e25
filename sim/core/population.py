"""Populations as columns: one array per property, grown by doubling, with the verbs of a Mesa ``AgentSet``.

A :class:`Population` is declared as data: each :class:`Column` has a dtype, a unit and a meaning. Rows are never
moved or deleted, so a row number is a stable handle within a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = ["Column", "Population", "View"]


@dataclass(frozen=True)
class Column:
    """One property of every member of a population."""

    name: str
    dtype: DTypeLike
    unit: str
    meaning: str


class Population:
    """Members of one kind as a struct of arrays.

    ``population["cell"]`` is a writable view on the live rows of a column; it is valid until the next :meth:`add`.
    """

    def __init__(self, columns: Sequence[Column], capacity: int = 1024) -> None:
        self.columns = tuple(columns)
        self._n = 0
        self._arrays: dict[str, NDArray[Any]] = {
            column.name: np.zeros(max(1, capacity), dtype=column.dtype) for column in self.columns
        }

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][: self._n]

    @property
    def bytes_per_row(self) -> int:
        """Bytes that one member takes in all columns."""
        return sum(array.itemsize for array in self._arrays.values())

    @property
    def capacity(self) -> int:
        """Rows for which memory is held."""
        return len(next(iter(self._arrays.values())))

    def add(self, n_new: int, **values: ArrayLike) -> NDArray[np.int64]:
        """Append `n_new` members and return their rows, int64[n_new]; columns not named start at zero.

        Raises
        ------
        KeyError
            If a value names no column.
        ValueError
            If a value is neither one nor `n_new` long; nothing is added then.
        """
        if not values.keys() <= self._arrays.keys():
            unknown = set(values) - set(self._arrays)
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
        needed = self._n + n_new
        for name, value in values.items():
            if isinstance(value, int):
                continue
            shape = value.shape if isinstance(value, np.ndarray) else np.shape(value)
            if shape not in ((), (n_new,)):
                raise ValueError(f"{name}: {shape} values for {n_new} members")
        if needed > self.capacity:
            self._grow(needed)
        for name, value in values.items():
            self._arrays[name][self._n : needed] = value
        rows = np.arange(self._n, needed)
        self._n = needed
        return rows

    def _grow(self, needed: int) -> None:
        capacity = self.capacity
        while capacity < needed:
            capacity *= 2
        for name, array in self._arrays.items():
            grown = np.zeros(capacity, dtype=array.dtype)
            grown[: self._n] = array[: self._n]
            self._arrays[name] = grown

    def select(self, where: Callable[[Population], NDArray[np.bool_]] | NDArray[np.bool_]) -> View:
        """Return the members for which `where` (a mask, or a function of the population) holds."""
        mask = where(self) if callable(where) else where
        return View(self, np.flatnonzero(mask))

    def get(self, name: str) -> NDArray[Any]:
        """Return a copy of a column, like ``AgentSet.get``."""
        return self[name].copy()

    def agg(self, name: str, function: Callable[[NDArray[Any]], Any]) -> Any:
        """Return `function` of a column, like ``AgentSet.agg``."""
        return function(self[name])

    def groupby(self, name: str) -> dict[Any, View]:
        """Return a view for each value that a column takes, like ``AgentSet.groupby``."""
        values = self[name]
        return {value.item(): View(self, np.flatnonzero(values == value)) for value in np.unique(values)}


@dataclass(frozen=True)
class View:
    """Some members of a population, by row."""

    population: Population
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield {column.name: self.population[column.name][row] for column in self.population.columns}

    def get(self, name: str) -> NDArray[Any]:
        """Return a column of these members, a copy."""
        return self.population[name][self.rows]

    def agg(self, name: str, function: Callable[[NDArray[Any]], Any]) -> Any:
        """Return `function` of a column of these members."""
        return function(self.get(name))

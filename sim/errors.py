"""The errors users may meet, and how a problem with their input is worded.

Every error here derives from :class:`StandoffError`; the command line prints it and leaves with its
``exit_code``. Input is checked whole: a :class:`ScenarioError` carries every problem found, not the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "EvidenceError",
    "LedgerError",
    "OutputError",
    "PoolError",
    "Problem",
    "ScenarioError",
    "StandoffError",
    "nearest",
]


class StandoffError(Exception):
    """Something the user can mend; printed without a traceback."""

    exit_code = 2


class EvidenceError(StandoffError):
    """A file under ``seeds/`` is missing, damaged or lacks a source."""


class OutputError(StandoffError):
    """Results cannot be written where they were asked for."""


class PoolError(StandoffError):
    """Workers cannot be had: the scheduler does not answer, or what was asked for is no number of workers."""


class LedgerError(StandoffError):
    """A law of the model was broken: the run stops, since its numbers cannot be trusted."""

    exit_code = 3


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where, what was found, what is allowed, what to try."""

    file: str
    key: str
    found: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        text = f"{place}: found {self.found}; {self.allowed}"
        return f"{text} ({self.hint})" if self.hint else text


class ScenarioError(StandoffError):
    """A scenario that does not load, with every problem found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        n = len(self.problems)
        head = "1 problem" if n == 1 else f"{n} problems"
        super().__init__("\n".join([f"{head} in the scenario:", *(f"  {p}" for p in self.problems)]))


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the allowed word closest to `word`, or an empty string."""
    match = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"did you mean '{match[0]}'?" if match else ""

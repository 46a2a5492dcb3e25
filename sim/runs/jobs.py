"""One job of many and what came of it: its value, or why it failed. A failure is data and sinks nothing else."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

__all__ = ["Failure", "Finished", "do"]

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Why a job gave nothing.

    Attributes
    ----------
    why : one line, such as ``ValueError: no such post``
    worker_died : whether the process that did the job went away, killed or out of memory
    trace : the traceback, where there is one
    """

    why: str
    worker_died: bool = False
    trace: str = ""


@dataclass(frozen=True)
class Finished(Generic[Job, Result]):
    """A job that is over.

    Attributes
    ----------
    number : position of the job among all, from 0
    job : the job itself
    failure : why it failed, or None
    seconds : how long it took
    """

    number: int
    job: Job
    failure: Failure | None
    seconds: float
    _value: Result | None = None

    @property
    def value(self) -> Result:
        """What the job gave.

        Raises
        ------
        RuntimeError
            If it failed.
        """
        if self.failure is not None:
            raise RuntimeError(f"job {self.number} failed: {self.failure.why}")
        return cast("Result", self._value)


def do(work: Callable[[Any], Any], number: int, job: Any) -> Finished[Any, Any]:
    """Return what came of a job; whatever it raises becomes its failure."""
    began = time.perf_counter()
    try:
        value = work(job)
    except Exception as error:
        failure = Failure(f"{type(error).__name__}: {error}".splitlines()[0], trace=traceback.format_exc())
        return Finished(number, job, failure, time.perf_counter() - began)
    return Finished(number, job, None, time.perf_counter() - began, value)

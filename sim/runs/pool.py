"""The one door to more than one processor: jobs go in, results come out as they finish, wherever they were done.

Three backends behind one interface: this process (``workers=0``), worker processes of this machine, and the workers of
a Dask scheduler by its address. A job is a picklable value, the work a picklable function of it; as the model's chance
is a function, the results are the same to the byte on each. Local processes start in 0.4 s where Dask's own local
cluster needs 3 s, which is why Dask is only asked for what it alone can do: other machines.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sim.errors import PoolError
from sim.runs.jobs import Failure, Finished, do
from sim.runs.processes import Processes

__all__ = ["Failure", "Finished", "Pool", "n_processors", "open_pool", "run_jobs"]

Job = TypeVar("Job")
Result = TypeVar("Result")

_ANSWER_S: Final = 10.0
"""How long a scheduler may take to answer, and then to show a worker."""
_ADDRESS: Final = re.compile(
    r"(?:(?P<way>tcp|tls|ws|wss)://)?(?P<host>\[[^\s\]]+\]|[^\s:/]+):(?P<port>\d{1,5})", re.ASCII
)
_TRIES: Final = 3
"""How often a job is given to a scheduler that drops it."""


class Pool(ABC):
    """Where jobs are done. Made by :func:`open_pool`, good for any number of rounds of jobs."""

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job], *, progress: str = "", total: int | None = None
    ) -> Iterator[Finished[Job, Result]]:
        """Yield what came of each job, in the order in which they finish.

        Jobs are taken from `jobs` only as workers get free, so that memory does not grow with their number. Closing
        the iterator, or Ctrl-C, drops the jobs that are being done.

        Parameters
        ----------
        work : picklable function of one job; what it raises becomes that job's failure
        jobs : picklable values
        progress : unit of a progress bar on stderr, such as ``member``; none if empty
        total : number of jobs, for the bar, where `jobs` does not tell

        Raises
        ------
        PoolError
            If workers cannot be started, or the scheduler is lost.
        """
        results = self._results(work, jobs)
        if not progress:
            yield from results
            return
        from tqdm import tqdm

        if total is None and isinstance(jobs, Sequence):
            total = len(jobs)
        with tqdm(total=total, unit=progress, leave=False, file=sys.stderr) as bar:
            for finished in results:
                bar.update()
                yield finished

    @abstractmethod
    def _results(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Finished[Any, Any]]: ...

    def get_ready(self) -> None:  # noqa: B027 (most have nothing to do)
        """Let what workers need be imported from now on, beside whatever this process does until the first job."""

    @abstractmethod
    def close(self) -> None:
        """Let the workers go."""


class _Here(Pool):
    """This process, one job after the other."""

    def _results(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Finished[Any, Any]]:
        return (do(work, number, job) for number, job in enumerate(jobs))

    def close(self) -> None:
        pass


class _Local(Pool):
    """Worker processes of this machine."""

    def __init__(self, n_workers: int, preload: Sequence[str]) -> None:
        self._processes = Processes(n_workers, preload)

    def _results(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Finished[Any, Any]]:
        return self._processes.results(work, jobs)

    def get_ready(self) -> None:
        self._processes.get_ready()

    def close(self) -> None:
        self._processes.close()


class _Cluster(Pool):
    """The workers of a Dask scheduler, which need the same version of this package."""

    def __init__(self, address: str) -> None:
        try:
            import distributed as found
        except ImportError:
            raise PoolError(
                "--scheduler: needs the packages dask and distributed: pip install 'border-standoff[cluster]'"
            ) from None
        _knock(address)
        self._address = address
        distributed: Any = found  # it has no types of its own
        self._distributed = distributed
        try:
            self._client = distributed.Client(address, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:  # a timeout is an OSError
            raise _no_answer(address, str(error).partition("\n")[0] or type(error).__name__) from error
        try:
            self._client.wait_for_workers(1, timeout=_ANSWER_S)
        except OSError as error:
            self._client.close()
            raise PoolError(
                f"--scheduler: the scheduler at '{address}' has no workers; start some by `dask worker {address}`"
            ) from error

    def _results(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Finished[Any, Any]]:
        client = self._client
        waiting = iter(enumerate(jobs))
        pending: dict[Any, tuple[int, Any]] = {}
        dropped: Counter[int] = Counter()
        suspects: list[tuple[int, Any]] = []  # lost with their workers; whose fault it was shows when each is alone
        tried_alone: set[int] = set()
        done = self._distributed.as_completed(loop=client.loop)

        def hand_out(given: Iterable[tuple[int, Any]]) -> None:
            for number, job in given:
                future = client.submit(_do_alone, work, number, job, pure=False)
                pending[future] = (number, job)
                done.add(future)

        try:
            hand_out(itertools.islice(waiting, 2 * max(1, sum(client.nthreads().values()))))
            while pending:
                future = next(done)
                number, job = pending.pop(future)
                finished = self._came_of(future, number, job)
                if finished is None:
                    dropped[number] += 1
                    if dropped[number] < _TRIES:
                        hand_out([(number, job)])
                        continue
                    finished = Finished(number, job, Failure(f"the scheduler dropped it, {_TRIES} times"), 0.0)
                if finished.failure is not None and finished.failure.worker_died and number not in tried_alone:
                    suspects.append((number, job))
                else:
                    yield finished
                hand_out(itertools.islice(waiting, 1))
                if suspects and not pending:
                    tried_alone.add(suspects[0][0])
                    hand_out([suspects.pop(0)])
        except OSError as error:  # a closed connection is one
            raise PoolError(f"--scheduler: the scheduler at '{self._address}' was lost") from error
        finally:
            if pending:
                client.cancel(list(pending), force=True)

    def _came_of(self, future: Any, number: int, job: Any) -> Finished[Any, Any] | None:
        """Return what came of a job: its own report, or why there is none; None if the scheduler dropped the job."""
        try:
            error = future.exception()
            if error is None:
                finished: Finished[Any, Any] = future.result()
                return finished
        except self._distributed.CancelledError:
            # as after the death of the worker that held the result; or because there is no scheduler any more
            if self._client.status != "running":
                raise ConnectionError("the client is not connected") from None
            return None
        died = isinstance(error, self._distributed.KilledWorker)
        why = "its worker died, again and again" if died else f"{type(error).__name__}: {error}".splitlines()[0]
        return Finished(number, job, Failure(why, worker_died=died), 0.0)

    def close(self) -> None:
        self._client.close(timeout=_ANSWER_S)


def _knock(address: str) -> None:
    """Refuse an address at which no scheduler can be, before a client of Dask is made: it would take long to let go.

    Raises
    ------
    PoolError
        If it is no address, nobody listens there, or nobody speaks; a scheduler greets whoever connects.
    """
    match = _ADDRESS.fullmatch(address)
    if not match or not 0 < int(match["port"]) < 65_536:
        raise PoolError(
            f"--scheduler: found '{address}'; must be an address such as tcp://127.0.0.1:8786, as `dask scheduler` "
            "prints it"
        )
    try:
        with socket.create_connection((match["host"].strip("[]"), int(match["port"])), timeout=_ANSWER_S) as connected:
            if match["way"] in (None, "tcp") and not connected.recv(1):
                raise _no_answer(address, "it hangs up at once")
    except TimeoutError as error:
        raise _no_answer(address, "it takes connections and says nothing") from error
    except OSError as error:
        raise _no_answer(address, error.strerror or str(error)) from error


def _no_answer(address: str, why: str) -> PoolError:
    return PoolError(
        f"--scheduler: no Dask scheduler answers at '{address}' ({why}); start one by `dask scheduler` and give the "
        "address that it prints, such as tcp://127.0.0.1:8786"
    )


def _do_alone(work: Callable[[Any], Any], number: int, job: Any) -> Finished[Any, Any]:
    """Return what came of a job on a worker of a cluster, where nothing in it asks the cluster for more.

    xarray would: on such a worker it writes files under a lock of the whole cluster.
    """
    import dask

    with dask.config.set(scheduler="synchronous"):
        return do(work, number, job)


def n_processors() -> int:
    """Return how many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@contextmanager
def open_pool(
    workers: int | None = None, scheduler: str | None = None, *, preload: Sequence[str] = ()
) -> Iterator[Pool]:
    """Yield workers that live until the block ends.

    Parameters
    ----------
    workers : worker processes of this machine; 0 does the jobs in this process; one a processor if not given
    scheduler : address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``, instead of `workers`
    preload : modules that local workers will need, imported once for all of them where the system can fork

    Raises
    ------
    PoolError
        If both are given, the number is negative, or no scheduler with workers answers.
    """
    if scheduler is not None and workers is not None:
        raise PoolError(f"found both {workers} workers and the scheduler '{scheduler}'; give one of them")
    if workers is not None and workers < 0:
        raise PoolError(f"--workers: found {workers}; must be a whole number from 0")
    pool: Pool
    if scheduler is not None:
        pool = _Cluster(scheduler)
    elif workers == 0:
        pool = _Here()
    else:
        pool = _Local(workers or n_processors(), preload)
    try:
        yield pool
    finally:
        pool.close()


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: str = "",
    preload: Sequence[str] = (),
) -> Iterator[Finished[Job, Result]]:
    """Yield what came of each job, in the order in which they finish: one round of a pool that is opened for it.

    The parameters and errors are those of :func:`open_pool` and :meth:`Pool.run`.
    """
    with open_pool(workers, scheduler, preload=preload) as pool:
        yield from pool.run(work, jobs, progress=progress)

"""Worker processes of this machine, each on a pipe of its own, so that it is known which job a dead one was doing.

The standard library's executor declares all running jobs broken when one process dies, and leaves its processes
waiting for ever when the parent is killed. Here a worker whose parent goes away reads the end of its pipe and ends.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing as mp
import pickle
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from sim.errors import PoolError
from sim.runs.jobs import Failure, Finished, do

__all__ = ["Processes"]

_TRIES: Final = 2
"""A job whose worker died is tried once more: the next death is the job's own doing."""
_FAREWELL_S: Final = 2.0


class Processes:
    """Up to `n_workers` processes that live from the first job to :meth:`close`.

    Parameters
    ----------
    n_workers : how many jobs run at a time
    preload : modules that the server of the workers imports once, before they are forked from it
    """

    def __init__(self, n_workers: int, preload: Sequence[str] = ()) -> None:
        # Mesa sets the start method of the whole process to spawn when it is imported: only a context is safe from it.
        forks = "forkserver" in mp.get_all_start_methods()
        self._context: Any = mp.get_context("forkserver" if forks else "spawn")
        if forks and preload:
            self._context.set_forkserver_preload(list(preload))
        self._n_workers = n_workers
        self._workers: list[_Worker] = []

    def results(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Finished[Any, Any]]:
        """Yield what came of each job as it finishes; jobs are taken only when a worker is free."""
        task = pickle.dumps(work)
        waiting: Iterator[tuple[int, Any]] = iter(enumerate(jobs))
        again: deque[tuple[int, Any]] = deque()
        deaths: Counter[int] = Counter()
        try:
            while True:
                self._hand_out(task, waiting, again)
                busy = {worker.pipe: worker for worker in self._workers if worker.doing is not None}
                if not busy:
                    return
                for pipe in wait(list(busy)):
                    worker = busy[pipe]
                    number, job = worker.doing or (0, None)
                    try:
                        finished = worker.hear()
                    except (EOFError, OSError):
                        self._drop(worker)
                        deaths[number] += 1
                        if deaths[number] < _TRIES:
                            again.append((number, job))
                            continue
                        if not worker.ready:
                            raise PoolError(
                                "worker processes end before they begin; a script that starts them must keep its "
                                "commands under `if __name__ == '__main__':`"
                            ) from None
                        failure = Failure(f"its worker died, {_TRIES} times", worker_died=True)
                        finished = Finished(number, job, failure, time.perf_counter() - worker.began)
                    if finished is not None:
                        yield finished
        finally:
            for worker in [worker for worker in self._workers if worker.doing is not None]:
                self._drop(worker)  # the reader has enough, or was interrupted

    def get_ready(self) -> None:
        """Start the server of the workers, which imports what was asked for at once and not at the first job."""
        if self._context.get_start_method() == "forkserver":
            from multiprocessing import forkserver

            forkserver.ensure_running()

    def close(self) -> None:
        """Let the workers end."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join(_FAREWELL_S)
            self._drop(worker, forget=False)
        self._workers.clear()

    def _hand_out(self, task: bytes, waiting: Iterator[tuple[int, Any]], again: deque[tuple[int, Any]]) -> None:
        """Give each free worker a job, starting workers as they are needed."""
        free = [worker for worker in self._workers if worker.doing is None]
        while free or len(self._workers) < self._n_workers:
            given = again.popleft() if again else next(waiting, None)
            if given is None:
                return
            if free:
                worker = free.pop()
            else:
                worker = _Worker(self._context)
                self._workers.append(worker)
            worker.tell(task, *given)

    def _drop(self, worker: _Worker, forget: bool = True) -> None:
        """End a worker now, whatever it does."""
        worker.pipe.close()
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join()
        worker.process.close()
        if forget:
            self._workers.remove(worker)


class _Worker:
    """A process, the parent's end of its pipe, and the job it is doing."""

    def __init__(self, context: Any) -> None:
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.doing: tuple[int, Any] | None = None
        self.began = 0.0
        self._task: bytes = b""

    def tell(self, task: bytes, number: int, job: Any) -> None:
        """Send a job, and what to do with it unless the worker knows."""
        self.doing, self.began = (number, job), time.perf_counter()
        news = b"" if task is self._task else task
        packed = pickle.dumps(job)
        with contextlib.suppress(OSError):  # a worker that is gone will be found so when it is heard
            self.pipe.send_bytes(news)
            self.pipe.send_bytes(packed)
        self._task = task

    def hear(self) -> Finished[Any, Any] | None:
        """Return what came of the job, or None if the worker only said that it is there.

        Raises
        ------
        EOFError, OSError
            If the process is gone.
        """
        heard: Finished[Any, Any] | None = pickle.loads(self.pipe.recv_bytes())
        if heard is None or self.doing is None:
            self.ready = True
            return None
        (number, job), self.doing = self.doing, None
        return replace(heard, number=number, job=job)


def _serve(pipe: Connection) -> None:
    """Do jobs until the parent closes the pipe or dies; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = b""
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(pickle.dumps(None))
        while True:
            task = pipe.recv_bytes() or task
            pipe.send_bytes(_answer(task, pipe.recv_bytes()))


def _answer(task: bytes, job: bytes) -> bytes:
    """Return, packed, what came of a packed job; a value that cannot be packed is a failure of its job."""
    finished = do(lambda packed: _work(task)(pickle.loads(packed)), 0, job)
    packed = do(pickle.dumps, 0, replace(finished, job=None))
    return packed.value if packed.failure is None else pickle.dumps(replace(packed, job=None))


@functools.lru_cache(maxsize=1)
def _work(task: bytes) -> Callable[[Any], Any]:
    """Return what to do with jobs, unpacked once."""
    work: Callable[[Any], Any] = pickle.loads(task)
    return work

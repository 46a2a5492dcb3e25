"""The pool: the same results on every backend, and failures, dead workers, lost schedulers are told."""

from __future__ import annotations

import itertools
import math
import operator
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dask_here import dask_on_loopback, wait_for
from pool_work import die_if_there, die_of_three, unsendable

from sim.errors import PoolError
from sim.runs.pool import Failure, Finished, Pool, _Cluster, n_processors, open_pool, run_jobs

BACKENDS = ("here", "one process", "two processes", "scheduler")


@pytest.fixture(name="scheduler", scope="module")
def started_scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dask_on_loopback(tmp_path_factory.mktemp("dask")) as (address, _):
        yield address


@pytest.fixture(name="pool", scope="module", params=BACKENDS)
def opened_pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """Yield a pool of each backend."""
    asked: dict[str, dict[str, Any]] = {
        "here": {"workers": 0}, "one process": {"workers": 1}, "two processes": {"workers": 2}, "scheduler": {},
    }  # fmt: skip
    given = asked[request.param] or {"scheduler": request.getfixturevalue("scheduler")}
    with open_pool(**given) as pool:
        yield pool


def by_number(results: Iterator[Finished[Any, Any]]) -> list[Finished[Any, Any]]:
    return sorted(results, key=lambda finished: finished.number)


# ---------------------------------------------------------------- what all backends promise


def test_every_job_comes_back_once_with_its_value(pool: Pool) -> None:
    jobs = list(range(1, 30))
    finished = by_number(pool.run(math.sqrt, jobs))
    assert [item.number for item in finished] == list(range(29))
    assert [item.job for item in finished] == jobs
    assert [item.value for item in finished] == [math.sqrt(job) for job in jobs]
    assert all(item.seconds >= 0.0 for item in finished)


def test_a_pool_serves_several_rounds_and_kinds_of_work(pool: Pool) -> None:
    assert [item.value for item in by_number(pool.run(math.sqrt, [4.0, 9.0]))] == [2.0, 3.0]
    assert [item.value for item in by_number(pool.run(operator.neg, [4.0, 9.0]))] == [-4.0, -9.0]
    assert list(pool.run(math.sqrt, [])) == []


def test_an_exception_is_the_failure_of_its_job_alone(pool: Pool) -> None:
    finished = by_number(pool.run(math.sqrt, [4.0, -1.0, 9.0]))
    assert [item.failure is None for item in finished] == [True, False, True]
    failure = finished[1].failure
    assert failure is not None
    assert failure.why.startswith("ValueError: ")
    assert "Traceback" in failure.trace
    assert not failure.worker_died
    with pytest.raises(RuntimeError, match="job 1 failed: ValueError"):
        _ = finished[1].value


def test_jobs_are_taken_as_they_are_needed(pool: Pool) -> None:
    taken = itertools.count()
    jobs = (float(next(taken)) for _ in range(10_000))
    results = pool.run(math.sqrt, jobs)
    for _ in range(5):
        next(results)
    results.close()
    assert next(taken) <= 5 + 8


# ---------------------------------------------------------------- dead workers


@pytest.mark.parametrize("backend", ["two processes", "scheduler"])
def test_a_job_that_kills_its_workers_sinks_no_other(backend: str, request: pytest.FixtureRequest) -> None:
    given: dict[str, Any] = {"workers": 2}
    if backend == "scheduler":
        given = {"scheduler": request.getfixturevalue("scheduler")}
    finished = by_number(run_jobs(die_of_three, [1, 2, 3, 4, 5, 6], **given))
    assert [item.failure is None for item in finished] == [True, True, False, True, True, True]
    failure = finished[2].failure
    assert failure is not None
    assert failure.worker_died
    assert "died" in failure.why


def test_a_job_lost_beside_one_that_kills_is_tried_alone(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask counts the death of a worker against all that waited on it, so that an innocent job can be given up."""
    came_of, lost = _Cluster._came_of, list[int]()

    def lose_one(pool: _Cluster, future: Any, number: int, job: Any) -> Any:
        if number == 1 and not lost:
            lost.append(number)
            return Finished(number, job, Failure("its worker died, again and again", worker_died=True), 0.0)
        return came_of(pool, future, number, job)

    monkeypatch.setattr(_Cluster, "_came_of", lose_one)
    finished = by_number(run_jobs(die_of_three, [1, 2, 4], scheduler=scheduler))
    assert lost == [1]
    assert [item.value for item in finished] == [1, 2, 4]


def test_a_job_whose_worker_was_killed_once_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "first").touch()
    finished = list(run_jobs(die_if_there, [tmp_path / "first", tmp_path / "never"], workers=1))
    assert {item.value for item in finished} == {"first", "never"}


def test_a_value_that_cannot_be_sent_back_is_a_failure() -> None:
    finished = list(run_jobs(unsendable, [1], workers=1))
    assert finished[0].failure is not None
    assert "pickle" in finished[0].failure.why


# ---------------------------------------------------------------- stopping


def test_closing_early_ends_the_work_at_once_and_the_pool_goes_on() -> None:
    with open_pool(2) as pool:
        results = pool.run(time.sleep, [0.0, 60.0, 60.0])
        assert next(results).number == 0
        began = time.monotonic()
        results.close()
        assert [item.value for item in pool.run(math.sqrt, [4.0])] == [2.0]
        assert time.monotonic() - began < 20.0


_SLEEPERS = """
import signal, sys, time
from sim.runs.pool import run_jobs
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run behind a shell that ignores it
if __name__ == "__main__":
    for finished in run_jobs(time.sleep, [0.0, float(sys.argv[1]), float(sys.argv[1])], workers=2):
        print("one is done", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals of POSIX")
@pytest.mark.parametrize(("how", "nap"), [(signal.SIGINT, 600), (signal.SIGKILL, 2)])
def test_no_worker_outlives_a_parent_that_is_stopped(how: signal.Signals, nap: int, tmp_path: Path) -> None:
    """Ctrl-C ends the jobs that run; after a kill workers find their pipes closed once their job is done."""
    script = tmp_path / "sleepers.py"
    script.write_text(_SLEEPERS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(nap)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"one is done\n"
        if how is signal.SIGINT:
            os.killpg(parent.pid, how)  # as a terminal does
        else:
            os.kill(parent.pid, how)
        assert parent.wait(timeout=30) != 0
        wait_for(lambda: not group_is_alive(parent.pid), seconds=30.0)


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "found 'nonsense'; must be an address such as tcp://127.0.0.1:8786"),
        ("tcp://127.0.0.1", "must be an address such as"),
        ("tcp://127.0.0.1:99999", "must be an address such as"),
        ("http://127.0.0.1:8786", "must be an address such as"),
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at 'tcp://127.0.0.1:9' (Connection refused)"),
        ("silent", "(it takes connections and says nothing)"),
    ],
)
def test_a_wrong_address_of_a_scheduler_is_told_at_once(
    address: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No client of Dask is made for it, whose end would take 20 s and print a traceback."""
    monkeypatch.setattr("distributed.Client", lambda *_, **__: pytest.fail("a client was made"))
    monkeypatch.setattr("sim.runs.pool._ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        given = f"tcp://127.0.0.1:{listening.getsockname()[1]}" if address == "silent" else address
        with pytest.raises(PoolError) as raised, open_pool(scheduler=given):
            pass
    assert words in str(raised.value)


def test_a_scheduler_that_is_lost_is_told_plainly(tmp_path: Path) -> None:
    with dask_on_loopback(tmp_path) as (address, server):
        results = run_jobs(time.sleep, [0.0, 600.0, 600.0], scheduler=address)
        assert next(results).number == 0
        server.kill()
        with pytest.raises(PoolError, match=rf"the scheduler at '{address}' was lost"):
            next(results)


# ---------------------------------------------------------------- what is refused


def test_an_unreachable_scheduler_is_told_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.pool._ANSWER_S", 0.3)
    with pytest.raises(PoolError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        next(run_jobs(math.sqrt, [1.0], scheduler="tcp://127.0.0.1:9"))


def test_an_address_that_is_none_is_told_plainly() -> None:
    with pytest.raises(PoolError, match="found 'nonsense://x'; must be an address"):
        next(run_jobs(math.sqrt, [1.0], scheduler="nonsense://x"))


def test_dask_that_is_not_installed_is_told_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PoolError, match=r"pip install 'border-standoff\[cluster\]'"):
        next(run_jobs(math.sqrt, [1.0], scheduler="tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"workers": -1}, "--workers: found -1; must be a whole number from 0"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:9"}, "found both 2 workers and the scheduler"),
    ],
)
def test_workers_that_cannot_be_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(PoolError, match=words):
        next(run_jobs(math.sqrt, [1.0], **given))


def test_there_is_a_processor() -> None:
    assert 1 <= n_processors() <= (os.cpu_count() or 1)

"""A Dask scheduler with two workers on loopback, started by hand as a user would, for as long as a block lasts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client

__all__ = ["dask_on_loopback", "wait_for"]


@contextmanager
def dask_on_loopback(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Yield the address and the process of a Dask scheduler with two workers, started by hand as a user would."""
    dask = [sys.executable, "-m", "dask"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}  # where the work of these tests stands
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    hears = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", "s.json"]
    works = [*dask, "worker", "--scheduler-file", "s.json", "--nworkers", "2", "--nthreads", "1", "--no-dashboard",
             "--host", "127.0.0.1", "--local-directory", str(folder / "scratch")]  # fmt: skip
    with subprocess.Popen(hears, env=environment, **quiet) as server:
        try:
            wait_for((folder / "s.json").exists)
            with subprocess.Popen(works, env=environment, **quiet) as workers:
                try:
                    with Client(scheduler_file=str(folder / "s.json"), set_as_default=False) as client:
                        client.wait_for_workers(2, timeout=60)
                    yield json.loads((folder / "s.json").read_text(encoding="utf-8"))["address"], server
                finally:
                    workers.terminate()
        finally:
            server.terminate()


def wait_for(holds: Any, seconds: float = 60.0) -> None:
    """Wait until something holds; fail if it never does."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)

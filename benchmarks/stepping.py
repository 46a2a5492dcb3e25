"""One stepping measured: run in a process of its own by :func:`measure`, so that peak memory is its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STEADY = {
    "migrants.attempt_interval_hours": "20",
    "migrants.give_up_per_day": "0.005",
    "migrants.exhaustion_per_attempt": "0",
    "migrants.stopped_on_road_chance": "0.8",
}
"""Settings under which most people stay in the story: some 2 % of the living do something in an hour, and over 60 % are
still under way after 30 days. A load for the machine, not a history. Guards grow with people."""
BASE_PEOPLE = 7920.0
"""People at the start of ``kuznica-8-november`` at scale 1."""


def steady(people: float, until: str) -> dict[str, str]:
    """Return the settings of the steady load with so many people at the start."""
    return {**STEADY, "migrants.people_scale": str(people / BASE_PEOPLE), "until": until}


def measure(scenario: str, settings: dict[str, str], hours: int | None = None, parts: bool = False) -> dict[str, Any]:
    """Return what it costs to step a scenario: seconds of wall and process, memory, people-hours, events, draws."""
    given = json.dumps({"scenario": scenario, "settings": settings, "hours": hours, "parts": parts})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stepping", given], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return dict(json.loads(done.stdout))


def _step(scenario: str, settings: dict[str, str], hours: int | None, parts: bool) -> dict[str, Any]:
    """Step here and return the measurements."""
    from benchmarks.parts import Parts
    from sim.model import StandoffModel
    from sim.scenario.load import load_scenario

    empty_mib = _peak_mib()
    began = time.perf_counter()
    model = StandoffModel(load_scenario(scenario, settings))
    built = time.perf_counter()
    clock = Parts(model) if parts else None
    cpu = time.process_time()
    model.run(hours)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - built
    n_people = len(model.people)
    counts = model.scene.people.ledger.counts
    final = model.scene.people.final
    measured: dict[str, Any] = {
        "hours": model.hour,
        "people": n_people,
        "live_at_the_end": float(counts[~final].sum() / max(n_people, 1)),
        "live_people_hours": model.n_person_hours,
        "events_per_live_hour": model.migrants.n_events / max(model.n_person_hours, 1),
        "building_s": built - began,
        "stepping_s": wall_s,
        "process_s": cpu_s,
        "ms_per_hour": 1000.0 * cpu_s / model.hour,
        "million_people_hours_per_s": model.n_person_hours / cpu_s / 1e6,
        "peak_mib": _peak_mib(),
        "bytes_per_person": (_peak_mib() - empty_mib) * 2**20 / n_people if n_people >= 100_000 else None,
        "column_bytes": model.people.bytes_per_row,
    }
    if clock is not None:
        measured["shares"] = clock.shares()
    return measured


def _peak_mib() -> float:
    """Return the peak resident memory of this process so far, MiB: of this program, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux; resource usage there outlives the change of program
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def bandwidth_gb_per_s() -> float:
    """Return how fast this machine reads memory from numpy: the best of some sums over 256 MB, GB/s."""
    import numpy as np

    block = np.ones(32 * 2**20)
    best = min(_seconds(block) for _ in range(7))
    return float(block.nbytes / best / 1e9)


def _seconds(block: Any) -> float:
    began = time.perf_counter()
    block.max()
    return time.perf_counter() - began


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(json.dumps(_step(**json.loads(sys.argv[1]))))

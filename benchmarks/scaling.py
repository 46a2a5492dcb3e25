"""``python -m benchmarks.scaling [SCENARIO] [MEMBERS]``: what a second worker earns.

Every figure is of this machine in this minute. Members are made anew each time and kept nowhere; imports and
the start of workers count, as they do for users.
"""

from __future__ import annotations

import sys
import time

from sim.runs.ensemble.member import Luck, MakeMember, code_hash
from sim.runs.ensemble.seeds import member_seeds
from sim.runs.execution import PRELOAD
from sim.runs.pool import open_pool
from sim.scenario.load import load_scenario


def seconds(scenario: str, members: int, workers: int) -> float:
    """Return wall seconds from nothing until all members are made."""
    loaded = load_scenario(scenario)
    work, lucks = MakeMember(loaded, code_hash()), [Luck(seed) for seed in member_seeds(members, loaded.seed)]
    began = time.perf_counter()
    with open_pool(workers, preload=PRELOAD) as pool:
        failed = [item.failure.why for item in pool.run(work, lucks) if item.failure]
    if failed:
        raise SystemExit(f"members failed: {failed[0]}")
    return time.perf_counter() - began


def main() -> None:
    """Measure one and two workers in turn, and print seconds a member and the ratio."""
    scenario = sys.argv[1] if len(sys.argv) > 1 else "standoff-november-2021"
    members = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    taken = {}
    for workers in (1, 2):
        taken[workers] = seconds(scenario, members, workers)
        print(f"{scenario}, {members} members, {workers} worker{'s' * (workers > 1)}: {taken[workers]:.1f} s, "
              f"{taken[workers] / members:.2f} s a member", flush=True)  # fmt: skip
    print(f"two workers are {taken[1] / taken[2]:.2f} times as fast as one")


if __name__ == "__main__":
    main()

"""``python -m mutation [--write] [PART …]``: try mutants and tell which survive; exit 1 if fewer are killed than asked.

Parts are `core`, `mass` and `deliberating`; all of them if none is named. What was tried before and has not changed is
not tried again. With ``--write`` the list in ``docs/mutation.md`` is renewed from what has been tried of every part.
"""

from __future__ import annotations

import argparse
import time

from mutation import page
from mutation.parts import PARTS
from mutation.results import Result, by_lot, result_of, score, survivor_of
from mutation.workshop import Workshop


def main() -> int:
    """Try the mutants of the parts named and return the exit code."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="python -m mutation", description="Do the tests notice a change of the code?")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(names)}; all if none is named")
    parser.add_argument("--write", action="store_true", help="renew docs/mutation.md")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(names):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    results = []
    for part in PARTS:
        workshop = Workshop(part)
        if not given.parts or part.name in given.parts:
            _try_out(workshop)
        elif not given.write or not workshop.verdicts():
            continue
        results.append(result_of(workshop))
        _tell(results[-1])
    if given.write:
        page.write(results)
    return 0 if all(score(result.total) >= result.part.goal for result in results) else 1


def _try_out(workshop: Workshop) -> None:
    """Try the mutants of a part that were not tried yet, and survivors without a reason if the tests are others."""
    workshop.prepare()
    names = workshop.names()
    chosen = by_lot(names, workshop.part.sample)
    verdicts = workshop.verdicts()
    tests_changed = workshop.tests_changed()
    if tests_changed:
        workshop.forget_who_tests_what()
    due = [name for name in chosen if name not in verdicts]
    if tests_changed:
        survivors = [name for name in chosen if verdicts.get(name) in _NOT_NOTICED]
        due += [name for name in survivors if not survivor_of(workshop, name, names[name]).because]
    print(f"{workshop.part.name}: {len(due)} of {len(chosen)} mutants to try, in {workshop.folder}", flush=True)
    if due:
        began = time.perf_counter()
        workshop.try_out(due)
        print(f"{workshop.part.name}: tried in {(time.perf_counter() - began) / 60:.1f} minutes", flush=True)
    workshop.remember_tests()


_NOT_NOTICED = ("survived", "no tests")


def _tell(result: Result) -> None:
    print(f"{result.part.name}: {page.summary(result)}")
    for survivor in result.survivors:
        if not survivor.because:
            print(f"\n  {survivor.function}", *survivor.change, sep="\n    ")
    for line in result.stale:
        print(f"\n  a reason in equivalent.toml fits no survivor: {line}")


if __name__ == "__main__":
    raise SystemExit(main())

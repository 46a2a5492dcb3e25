"""The parts of the code that are mutated, and the tests that try each."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PARTS", "Part"]


@dataclass(frozen=True)
class Part:
    """Modules whose mutants are tried by the same tests.

    Attributes
    ----------
    name : short, also the name of its workshop
    title : what it is, for the page
    modules : patterns of files
    tests : files of tests, or single tests
    without : tests left out, which take long and add little
    goal : share of mutants to be killed
    sample : how many mutants are tried, drawn by lot; all if None
    """

    name: str
    title: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    goal: float
    sample: int | None = None
    without: tuple[str, ...] = ()


def _files(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/test_{name}.py" for name in names)


def _windows(*names: str) -> tuple[str, ...]:
    test = "tests/test_twin.py::test_twin_and_fast_model_agree_in_a_window_in_which_much_happens"
    return tuple(f"{test}[{name}]" for name in names)


PARTS = (
    Part(
        "core", "The core", ("sim/core/[!c]*.py", "sim/core/c[!o]*.py"),  # what numba compiles cannot be mutated
        _files("chance", "clocks", "groups", "ledger", "population", "schedule"), 0.85,
        without=("tests/test_ledger.py::test_a_run_stops_at_a_broken_law",
                 "tests/test_ledger.py::test_a_run_left_alone_breaks_no_law"),
    ),
    Part(
        "mass", "The rules of the many: people on their way, guards, services, what people tell each other",
        ("sim/agents/migrants/*.py", "sim/agents/guards.py", "sim/agents/rosters.py", "sim/agents/minsk_services.py",
         "sim/agents/network.py", "sim/agents/couriers.py", "sim/agents/cover.py", "sim/agents/wire_cuts.py",
         "sim/agents/scene.py", "sim/agents/states.py", "sim/agents/tally.py"),
        (*_files("arrivals", "attempt", "cover", "guards", "harm", "hazards", "journey", "minsk_services", "network",
                 "orders", "passage", "people", "wire_cuts"),
         "tests/test_ledger.py::test_a_run_stops_at_a_broken_law[hazard falls]",
         *_windows("custody in early August", "little money, hard handling and no room in custody")),
        0.75, sample=300,
        without=("tests/test_arrivals.py::test_on_average_exactly_as_many_travel_as_there_are_seats",
                 "tests/test_guards.py::test_a_closer_watch_here_is_a_thinner_one_elsewhere_in_the_post",
                 "tests/test_minsk_services.py::test_groups_gather_by_night_and_have_the_stated_sizes",
                 "tests/test_passage.py::test_the_camp_is_counted_by_two_sides_who_disagree",
                 "tests/test_passage.py::test_a_dearer_courier_never_takes_more_people",
                 "tests/test_people.py::test_weakening_scales_what_tolerance_is_left"),
    ),
    Part(
        "deliberating", "The rules of the few who deliberate: governments, engineers, drills, tension",
        ("sim/agents/actions.py", "sim/agents/drill*.py", "sim/agents/engineer*.py", "sim/agents/fallen_trees.py",
         "sim/agents/governments.py", "sim/agents/habits.py", "sim/agents/host.py", "sim/agents/incidents.py",
         "sim/agents/levers.py", "sim/agents/menus.py", "sim/agents/picture.py", "sim/agents/tension.py"),
        _files("drills", "engineers", "governments", "menus", "tension"), 0.75, sample=160,
    ),
)  # fmt: skip

"""``standoff story``: one simulated life of a run, as text."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.commands.arguments import Commands, UsageError, person, wanted_progress

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``story``."""
    story = commands.add("story", _story, "tell one simulated life of a run: invented, without a name")
    story.add_argument("run", type=Path, metavar="RUN", help="results folder written by `standoff run`")
    story.add_argument(
        "person", nargs="?", type=person, metavar="PERSON",
        help="number of a person, or position among the run's people, from 1 (default: chosen by --typical)",
    )  # fmt: skip
    whose = story.add_mutually_exclusive_group()
    whose.add_argument(
        "--typical", action="store_true",
        help="of the people there in the recorded days, whoever is nearest to the medians of attempts, nights "
        "outdoors and days, each difference divided by the mean difference; ties: the lowest number",
    )  # fmt: skip
    whose.add_argument(
        "--longest", action="store_true", help="of the same people, whoever was outdoors for the most hours"
    )
    story.add_argument("--json", action="store_true", help="events as JSON lines instead of text")
    story.add_argument("--quiet", action="store_true", help="no progress bar")


def _story(args: argparse.Namespace) -> int:
    """Run again what the results folder says was run, watching one person; print the story."""
    from sim.runs.story.tell import tell
    from sim.runs.story.text import compose

    if args.person is not None and (args.typical or args.longest):
        option = "--typical" if args.typical else "--longest"
        raise UsageError(f"standoff story: found both PERSON {args.person} and {option}; give one of them")
    choose = "longest" if args.longest else "typical"
    story = tell(args.run, args.person, choose, progress=wanted_progress(args))
    print("\n".join(story.json_lines()) if args.json else compose(story), end="\n" if args.json else "")
    return 0

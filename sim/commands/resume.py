"""``standoff resume`` and ``branch``: go on with a run from its snapshots, as it was or another way."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.commands.arguments import Commands, day, leave_on_signals, out_folder, settable, wanted_progress
from sim.commands.run import closing_table

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``resume`` and ``branch``."""
    resume = commands.add("resume", _resume, "go on with an interrupted run, or prolong a finished one")
    _run_folder(resume)
    resume.add_argument("--until", type=day, metavar="DATE", help="last day, included, such as 2021-11-30")
    _common(resume)

    branch = commands.add("branch", _branch, "let a run go on another way from a day on")
    _run_folder(branch)
    branch.add_argument("--at", type=day, required=True, metavar="DATE", help="last day that stays as it was, included")
    branch.add_argument(
        "--with", dest="other", metavar="SCENARIO", help="scenario or TOML file whose rows after that day hold instead"
    )
    settable(branch)
    branch.add_argument("--until", type=day, metavar="DATE", help="last day, included, such as 2021-11-30")
    _common(branch)


def _run_folder(to: argparse.ArgumentParser) -> None:
    to.add_argument("run", type=Path, metavar="RUN", help="results folder, finished or not, or a snapshot file")


def _common(to: argparse.ArgumentParser) -> None:
    out_folder(to)
    to.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    to.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _resume(args: argparse.Namespace) -> int:
    """Go on with a run and write its results folder."""
    from sim.runs.resume import resume

    leave_on_signals()
    result, folder = resume(
        args.run, until=args.until, out=args.out, figures=args.figures, progress=wanted_progress(args)
    )
    if not args.quiet:
        print(closing_table(result))
    print(f"Results: {folder}/")
    return 0


def _branch(args: argparse.Namespace) -> int:
    """Branch off a run and write the results folder of the branch."""
    from sim.runs.resume import branch

    leave_on_signals()
    words = [f"standoff branch {args.run.name} --at {args.at}"]
    words += [f"--with {Path(args.other).name}"] if args.other else []
    words += [f"--set {key}={value}" for key, value in args.given]
    words += [f"--until {args.until}"] if args.until else []
    settings = {key: value for key, value in args.settings.items() if key != "until"}
    result, folder = branch(
        args.run,
        args.at,
        other=args.other,
        settings=settings,
        until=args.until,
        out=args.out,
        figures=args.figures,
        progress=wanted_progress(args),
        command=" ".join(words),
    )
    if not args.quiet:
        print(closing_table(result))
    print(f"Results: {folder}/")
    return 0

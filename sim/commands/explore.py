"""``standoff sensitivity``, ``discover``, ``sweep`` and ``export``: what answers hang on, levers, tables for others."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sim.commands.arguments import (
    Commands,
    UsageError,
    day,
    execution,
    leave_on_signals,
    say_remarks,
    scenario,
    settable,
    warn_of_few_agents,
    weighted,
    whole,
    words_of_settings,
    workers,
)
from sim.limits import LIMITS

__all__ = ["declare"]

_MOST_ROWS: Final = 12
_CONVINCING: Final = 0.05


def declare(commands: Commands) -> None:
    """Add ``sensitivity``, ``discover``, ``sweep`` and ``export``."""
    hang = commands.add("sensitivity", _sensitivity, "say which assumed numbers an outcome hangs on")
    _shared(hang)
    _keys(hang)
    hang.add_argument("--method", choices=("morris", "sobol"), default="morris", help="screen, or shares of variance")
    hang.add_argument(
        "--trajectories", type=whole, default=8, metavar="N", help="sample size of the method (default: %(default)s)"
    )
    hang.add_argument("--members", type=whole, default=2, metavar="N", help="runs at each point (default: %(default)s)")
    hang.add_argument(
        "--by-section", action="store_true",
        help="move all numbers of a section at once: as many points as sections, to find where to look",
    )  # fmt: skip
    _of(hang, "outcome: a row of outcomes.csv or a daily series (repeatable)")

    find = commands.add("discover", _discover, "find the fewest assumptions under which an outcome comes about")
    _shared(find)
    _keys(find)
    find.add_argument("--of", required=True, metavar="OUTCOME", help="a row of outcomes.csv, or a daily series summed")
    ends = find.add_mutually_exclusive_group(required=True)
    ends.add_argument("--above", type=float, metavar="X", help="it comes about where it is above this")
    ends.add_argument("--below", type=float, metavar="X", help="it comes about where it is below this")
    find.add_argument(
        "--runs", type=whole, default=128, metavar="N", help="points, one run each (default: %(default)s)"
    )

    lever = commands.add("sweep", _sweep, "run a scenario at several settings of a lever, and show four sides of each")
    _shared(lever)
    lever.add_argument(
        "--vary", type=_vary, action="append", default=[], required=True, metavar="KEY=A,B,C",
        help="settings of one key; of several --vary all combinations (repeatable)",
    )  # fmt: skip
    lever.add_argument("--members", type=whole, default=8, metavar="N", help="runs a setting (default: %(default)s)")
    _of(lever, "outcome to show beside those that always are (repeatable)")

    leave = commands.add(
        "export", _export, "write a results folder as tidy tables with a codebook, and GeoJSON by post"
    )
    leave.add_argument("results", type=Path, metavar="DIR", help="results folder of a run or an ensemble")
    leave.add_argument("--parquet", action="store_true", help="Parquet instead of CSV")
    leave.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to be made (default: export in the results folder)"
    )


def _shared(to: argparse.ArgumentParser) -> None:
    scenario(to)
    to.add_argument("--until", type=day, metavar="DATE", help="last day, included, such as 2021-11-20")
    settable(to)
    weighted(to)
    workers(to)
    to.add_argument("--out", type=Path, metavar="DIR", help="results folder; the same command goes on where it was")
    to.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    to.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _keys(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--key", dest="keys", action="append", default=[], metavar="KEY",
        help="number to vary (repeatable; default: all assumed and estimated ones)",
    )  # fmt: skip


def _of(to: argparse.ArgumentParser, what: str) -> None:
    to.add_argument("--of", dest="outcomes", action="append", default=[], metavar="OUTCOME", help=what)


def _vary(text: str) -> tuple[str, list[str]]:
    """Return key and values of ``key=a,b,c``."""
    key, sign, values = text.partition("=")
    given = [value.strip() for value in values.split(",") if value.strip()]
    if not sign or not key.strip() or not given:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be key=a,b,c, such as guards.response_minutes=10,20")
    return key.strip(), given


def _print(lines: Sequence[str], folder: Path, quiet: bool) -> int:
    if not quiet:
        print("\n".join([*lines, "", *LIMITS]))
    print(f"Results: {folder}/")
    return 0


def _forewarn(args: argparse.Namespace) -> list[str]:
    """Return what must be told of agents that stand for several people; warn if they are too few."""
    from sim.runs.ready import ready
    from sim.runs.weights import one_for_many

    loaded = ready(args.scenario, args.settings)
    say_remarks(args.scenario, args.settings)
    warn_of_few_agents(loaded)
    told = one_for_many(loaded)
    return [*textwrap.wrap(told, 110), ""] if told else []


def _words(args: argparse.Namespace, *more: str) -> str:
    """Return the command line to be noted: what shapes the results, without paths and workers."""
    said = ["standoff", args.command, Path(args.scenario).name, *more, *words_of_settings(args)]
    return " ".join([*said, *([f"--until {args.until}"] if args.until is not None else [])])


def _sensitivity(args: argparse.Namespace) -> int:
    from sim.analysis.sensitivity import sensitivity

    leave_on_signals()
    told = _forewarn(args)
    outcomes = {"outcomes": tuple(args.outcomes)} if args.outcomes else {}
    said = [f"--method {args.method} --trajectories {args.trajectories} --members {args.members}"]
    said += ["--by-section"] if args.by_section else []
    said += [f"--key {key}" for key in args.keys] + [f"--of {outcome!r}" for outcome in args.outcomes]
    result = sensitivity(
        args.scenario, method=args.method, trajectories=args.trajectories, seeds=args.members, keys=args.keys,
        by_section=args.by_section, settings=args.settings, figures=args.figures, command=_words(args, *said),
        execution=execution(args), **outcomes,
    )  # fmt: skip
    lines = [*told, f"{result.n_runs} runs, {args.members} at each point"]
    for outcome in dict.fromkeys(result.table["outcome"]):
        rows = result.table[result.table["outcome"] == outcome]
        lines += ["", f"{outcome}, mean of all runs {_figure(rows['mean'].iloc[0])}"]
        told_by = _effects if args.method == "morris" else _shares
        doubt = rows["doubt"].iloc[0]
        lines += textwrap.wrap(doubt, 106, initial_indent="  ", subsequent_indent="  ") or told_by(
            rows.to_dict("records")
        )
    if result.remark:
        lines += ["", result.remark]
    return _print(lines, result.folder, args.quiet)


def _figure(value: float) -> str:
    """Return a number with as many digits as its size asks, without powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _effects(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return Morris's effects that exceed luck, then how many do not."""
    noise = rows[0]["noise"]
    told = [row for row in rows if row["detectable"] or math.isnan(noise)]
    lines = [
        f"  {row['key']:<44}{_figure(row['mu_star']):>12} ± {_figure(row['mu_star_95'])}" for row in told[:_MOST_ROWS]
    ]
    lines += [f"  and {len(told) - _MOST_ROWS} more"] if len(told) > _MOST_ROWS else []
    if math.isnan(noise):
        return [*lines, "  (with one run a point, luck is not told from effect: --members 2 or more)"]
    rest = len(rows) - len(told)
    return [
        *lines,
        f"  no detectable effect: {rest} of {len(rows)} (below {_figure(noise)}, which luck alone may show)",
    ]


def _shares(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return Sobol's shares of variance, then the share that is luck."""
    lines = [
        f"  {row['key']:<44}{row['total']:>8.2f} ± {row['total_95']:.2f}  alone {row['first']:.2f} ± "
        f"{row['first_95']:.2f}"
        for row in rows[:_MOST_ROWS]
    ]
    luck = rows[0]["luck"]
    return lines if math.isnan(luck) else [*lines, f"  {'luck':<44}{luck:>8.2f}"]


def _discover(args: argparse.Namespace) -> int:
    from sim.analysis.discover import discover

    leave_on_signals()
    told = _forewarn(args)
    limit = f"--above {args.above:.10g}" if args.above is not None else f"--below {args.below:.10g}"
    said = [f"--of {args.of!r} {limit} --runs {args.runs}", *(f"--key {key}" for key in args.keys)]
    result = discover(
        args.scenario, args.of, above=args.above, below=args.below, runs=args.runs, keys=args.keys,
        settings=args.settings, figures=args.figures, command=_words(args, *said), execution=execution(args),
    )  # fmt: skip
    if result.failed:
        n_failed, (seed, why) = len(result.failed), next(iter(result.failed.items()))
        print(
            f"standoff discover: {n_failed} of {n_failed + result.n_runs} runs failed and are left out, the first with "
            f"seed {seed} because of {why}",
            file=sys.stderr,
        )
    lines = [
        *told,
        f"{result.n_runs} runs, {result.base:.0%} wanted; in the box {result.density:.0%}, which holds "
        f"{result.coverage:.0%} of the wanted ones",
        f"As good a box in {result.p_by_chance:.1%} of searches among shuffled outcomes"
        + ("" if result.p_by_chance < _CONVINCING else ": no box is told from chance"),
    ]
    for row in result.table.to_dict("records"):
        doubt = "" if row["convincing"] else "  may be chance"
        lines.append(
            f"  {row['key']:<44}{row['low']:.4g} to {row['high']:.4g} of {row['range_low']:.4g} to "
            f"{row['range_high']:.4g}; without it {row['density_without']:.0%}{doubt}"
        )
    return _print(lines, result.folder, args.quiet)


def _sweep(args: argparse.Namespace) -> int:
    from sim.analysis.sweep import sweep

    leave_on_signals()
    vary = dict(args.vary)
    if len(vary) < len(args.vary):
        raise UsageError("standoff sweep: found a key in two --vary; give all its values in one")
    told = _forewarn(args)
    said = [*(f"--vary {key}={','.join(values)}" for key, values in vary.items()), f"--members {args.members}"]
    said += [f"--of {outcome!r}" for outcome in args.outcomes]
    result = sweep(
        args.scenario, vary, members=args.members, outcomes=args.outcomes, settings=args.settings,
        figures=args.figures, command=_words(args, *said), execution=execution(args),
    )  # fmt: skip
    first, *_ = settings = list(dict.fromkeys(result.table["setting"]))
    if args.members < 2:
        head = f"One run a setting: no interval, and no telling what is luck; then the difference to {first}"
    else:
        head = f"Means of {args.members} runs with their 95 % intervals; then the difference to {first}, paired"
    lines = [*told, head]
    for setting in settings:
        lines += ["", str(setting)]
        for row in result.table[result.table["setting"] == setting].to_dict("records"):
            interval = apart = ""
            if args.members > 1:
                interval = f"({row['low_95']:,.1f} to {row['high_95']:,.1f})"
                apart = f"({row['difference_low_95']:+,.1f} to {row['difference_high_95']:+,.1f})"
            apart = "" if setting == first else f"{row['difference_to_first']:>+13,.1f}  {apart}"
            lines.append(f"  {row['outcome']:<30}{row['mean']:>12,.1f}  {interval:<28}{apart}".rstrip())
    return _print(lines, result.folder, args.quiet)


def _export(args: argparse.Namespace) -> int:
    from sim.analysis.exports import export

    result = export(args.results, out=args.out, parquet=args.parquet)
    for name, table in result.tables.items():
        print(f"{name}: {len(table):,} rows")
    print(f"Results: {result.folder}/")
    return 0

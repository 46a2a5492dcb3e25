"""``standoff sensitivity``, ``discover``, ``sweep`` and ``export``: what answers hang on, levers, tables for others."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from sim.commands.arguments import (
    Commands,
    UsageError,
    day,
    execution,
    leave_on_signals,
    scenario,
    settable,
    warn_of_few_agents,
    weighted,
    whole,
    workers,
)
from sim.limits import LIMITS

__all__ = ["declare"]


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
    lever.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")

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
    from sim.runs.ensemble.run import ready
    from sim.runs.weights import one_for_many

    loaded = ready(args.scenario, args.settings)
    warn_of_few_agents(loaded)
    told = one_for_many(loaded)
    return [*textwrap.wrap(told, 110), ""] if told else []


def _sensitivity(args: argparse.Namespace) -> int:
    from sim.analysis.sensitivity import sensitivity

    leave_on_signals()
    told = _forewarn(args)
    outcomes = {"outcomes": tuple(args.outcomes)} if args.outcomes else {}
    result = sensitivity(
        args.scenario, method=args.method, trajectories=args.trajectories, seeds=args.members, keys=args.keys,
        settings=args.settings, execution=execution(args), **outcomes,
    )  # fmt: skip
    table, lines = result.table, [*told, f"{result.n_runs} runs"]
    for outcome in dict.fromkeys(table["outcome"]):
        lines += ["", str(outcome)]
        for row in table[table["outcome"] == outcome].head(12).to_dict("records"):
            if args.method == "morris":
                small = "  within the noise" if row["mu_star"] <= row["noise"] else ""
                lines.append(f"  {row['key']:<44}{row['mu_star']:>12,.4g} ± {row['mu_star_95']:,.3g}{small}")
            else:
                lines.append(
                    f"  {row['key']:<44}{row['total']:>8.2f} ± {row['total_95']:.2f}  alone {row['first']:.2f}"
                )
    return _print(lines, result.folder, args.quiet)


def _discover(args: argparse.Namespace) -> int:
    from sim.analysis.discover import discover

    leave_on_signals()
    told = _forewarn(args)
    result = discover(
        args.scenario, args.of, above=args.above, below=args.below, runs=args.runs, keys=args.keys,
        settings=args.settings, execution=execution(args),
    )  # fmt: skip
    lines = [
        *told,
        f"{result.n_runs} runs, {result.base:.0%} wanted; in the box {result.density:.0%}, which holds "
        f"{result.coverage:.0%} of the wanted ones",
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
    result = sweep(
        args.scenario, vary, members=args.members, outcomes=args.outcomes, settings=args.settings,
        figures=args.figures, execution=execution(args),
    )  # fmt: skip
    lines: list[str] = []
    for setting in dict.fromkeys(result.table["setting"]):
        lines += [*([""] if lines else []), str(setting)]
        for row in result.table[result.table["setting"] == setting].to_dict("records"):
            lines.append(
                f"  {row['outcome']:<40}{row['mean']:>12,.1f}  ({row['low_95']:,.1f} to {row['high_95']:,.1f})"
            )
    return _print([*told, *lines], result.folder, args.quiet)


def _export(args: argparse.Namespace) -> int:
    from sim.analysis.exports import export

    result = export(args.results, out=args.out, parquet=args.parquet)
    for name, table in result.tables.items():
        print(f"{name}: {len(table):,} rows")
    print(f"Results: {result.folder}/")
    return 0

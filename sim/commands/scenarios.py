"""``standoff list``, ``show`` and ``check``: what scenarios there are, what they say, whether a file is in order."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.commands.arguments import Commands, UsageError, scenario, settable
from sim.errors import Problem, ScenarioError, StandoffError

if TYPE_CHECKING:
    from sim.scenario.catalogue import Listed
    from sim.scenario.schema import Scenario

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``list``, ``show`` and ``check``."""
    listing = commands.add("list", _list, "list the published scenarios and what each asks")
    listing.add_argument("words", nargs="*", metavar="WORD", help="only those that speak of every WORD")

    show = commands.add("show", _show, "show a scenario: every number with unit and source")
    scenario(show)
    settable(show)
    show.add_argument(
        "--format", choices=("text", "toml", "json"), default="text",
        help="text to read, or a form that loads back (default: %(default)s)",
    )  # fmt: skip

    show.add_argument("--changes", action="store_true", help="only what it changes in the scenario that it extends")

    check = commands.add("check", _check, "check scenario files and report every problem at once")
    check.add_argument("files", nargs="+", metavar="FILE", help="TOML file, or name of a published scenario")


def _list(args: argparse.Namespace) -> int:
    from sim.scenario.catalogue import list_scenarios

    width = min(100, shutil.get_terminal_size().columns)
    everything = list_scenarios()
    asked = [word.casefold() for word in args.words]
    found = [one for one in everything if all(word in _all_of(one) for word in asked)]
    if not found:
        allowed = f"none of the {len(everything)} published scenarios speaks of it; `standoff list` shows them all"
        raise ScenarioError([Problem("catalogue", "", repr(" ".join(args.words)), allowed)])
    for listed in found:
        days = f"{listed.first} to {listed.last}" if listed.first and listed.last else "days as there"
        origin = f"changes {listed.extends}" if listed.extends else "a history of its own"
        text = [listed.name, *_indented(listed.summary, width), *_indented(listed.question, width)]
        print("\n".join([*text, *_indented(f"({days}; {origin})", width), ""]))
    print(f"{len(found)} of {len(everything)} scenarios. `standoff show NAME --changes` says what one changes.")
    return 0


def _all_of(listed: Listed) -> str:
    """Return all that a scenario's file says of itself, for a search."""
    return " ".join((listed.name, listed.summary, listed.question, listed.extends)).casefold()


def _indented(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), initial_indent="  ", subsequent_indent="  ")


def _show(args: argparse.Namespace) -> int:
    from sim.scenario.describe import describe, to_json, to_toml
    from sim.scenario.load import load_scenario

    if args.changes and args.format != "text":
        raise UsageError(
            f"standoff show: --changes is text to read and has no form in {args.format}; leave out one of them"
        )
    loaded = load_scenario(args.scenario, args.settings)
    if args.changes:
        print(_changes(args.scenario, loaded), end="")
        return 0
    forms: dict[str, Callable[[Any], str]] = {"text": describe, "toml": to_toml, "json": to_json}
    print(forms[args.format](loaded), end="")
    return 0


def _changes(name_or_path: str, loaded: Scenario) -> str:
    """Return what a scenario changes in the one that it extends, or in itself where there is none."""
    from sim.scenario.changes import describe_changes
    from sim.scenario.load import load_scenario
    from sim.scenario.merge import read_chain

    chain = read_chain(name_or_path)
    return describe_changes(loaded, load_scenario(chain[max(len(chain) - 2, 0)].path))


def _check(args: argparse.Namespace) -> int:
    from sim.model import StandoffModel
    from sim.scenario.checks import check_references
    from sim.scenario.describe import shares_by_kind
    from sim.scenario.load import load_scenario
    from sim.scenario.remarks import remarks
    from sim.world.border import load_border

    status = 0
    for file in args.files:
        try:
            loaded = load_scenario(file)
            check_references(loaded, load_border(), file)
            StandoffModel(loaded).release()  # what only shows when the first hour is built
        except StandoffError as error:
            print(error, file=sys.stderr)
            status = error.exit_code
            continue
        counts = shares_by_kind(loaded)
        total = sum(counts.values())
        print(f"{file}: {loaded.name} is in order; {total} numbers, {counts['measured'] / total:.0%} measured")
        for remark in remarks(file, {}):
            print(f"{file}: {remark}")
    return status

"""``standoff list``, ``show`` and ``check``: what scenarios there are, what they say, whether a file is in order."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from sim.commands.arguments import Commands, scenario, settable
from sim.errors import StandoffError

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``list``, ``show`` and ``check``."""
    commands.add("list", _list, "list the published scenarios and what each asks")

    show = commands.add("show", _show, "show a scenario: every number with unit and source")
    scenario(show)
    settable(show)
    show.add_argument(
        "--format", choices=("text", "toml", "json"), default="text",
        help="text to read, or a form that loads back (default: %(default)s)",
    )  # fmt: skip

    check = commands.add("check", _check, "check scenario files and report every problem at once")
    check.add_argument("files", nargs="+", metavar="FILE", help="TOML file, or name of a published scenario")


def _list(args: argparse.Namespace) -> int:
    from sim.scenario.catalogue import list_scenarios

    width = min(100, shutil.get_terminal_size().columns)
    for number, listed in enumerate(list_scenarios()):
        text = [listed.name, *_indented(listed.summary, width), *_indented(listed.question, width)]
        print("\n".join([""] * (number > 0) + text))
    return 0


def _indented(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), initial_indent="  ", subsequent_indent="  ")


def _show(args: argparse.Namespace) -> int:
    from sim.scenario.describe import describe, to_json, to_toml
    from sim.scenario.load import load_scenario

    loaded = load_scenario(args.scenario, args.settings)
    forms: dict[str, Callable[[Any], str]] = {"text": describe, "toml": to_toml, "json": to_json}
    print(forms[args.format](loaded), end="")
    return 0


def _check(args: argparse.Namespace) -> int:
    from sim.model import StandoffModel
    from sim.scenario.checks import check_references
    from sim.scenario.describe import shares_by_kind
    from sim.scenario.load import load_scenario
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
    return status

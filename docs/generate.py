"""Write ``docs/odd-tables.md``: variables, cells, draws, menus, parameters and sources, from the code and a scenario.

``python docs/generate.py`` writes the page; ``--check`` only says whether it is as it should be (exit code 1 if not).
What can be read off a declaration is read off it, so that page and model cannot disagree; a test holds them together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel

from sim.agents.drill_dangers import DANGERS
from sim.agents.governments import SIDES
from sim.agents.guards import SERVICES
from sim.agents.habits import Habits
from sim.agents.incidents import INCIDENT_KINDS, MISREAD_SURVEY
from sim.agents.levers import Levers
from sim.agents.menus import MENUS
from sim.agents.states import (
    ABSORBING,
    COLUMNS,
    IN_BELARUS,
    KINDS,
    N_STATES,
    ORIGINS,
    OUTDOORS,
    TIMED,
    Cells,
    Outcome,
    State,
)
from sim.agents.tension import PAIR_NAMES, RUNGS
from sim.core.chance import Kind, Purpose
from sim.model import StandoffModel
from sim.record.make import make_record
from sim.scenario.catalogue import list_scenarios
from sim.scenario.evidence import find_source
from sim.scenario.load import load_scenario
from sim.scenario.quantity import Quantity
from sim.scenario.resolved import shares_by_kind, sources_of
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS, TABLES, in_words
from sim.world.barriers import LAYERS
from sim.world.border import COUNTRIES, TERRAINS, load_border

PAGE: Final = Path(__file__).parent / "odd-tables.md"
BASE: Final = "crisis-2021"
MOST_CELLS: Final = int(np.iinfo(np.uint16).max)
SMALL: Final = {"until": "2021-08-01", "migrants.people_scale": "0.01"}
"""The shortest run that measures everything once."""

HEAD: Final = f"""# Tables of the model

Generated from the code and from the scenario `{BASE}` by `python docs/generate.py`; do not edit. Rules stand in
[odd.md](odd.md), and `standoff show NAME` prints the numbers of any other scenario.
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; bars within cells are escaped."""
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines)


def numbered(names: Iterable[str]) -> str:
    """Return names with their numbers on one line."""
    return ", ".join(f"{number} {name}" for number, name in enumerate(names))


def variables() -> str:
    """Return the columns of a person and the codes that stand in them."""
    rows = [(f"`{c.name}`", np.dtype(c.dtype).name, c.unit, c.meaning) for c in COLUMNS]
    n_bytes = sum(np.dtype(column.dtype).itemsize for column in COLUMNS)
    codes = [
        ("country", numbered(COUNTRIES)),
        ("terrain", numbered(TERRAINS)),
        ("layer", numbered(LAYERS)),
        ("service of guards", numbered(SERVICES)),
        ("origin", numbered(ORIGINS)),
        ("outcome of an attempt", numbered(outcome.name.lower() for outcome in Outcome)),
    ]
    said = dict(line.strip().split(" : ", 1) for line in (Levers.__doc__ or "").splitlines() if " : " in line)
    levers = [(f"`{field.name}`", said[field.name]) for field in fields(Levers)]
    return "\n\n".join(
        [
            "## Variables of a person",
            f"{n_bytes} bytes a person.",
            table(("column", "dtype", "unit", "meaning"), rows),
            "## Codes",
            table(("what", "numbers"), codes),
            "## Levers",
            "What governments and services decided, by which alone it reaches the many.",
            table(("lever", "meaning"), levers),
        ]
    )


def cells() -> str:
    """Return states, kinds and places, and that their product fits the column.

    Raises:
        ValueError: more cells than a uint16 can number.
    """
    n_posts = len(load_border().posts)
    made = Cells(n_posts)
    if made.n > MOST_CELLS or made.n != N_STATES * len(KINDS) * (n_posts + 1):
        raise ValueError(f"{made.n:,} cells, of which a uint16 can number {MOST_CELLS:,}")
    rows = [
        (
            int(state),
            state.name.lower(),
            "fixed" if state in TIMED else "none" if state in ABSORBING else "by hazard",
            "outdoors" if state in OUTDOORS else "",
            "yes" if state in IN_BELARUS else "",
        )
        for state in State
    ]
    return "\n\n".join(
        [
            "## States × kinds × places",
            f"{N_STATES} states × {len(KINDS)} kinds of party ({', '.join(KINDS)}) × {n_posts + 1} places "
            f"({n_posts} guard posts and 'not at the line') = {made.n:,} cells ≤ {MOST_CELLS:,}.",
            table(("no.", "state", "end of a stay", "exposed", "in Belarus"), rows),
        ]
    )


def _members(kind: type[IntEnum]) -> str:
    return ", ".join(f"{member.name.lower()} {int(member)}" for member in kind)


def draws() -> str:
    """Return the numbers of kinds and purposes in a draw."""
    return "\n\n".join(["## Numbers in a draw", f"*Kinds:* {_members(Kind)}.", f"*Purposes:* {_members(Purpose)}."])


def few(scenario: Scenario) -> str:
    """Return who deliberates, what each may choose and how readily, the ladder, and the kinds of incidents."""
    habits = Habits(scenario)
    menus = [
        (
            SIDES.index(name),
            name,
            option.kind,
            f"{option.again_after_days:g}",
            f"{habits.per_day(name, option.kind):.3f}",
        )
        for name, menu in MENUS.items()
        for option in menu
    ]
    incidents = [
        (kind.name, f"{kind.share:g}", f"{kind.second_end_share:g}", f"{kind.goldstein:g}", kind.text)
        for kind in (*INCIDENT_KINDS, MISREAD_SURVEY)
    ]
    return "\n\n".join(
        [
            "## Menus of governments",
            f"Rates are those of `{BASE}`, a day, while the option is open; conditions stand in `sim/agents/menus.py`.",
            table(("no.", "side", "kind of act", "rests, days", "rate, 1/day"), menus),
            "## Tension",
            f"*Pairs:* {numbered(PAIR_NAMES)}.",
            "*Rungs:* " + ", ".join(f"{number} {name}" for number, name in enumerate(RUNGS, start=1)) + ".",
            "## Incidents",
            f"*Dangers of drills:* {numbered(DANGERS)}.",
            table(("kind", "share", "share laid to the second end", "Goldstein weight", "what is reported"), incidents),
        ]
    )


def measured() -> str:
    """Return the variables of the record, with dimensions, types and units, from one short run."""
    model = StandoffModel(load_scenario(BASE, SMALL), seed=1)
    model.run()
    record = make_record(model)
    model.release()
    rows = [
        (f"`{name}`", ", ".join(map(str, array.dims)), array.dtype.name, array.attrs["units"], array.attrs["long_name"])
        for name, array in sorted(record.data_vars.items())
    ]
    return "\n\n".join(["## Measured variables", table(("variable", "dimensions", "dtype", "unit", "meaning"), rows)])


def parameters(scenario: Scenario) -> str:
    """Return every parameter with value, unit, range, bounds and source, then the columns of the tables of rows."""
    parts = ["## Parameters"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in shares_by_kind(scenario).items() if count)
    parts.append(f"Numbers of `{BASE}` by kind of source: {kinds}.")
    for key, section in SECTIONS.items():
        rows = [
            _parameter(getattr(getattr(scenario, key), name), name, field.description or "")
            for name, field in section.model_fields.items()
        ]
        parts += [f"### `[{key}]`", table(("parameter", "value", "range", "source", "meaning, and why"), rows)]
    parts.append("## Tables of rows")
    for key, kind in TABLES.items():
        parts += [f"### `[[{key}]]`, {len(getattr(scenario, key))} rows in `{BASE}`", _columns(kind)]
    return "\n\n".join(parts)


def _parameter(value: object, name: str, meaning: str) -> tuple[str, ...]:
    if not isinstance(value, Quantity):
        return (f"`{name}`", "on" if value is True else "off" if value is False else str(value), "", "", meaning)
    unit = "" if value.unit == "1" else f" {value.unit}"
    reach = "" if value.low is None or value.high is None else f"{value.low:g} … {value.high:g}"
    why = f"{meaning}: {value.because}" if value.because else meaning
    return (f"`{name}`", f"{value.value:g}{unit}", reach, value.source, why)


def _columns(kind: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", in_words(field.annotation, field.metadata), field.description or "")
        for name, field in kind.model_fields.items()
    ]
    return table(("column", "allowed", "meaning"), rows)


def sources(scenario: Scenario) -> str:
    """Return the evidence that the scenario cites."""
    rows = []
    for source_id in sources_of(scenario):
        source = find_source(source_id)
        rows.append((source_id, source.statement, source.source))
    return "\n\n".join(["## Sources", table(("id", "statement", "source"), rows)])


def catalogue() -> str:
    """Return the published scenarios with the question that each puts."""
    scenarios = [load_scenario(listed.name) for listed in list_scenarios()]
    rows = [(f"`{s.name}`", " ".join(s.question.split()), " ".join(s.expectation.split())) for s in scenarios]
    heads = ("scenario", "question", "expected before any run")
    return "\n\n".join(["## Scenarios", f"{len(rows)} are published.", table(heads, rows)])


def page() -> str:
    """Return the whole page."""
    scenario = load_scenario(BASE)
    parts = [
        HEAD.rstrip(),
        cells(),
        variables(),
        draws(),
        few(scenario),
        measured(),
        parameters(scenario),
        catalogue(),
        sources(scenario),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with ``--check`` compare it; return the exit code."""
    text = page()
    if "--check" in arguments:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print(f"{PAGE.name} is {'as generated' if same else 'stale: run python docs/generate.py'}")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.name}, {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

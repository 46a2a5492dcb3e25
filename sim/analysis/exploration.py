"""The results folder of an exploration: its table, a codebook, what made it; and what its figures say at their head.

One folder answers one question: the same one may be asked again, of more runs or more settings, but another one would
write over what the first one found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.errors import OutputError
from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.runs.ensemble.gather import about
from sim.runs.ensemble.member import Luck, code_hash
from sim.runs.ensemble.seeds import seeds_in_words
from sim.runs.ensemble.store import write_whole
from sim.runs.provenance import make_manifest, manifest_bytes
from sim.runs.results import refuse, told_before
from sim.runs.weights import one_for_many
from sim.scenario.resolved import scenario_hash

if TYPE_CHECKING:
    import pandas as pd
    from xarray import Dataset

    from sim.scenario.schema import Scenario

__all__ = ["Question", "heading", "keep"]

_FIGURES: Final = {"sensitivity": ("sensitivity",), "box": ("discovery",), "sweep": ("frontier", "lever-[0-9]*-*")}
"""Figures of each kind of exploration, as patterns of their names."""
_KINDS: Final = {"sensitivity": "a sensitivity analysis", "box": "a discovery", "sweep": "a sweep"}
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Question:
    """What an exploration asks, which its results folder answers alone; how many runs it takes is no part of it.

    Attributes
    ----------
    kind : ``sensitivity``, ``box`` or ``sweep``
    scenario : the resolved scenario whose numbers are varied; of a sweep, its first setting
    varied : what each key is varied over: both ends of a range, or the values of a sweep, to which more may be added
    fixed : what else must be the same, by its name in words
    outcomes : those that its table holds, to which more may be added; empty if that is fixed
    """

    kind: str
    scenario: Scenario
    varied: Mapping[str, Sequence[Any]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    outcomes: Sequence[str] = ()

    def facts(self) -> dict[str, Any]:
        """Return it as a manifest holds it, beside its scenario."""
        varied = {key: list(values) for key, values in self.varied.items()}
        more = {"outcomes": list(self.outcomes)} if self.outcomes else {}
        return {"vary" if self.kind == "sweep" else "varied": varied, **self.fixed, **more}

    def check(self, folder: Path) -> None:
        """Refuse a results folder that answers another question of the same kind.

        Raises
        ------
        OutputError
            If it does; what is there is named.
        ResultsError
            If its manifest is damaged, or lacks what those of explorations tell.
        """
        what = told_before(folder)
        if what is None:
            return
        try:
            apart = self._apart(what)
        except (KeyError, TypeError, AttributeError) as error:
            place, wanted = folder / "manifest.json", "name another folder by --out"
            raise refuse(place, f"a manifest that does not tell what {_KINDS[self.kind]} asked", wanted) from error
        if apart:
            raise OutputError(
                f"--out: found '{folder}', which holds {_KINDS[self.kind]} {apart}; its tables would be lost: name "
                "another folder beside it, which takes over the runs that fit"
            )

    def _apart(self, what: Mapping[str, Any]) -> str:
        """Return in words what a manifest asks otherwise; empty if it is the same, or less."""
        asked = self.facts()
        name = what["scenario"]["name"]
        if name != self.scenario.name:
            return f"of the scenario '{name}'"
        for word in self.fixed:
            if what.get(word, asked[word]) != asked[word]:
                return f"of another {word.replace('_', ' ')} ({what[word]})"
        place = "vary" if self.kind == "sweep" else "varied"
        there, here = what[place], asked[place]
        if set(there) != set(here):
            named = [*there][:_MOST_NAMED]
            left = f" and {len(there) - len(named)} more" if len(there) > len(named) else ""
            return f"of other keys ({', '.join(named)}{left})"
        for key, values in there.items():
            if not set(values) <= set(here[key]) or (self.kind != "sweep" and values != here[key]):
                return f"of other values of {key} ({', '.join(map(str, values))})"
        if what["scenario_hash"] != scenario_hash(self.scenario):
            first = ", or of another first setting" if self.kind == "sweep" else ""
            return f"of '{name}' under other settings{first}"
        lost = [outcome for outcome in what.get("outcomes", ()) if outcome not in self.outcomes]
        return f"of other outcomes ({', '.join(lost)}), which can be asked for beside these" if lost else ""


def heading(scenario: Scenario, seeds: Sequence[int], n_runs: int, others: Sequence[Scenario] = ()) -> Dataset:
    """Return what the header of a figure asks for: names, seeds, days and how many runs there were.

    `others` are further settings that the figure shows: its days are then the first to the last of any of them, and
    what the header tells of `scenario` alone is named in the attribute ``by_setting``.
    """
    import pandas as pd

    settings = [scenario, *others]
    first, last = min(one.start for one in settings), max(one.until for one in settings)
    told = pd.DataFrame(index=pd.date_range(first, last, name="day")).to_xarray()
    apart: dict[str, set[Any]] = {
        "days": {(one.start, one.until) for one in settings},
        "people_scale": {float(one.migrants.people_scale) for one in settings},
        "people_per_agent": {one.people_per_agent for one in settings},
    }
    by_setting = tuple(name for name, values in apart.items() if len(values) > 1)
    told.attrs = {
        **about(scenario, [Luck(seed) for seed in seeds]), "n_members": f"{n_runs:,}", "by_setting": by_setting,
    }  # fmt: skip
    return told


def keep(
    folder: Path,
    question: Question,
    table: pd.DataFrame,
    meanings: Mapping[str, str],
    seeds: Sequence[int],
    command: str,
    started: datetime,
    more: Mapping[str, Any],
) -> None:
    """Write ``tables/KIND.csv`` with floats to six digits after the point, its codebook, and ``manifest.json``.

    Figures of the same kind that an earlier call left in the folder are removed: they show another table.

    Parameters
    ----------
    folder : results folder, which is there
    question : what was asked, of which scenario
    meanings : of each column of `table`
    seeds : of the runs
    command : command line to be noted
    started : when the analysis began
    more : what else shapes the results

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    name, scenario = question.kind, question.scenario
    _remove_figures(folder, name)
    import pandas as pd

    rows = [(column, meanings[column]) for column in table.columns]
    weights = one_for_many(scenario)
    rows += [("weights", weights)] if weights else []
    rows += [("limits", " ".join(LIMITS)), ("attribution", MAP_ATTRIBUTION)]
    book = pd.DataFrame(rows, columns=["name", "meaning"])
    for stem, one in ((name, table.round(6)), ("codebook", book)):
        write_whole(folder / "tables" / f"{stem}.csv", one.to_csv(index=False, lineterminator="\n").encode())
    facts = {"kind": name, "code_hash": code_hash(), "seeds": seeds_in_words(list(seeds))}
    facts |= {**question.facts(), **more}
    manifest = make_manifest(scenario, None, command, folder, {}, started, facts)
    write_whole(folder / "manifest.json", manifest_bytes(manifest))


def _remove_figures(folder: Path, name: str) -> None:
    for pattern in _FIGURES[name]:
        for path in [*(folder / "figures").glob(f"{pattern}.png"), *(folder / "figures").glob(f"{pattern}.svg")]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"{path}: found an earlier figure that cannot be removed ({error.strerror})"
                ) from error

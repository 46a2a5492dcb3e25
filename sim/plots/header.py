"""What every figure says at its head and foot: what was run, over which days, under which luck; sources and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.limits import LIMITS

from .words import period

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["small_print", "subtitle"]

_ONE_HISTORY: Final = "one run, one history"


def subtitle(record: Dataset) -> str:
    """Return the line under the title: which scenario, which days, which seeds, and that it is one history or many.

    Where several settings are shown, the attribute ``by_setting`` names what each has of its own: ``days`` (then those
    of the record span all), ``people_scale``, ``people_per_agent``.
    """
    attrs = record.attrs
    own = attrs.get("by_setting", ())
    scenario = str(attrs.get("scenario", "scenario not named"))
    seed = attrs.get("seed", "not named")
    scale = float(attrs.get("people_scale", 1.0))
    people = "" if scale == 1.0 else f" · people × {scale:g}, so are all counts"
    if "people_scale" in own:
        people = " · people scaled by setting, so are all counts"
    each = int(attrs.get("people_per_agent", 1))
    if "people_per_agent" in own:
        people += " · people an agent stands for differ by setting"
    else:
        people += "" if each == 1 else f" · one agent stands for {each:,} people"
    people += f" · changed: {attrs['changed']}" if "changed" in attrs else ""
    people += f" · branched {attrs['branched']}" if "branched" in attrs else ""
    days = ("days by setting, within " if "days" in own else "") + period(record["day"].values)
    if "n_members" in attrs:
        return f"Scenario {scenario}{people} · {days} · {attrs['n_members']} simulated runs, seeds {seed}"
    return f"Scenario {scenario}{people} · {days} · seed {seed} · simulated: {_ONE_HISTORY}"


def small_print(record: Dataset, credit: str, notes_below: str) -> tuple[str, ...]:
    """Return the lines at the foot of a figure: how to read it, sources and licence, the two limits."""
    sources = str(record.attrs.get("sources", "")).strip().rstrip(".")
    source = f"Source: border-standoff (model under MIT licence); {sources or 'data as listed with the run'}"
    named_sources = f"{source}. {credit}".strip()
    return tuple(filter(None, [notes_below, named_sources, *LIMITS]))

"""Entries of the chronicle as short flags: which matter most, and in how few words."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Final

from .flags import Flag
from .style import BLUE, GREY, VERMILION
from .timeline import entry_times
from .words import KIND_NAMES, count, named, short_text, thousands

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["flags_of", "left_out_note"]

_WEIGHTS: Final = {
    "clear_camp": 9.0,
    "gather_camp": 9.0,
    "flight_ban": 8.0,
    "close_crossing": 8.0,
    "soldier_deaths": 8.0,
    "repatriation_flight": 7.0,
    "phone_call": 7.0,
    "sanctions": 7.0,
    "reinforce": 6.5,
    "group_crossing": 6.0,
    "drill": 6.0,
    "incident": 5.5,
    "support": 5.0,
    "let_back": 5.0,
    "emergency": 5.0,
    "law": 4.0,
    "threat": 4.0,
    "deploy": 4.0,
    "engineers": 3.0,
    "protest": 2.0,
    "statement": 2.0,
}
"""How much a kind of entry matters for a flag, 0–10: what changed the lives of people goes before words."""

_PEOPLE: Final = {"group_crossing", "repatriation_flight", "clear_camp", "gather_camp", "reinforce"}
_EAST: Final = ("Minsk", "Moscow", "Russia", "Belarus")


def flags_of(chronicle: DataFrame, *, longest: int = 62, without: tuple[str, ...] = ()) -> list[Flag]:
    """Return one flag for each entry of the chronicle but those of the kinds `without`.

    Of several entries of one kind and actor the first counts whole and each later one less, so that a long series does
    not crowd out what happened once.
    """
    seen: dict[tuple[str, str], int] = {}
    flags = []
    for at, (_, entry) in zip(entry_times(chronicle), chronicle.iterrows(), strict=True):
        kind, actor = str(entry["kind"]).replace(" ", "_"), str(entry["actor"])
        if kind in without:
            continue
        size = float(entry["size"]) if entry["size"] == entry["size"] else 0.0
        repeats = seen[kind, actor] = seen.get((kind, actor), 0) + 1
        weight = _WEIGHTS.get(kind, 3.0) + min(log10(1.0 + max(size, 0.0)), 4.0) / 2 - 0.9 * min(repeats - 1, 5)
        text = f"{actor}: {named(kind, KIND_NAMES)}"
        place = str(entry["place"])
        if place and place != "nan" and kind in ("group_crossing", "incident", "drill"):
            text += f", {place}"
        if kind in _PEOPLE and size >= 1:
            text += f", {thousands(size)}"
        if bool(entry.get("simulated", str(entry["claimant"]) == "the model")):
            text, weight = f"{text} (simulated)", weight - 1.5
        colour = VERMILION if actor.startswith(_EAST) else BLUE if kind != "drill" else GREY
        flags.append(Flag(float(at), short_text(text, longest), weight, colour))
    return flags


def left_out_note(n_all: int, n_left_out: int) -> str:
    """Return how many entries have a flag and where the others are."""
    if n_all == 0:
        return "The chronicle of these days is empty"
    if n_left_out == 0:
        return f"All entries of the chronicle flagged ({thousands(n_all)})"
    return f"{n_all - n_left_out} of {count(n_all, 'entry', 'entries')} of the chronicle flagged; the table has all"

"""Phrases of which stories are made: numbers, days, places, parties, nights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from sim.world.border import load_border

if TYPE_CHECKING:
    from sim.runs.story.events import Night
    from sim.runs.story.life import Story

__all__ = [
    "across_from", "country_of", "day_words", "listed", "nights_in_words", "number", "one_of", "ordinal",
    "party_in_words", "people_left", "person", "post_words", "spelled", "times", "where",
]  # fmt: skip

_NUMBERS: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS: Final = (
    "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
    "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth",
    "Nineteenth",
)  # fmt: skip
_COUNTRIES: Final = ("Poland", "Lithuania", "Latvia")
_STATES: Final[dict[str, str]] = {
    "minsk": "in Minsk or another town",
    "ride": "on the way to the line",
    "line": "in the woods on the Belarusian side, {}",
    "camp": "in the camp at the line, {}",
    "centre": "in the centre at Bruzgi, under a roof",
    "inside": "inside the EU, near the line by {}",
    "road_west": "on the road west",
    "returning": "on the way back to the line, returned without procedure",
    "hospital_belarus": "in a hospital in Belarus",
    "hospital_eu": "in a hospital in {country}",
    "custody": "in a guarded centre in {country}",
    "procedure": "in an asylum procedure in {country}",
    "going_home": "in Belarus, waiting for a flight home",
    "west": "in Germany",
    "home": "home again",
    "dead": "dead",
}


def number(n: int) -> str:
    """Return a count in words up to twelve, in figures above."""
    return _NUMBERS[n] if n <= 12 else f"{n:,}"


def spelled(n: int) -> str:
    """Return a count to begin a sentence with: ``Seven``, ``Forty-one``; in figures from a hundred."""
    if n < len(_NUMBERS):
        return _NUMBERS[n].capitalize()
    if n >= 100:
        return f"{n:,}"
    return (_TENS[n // 10 - 2] + (f"-{_NUMBERS[n % 10]}" if n % 10 else "")).capitalize()


def ordinal(n: int) -> str:
    """Return ``First`` … ``Nineteenth``, ``Twentieth``, ``Thirty-first``; in figures from a hundred."""
    if n < len(_ORDINALS):
        return _ORDINALS[n]
    if n >= 100:
        ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
        return f"{n:,}{ending}"
    ten = _TENS[n // 10 - 2]
    return (f"{ten}-{_ORDINALS[n % 10]}" if n % 10 else f"{ten[:-1]}ieth").capitalize()


def times(n: int) -> str:
    """Return ``once``, ``twice``, ``three times`` …"""
    return {1: "once", 2: "twice"}.get(n, f"{number(n)} times")


def listed(parts: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def day_words(day: date) -> str:
    """Return a day in full, as ``Tuesday 9 November 2021``."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


@cache
def _country_by_post() -> dict[str, str]:
    posts = load_border().posts
    return {name: _COUNTRIES[code] for name, code in zip(posts.name, posts.country, strict=True)}


def country_of(post: str) -> str:
    """Return the country of a guard post, ``the EU`` away from the line."""
    return _country_by_post().get(post, "the EU")


def post_words(post: str) -> str:
    """Return the stretch of a guard post: ``Kuźnica``, ``Michałowo (southern stretch)``."""
    for ending, words in ((" south", "southern"), (" north", "northern")):
        if post.endswith(ending):
            return f"{post.removesuffix(ending)} ({words} stretch)"
    return post


def across_from(post: str) -> str:
    """Return where people are who wait or try over against a guard post: ``across from Kuźnica, Poland``."""
    return f"across from {post_words(post)}, {country_of(post)}"


def where(state: str, post: str) -> str:
    """Return where somebody in a state is; `post` is empty away from the line."""
    words = _STATES[state]
    if "{country}" in words:
        return words.format(country=country_of(post))
    return words.format(f"{post_words(post)}, {country_of(post)}" if state == "inside" else across_from(post))


def _degrees(value: float) -> str:
    return f"{round(value)}\u00a0°C".replace("-", "−")


def nights_in_words(nights: Sequence[Night]) -> str:
    """Return the nights outdoors that followed, with the coldest and how many were wet."""
    n, wet = len(nights), sum(night.wet for night in nights)
    felt = _degrees(min(night.felt_c for night in nights))
    if n == 1:
        return f"One night outdoors followed; it felt like {felt}{' and was wet' * bool(wet)}."
    all_wet = ", both wet" if n == 2 else ", all of them wet"
    rain = "" if not wet else all_wet if wet == n else f", {number(wet)} of them wet"
    return f"{spelled(n)} nights outdoors followed, the coldest felt like {felt}{rain}."


def _folk(n_adults: int, n_children: int) -> str:
    parts = [f"{number(n)} {one if n == 1 else many}" for n, one, many in (
        (n_adults, "adult", "adults"), (n_children, "child", "children")) if n]  # fmt: skip
    return listed(parts)


def party_in_words(story: Story) -> str:
    """Return who is told of, with whom they set out, where from, and how to read *they* and the clock."""
    party = story.party
    n_children = sum(member.child for member in party.members)
    n_adults = len(party.members) - n_children
    child = party.members[story.own].child
    origin = "another country than Iraq and Syria" if party.origin == "other" else party.origin
    if len(party.members) == 1:
        who = f"{'A child' if child else 'One person'} alone, from {origin}."
    elif party.kind == "family":
        n = n_children if child else n_adults
        one = "child" if child else "adult"
        role = f"The {one}" if n == 1 else f"One of the {number(n)} {'children' if child else 'adults'}"
        who = f"{role} of a family of {number(len(party.members))} ({_folk(n_adults, n_children)}), from {origin}."
    else:
        who = f"One of {number(len(party.members))} friends who travel together, from {origin}."
    told = "this child" if child else "this person"
    they = f"“They” are {told} and whoever is still with them. " if len(party.members) > 1 else ""
    return (
        f"{who} {they}Days and hours are those of Warsaw; Minsk was one hour ahead, from 31 October 2021 to 27 March "
        "2022 two. Stretches of the line have the names of guard posts on the EU side."
    )


def person(story: Story) -> str:
    """Return how the person told of is called apart from those with them, to begin a sentence with."""
    return "This child" if story.party.members[story.own].child else "This person"


def one_of(story: Story, others: Sequence[int]) -> str:
    """Return others of the party by their role: ``one of the two children``, ``the other adult``, ``two friends``."""
    members = story.party.members
    chosen = [members[at] for at in others]
    if story.party.kind != "family":
        n_friends = len(members) - 1
        if len(chosen) == n_friends:
            return "the friend" if n_friends == 1 else f"the {number(n_friends)} friends"
        return f"{number(len(chosen))} of the {number(n_friends)} friends"
    parts = []
    for child, one, many in ((False, "adult", "adults"), (True, "child", "children")):
        n = sum(member.child == child for member in chosen)
        told_of_same = members[story.own].child == child
        n_all = sum(member.child == child for member in members) - told_of_same
        other = "other " * told_of_same
        if n and n == n_all:
            parts.append(f"the {other}{one}" if n == 1 else f"the {other}{number(n)} {many}")
        elif n:
            parts.append(f"{number(n)} of the {other}{number(n_all)} {many}")
    return listed(parts)


def people_left(n_together: int) -> str:
    """Return how many are still together, to end a sentence about them."""
    return f", {number(n_together)} of them together" if n_together > 1 else ""

"""The words of a story: each kind of event in the life of a simulated person as a sentence.

*They* are the person told of and whoever is still with them, be it nobody. No name, no sex, no feeling is made up:
the model knows none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sim.runs.story.phrases import across_from, country_of, number, one_of, ordinal, person, post_words, where

if TYPE_CHECKING:
    from sim.runs.story.events import Event
    from sim.runs.story.life import Story

__all__ = ["sentence"]

_HANDS: Final = ("returning", "custody", "procedure")


def _hands(event: Event) -> str:
    """Return what became of people in the hands of the EU side."""
    country = country_of(event.place)
    if event.to_state == "custody":
        return f"taken to a guarded centre in {country}"
    if event.to_state == "procedure":
        return f"let into the asylum procedure in {country}, since the guarded centres were full"
    return "returned without procedure"


def _attempt(event: Event, story: Story) -> str:
    manner = {
        "in_group": ", in a group crossing",
        "beside_group": ", by themselves or in the group crossing of that hour",
    }.get(event.manner, "")
    ending = {
        "turned_back": "at the barrier they gave up and turned back",
        "prevented": "they were stopped at the barrier",
        "stopped_or_turned_back": "they were stopped at the barrier or turned back there",
        "caught": f"they got over, were caught inside and {_hands(event)}",
        "seen_inside": "they were seen, but got inside",
        "unseen_inside": "they got inside unseen",
    }[event.ending]
    text = f"{ordinal(event.attempt)} attempt{manner}, across from {post_words(event.place)}: {ending}"
    return f"{text}; the border guard counted it." if event.counted and event.ending != "caught" else f"{text}."


def _found(event: Event, story: Story) -> str:
    how = {
        "yes": "They asked for asylum",
        "perhaps": "They were found inside or asked for asylum (the books of that hour leave it open)",
    }.get(event.asked_for_asylum, "They were found inside")
    return f"{how} and were {_hands(event)}."


def _rode(event: Event, story: Story) -> str:
    return f"They left Minsk for the line: the stretch {across_from(event.place)}."


def _landed(event: Event, story: Story) -> str:
    return f"They came to Minsk by way of {story.party.route}." if story.party.route else "They came to Minsk."


def _present(event: Event, story: Story) -> str:
    behind = f", with {number(event.attempt)} attempt{'s' * (event.attempt != 1)} behind them" if event.attempt else ""
    return f"When the run began, they were {where(event.to_state, event.place)}{behind}."


def _back_at_line(event: Event, story: Story) -> str:
    if event.place != event.from_place:
        by = "carried by Belarusian services or on foot"
        return f"Along the line, {by}, they came to the woods {across_from(event.place)}."
    return "They were back in the woods on the Belarusian side."


def _to_hospital(event: Event, story: Story) -> str:
    country = country_of(event.place) if event.to_state == "hospital_eu" else "Belarus"
    family = event.n_together > 1
    if event.patient:
        return f"{person(story)} fell ill and was taken to a hospital in {country}{', the family along' * family}."
    return f"Somebody with them fell ill; all of them were taken to a hospital in {country}."


def _discharged(event: Event, story: Story) -> str:
    if event.to_state in _HANDS:
        return f"Out of hospital, they were {_hands(event)}."
    return f"Out of hospital, they were {where(event.to_state, event.place)}."


def _died(event: Event, story: Story) -> str:
    if event.ending == "drowned":
        return f"{person(story)} drowned in the river at the line, in the {ordinal(event.attempt).lower()} attempt."
    nights = sum(night.hour <= event.hour for night in story.nights)
    after = f", after {number(nights)} night{'s' * (nights != 1)} outdoors" if nights else ""
    return f"{person(story)} fell ill and died {where(event.from_state, event.from_place)}{after}."


def _companion_died(event: Event, story: Story) -> str:
    who = one_of(story, event.others)
    if event.ending == "drowned":
        return f"{who[0].upper()}{who[1:]} drowned in the river at the line, in an attempt."
    return f"{who[0].upper()}{who[1:]} fell ill and died {where(event.from_state, event.from_place)}."


def _parted(event: Event, story: Story) -> str:
    who = one_of(story, event.others)
    capital = f"{who[0].upper()}{who[1:]}"
    if story.is_final_at(event.hour):
        return f"{capital} went on."
    if story.state_at(event.hour).startswith("hospital"):
        return f"{capital} stayed behind."
    if event.to_state.startswith("hospital"):
        verb = "were" if len(event.others) > 1 else "was"
        rest = "they went on alone" if event.n_together == 1 else "the others went on"
        return f"{capital} fell ill and {verb} taken to hospital; {rest}."
    return f"They were parted from {who}."


def _fixed(text: str) -> Callable[[Event, Story], str]:
    return lambda event, story: text


_SENTENCES: Final[dict[str, Callable[[Event, Story], str]]] = {
    "present": _present,
    "landed": _landed,
    "rode": _rode,
    "turned_home": _fixed("They gave up, and waited in Belarus for a flight home."),
    "left_off_in_minsk": _fixed("They gave up, or could not pay to go on, and waited in Belarus for a flight home."),
    "reached_line": lambda event, story: f"They reached the woods {across_from(event.place)}.",
    "reached_camp": lambda event, story: f"They reached the camp at the line, {across_from(event.place)}.",
    "gathered": lambda event, story: (
        f"Belarusian services gathered them into the camp at the line, {across_from(event.place)}."
    ),
    "cleared_to_woods": lambda event, story: (
        f"The camp was emptied; they were in the woods {across_from(event.place)} again."
    ),
    "cleared_to_centre": _fixed("The camp was emptied; they were taken to the centre at Bruzgi, under a roof."),
    "cleared_to_towns": _fixed("The camp was emptied and the centre was full; they were taken back to the towns."),
    "refused": _fixed("They wished to go back to Minsk and were not let: Belarusian services kept them at the line."),
    "rested_in_town": _fixed("They went back to a town for some days under a roof, before another try."),
    "let_back": _fixed("They wished to go back and were let: they waited in Belarus for a flight home."),
    "left_centre": lambda event, story: f"They left the centre for the line, the woods {across_from(event.place)}.",
    "aided": _fixed("An aid group found them and helped."),
    "not_fetched": _fixed("A driver asked for more than they had; they stayed where they were."),
    "no_flight": _fixed("They could not pay for a flight home, and waited for a seat to be given."),
    "picked_up": _fixed("They were picked up and were on the road west."),
    "found": _found,
    "stopped_on_road": lambda event, story: f"On the road west they were stopped and {_hands(event)}.",
    "back_at_line": _back_at_line,
    "to_hospital": _to_hospital,
    "discharged": _discharged,
    "heard": _fixed("They were let over the line to have a claim heard, and waited in the asylum procedure."),
    "released": _fixed("They were released and went on, on the road west."),
    "west": _fixed("They reached Germany."),
    "flown_home": _fixed("They flew home."),
    "attempt": _attempt,
    "died": _died,
    "companion_died": _companion_died,
    "parted": _parted,
    "rejoined": lambda event, story: f"They were joined again by {one_of(story, event.others)}.",
    "weakened": _fixed(""),
    "moved": lambda event, story: f"They were now {where(event.to_state, event.place)}.",
}


def sentence(event: Event, story: Story) -> str:
    """Return an event as a sentence or two.

    Raises
    ------
    KeyError
        If there are no words for its kind.
    """
    text = _SENTENCES[event.kind](event, story)
    if event.weakened == "fell_ill":
        text += f" {person(story)} fell ill and went on, weaker."
    elif event.weakened:
        text += f" {person(story)} was hurt and went on, weaker."
    return text.strip()
